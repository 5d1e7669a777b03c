"""Syntaxes of one setting a line: Mozilla's prefs, and a file that is one value.

May use: what formats share.
Begin with: flat.
Order: plain, prefs, prefs_read, dialects, flat.
"""
