"""YAML 1.2, in blocks and in brackets.

May use: what formats share.
Begin with: editor.
Order: editor, events, plan, tree, put, flow, lines, render, walk, nodes, meaning, scalar.
"""
