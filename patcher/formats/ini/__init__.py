"""INI: sections of keys.

May use: what formats share.
Begin with: editor.
Order: editor, plan, scan.
"""
