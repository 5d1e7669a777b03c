"""XML, as programs keep settings in it.

May use: what formats share.
Begin with: editor.
Order: editor, plan, style, scan, text.
"""
