"""Editing the text of one file: splices are planned, made, and proved by a reader that planned none.

May use: secrets, ground.
Begin with: editing.
Order: ini, json, merge, toml, xml, yaml, editing, lines, proof, syntax, brackets, changes, linewise,
text, lookup, order, ops.

A group in a pattern that gives nothing back is `(?>(?:...)*)`, not `(?:...)*+`: before Python 3.11.5 that
may end where its last, failing try has got to (https://github.com/python/cpython/issues/106052).
"""
