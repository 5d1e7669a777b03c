"""TOML 1.0, and what 1.1 allows besides.

May use: what formats share.
Begin with: editor.
Order: editor, read, steps, plan, toml_1_1, add, brackets, drop, layout, scan, write, lex.
"""
