"""Syntaxes of one setting a line: dotenv, Mozilla's prefs, and a file that is one value.

May use: what formats share.
Begin with: flat.
Order: dotenv, plain, prefs, dialects, flat.
"""
