"""Words in, exit code out, and what a person sees in between.

May use: every other wing.
Begin with: main.
Order: commands, main, command_table, config, execute, patch_report, questions, shells, tool_report,
trial, homes, options, patching, completion, guard, prompts, session, report, diff, tables.
"""
