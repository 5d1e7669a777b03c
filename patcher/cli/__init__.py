"""Words in, exit code out, and what a person sees in between.

May use: every other wing.
Begin with: main.
Order: commands, main, command_table, config, patch_report, edits, shells, tool_report, trial, homes,
parameters, patching, execute, busy, key_source, completion, guard, prompts, session, options, report,
diff, tables.
"""
