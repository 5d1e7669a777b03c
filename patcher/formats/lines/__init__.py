"""Syntaxes of one setting a line: dotenv, KEY=VALUE, Mozilla's prefs, and a file that is one value.

May use: what formats share.
Begin with: flat.
Order: dotenv, keyvalue, plain, prefs, prefs_read, flat.
"""
