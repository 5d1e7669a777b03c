"""The commands, each under its own name; a module is imported when its command runs.

May use: what the command line may.
Begin with: patch.
Order: check, completion, export, history, key, list, patch, profile, show, status, undo, guided,
import_file, prove, check_through, findings, verdict.
"""
