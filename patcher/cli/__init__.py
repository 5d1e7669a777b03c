"""Words in, exit code out, and what a person sees in between.

May use: every other wing.
Begin with: main.
Order: commands, main, command_table, config, edits, offline, patch_report, prompts, shells,
tool_report, trial, unknown_choice, homes, child, notes, parameters, tool_state, completion, guard,
key_source, patching, busy, execute, session, options, report, diff, tables.
"""

import atexit
import gc

# What a run imports and reads stays to its end: to look for garbage in it, then too, is a tenth of the run.
gc.set_threshold(100_000)
atexit.register(gc.freeze)
