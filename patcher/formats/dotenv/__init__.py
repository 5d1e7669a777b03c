"""Files of environment variables: a reader for each program, and one planner with the rules of all.

May use: what formats share.
Begin with: editor.
Order: editor, plan, scan, rules, compose, decouple, go, node, python.
"""
