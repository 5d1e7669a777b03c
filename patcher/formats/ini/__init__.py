"""INI, sections of keys, and KEY=VALUE, keys alone.

May use: what formats share.
Begin with: editor.
Order: editor, plan, sections, scan, rules, read_configparser, read_glib, read_npm, read_qt,
read_shell_gpt, read_tgpt, read_windows.
"""
