"""Editing the text of one file: splices are planned, made, and proved by a reader that planned none.

May use: secrets, ground.
Begin with: editing.
Order: dotenv, ini, json, merge, toml, xml, yaml, brackets, editing, lines, linewise, proof, syntax,
changes, text, lookup, order, ops.
"""
