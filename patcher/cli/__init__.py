"""Words in, exit code out, and what a person sees in between.

May use: every other wing.
Begin with: main.
Order: commands, main, command_table, config, edits, patch_report, prompts, shells, trial, tool_state,
unknown_choice, offline, homes, parameters, tool_report, completion, guard, key_source, patching, busy,
execute, session, options, report, diff, tables.
"""
