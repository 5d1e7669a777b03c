"""JSON, with comments (JSONC), and JSON5.

May use: what formats share.
Begin with: editor.
Order: editor, json5_judge, json5_read, plan, read, style, spans.
"""
