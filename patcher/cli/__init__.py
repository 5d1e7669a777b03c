"""Words in, exit code out, and what a person sees in between.

May use: every other wing.
Begin with: main.
Order: commands, main, command_table, config, edits, offline, patch_report, prompts, shells,
tool_report, trial, unknown_choice, homes, child, notes, parameters, tool_state, completion, guard,
key_source, patching, busy, execute, session, options, report, diff, tables.
"""

import gc

gc.set_threshold(100_000)  # what is imported and read stays: to look for garbage in it is a tenth of a run
