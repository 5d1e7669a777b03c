"""A first profile of a new tool, made from the settings of one that works.

May use: what the registry may.
Begin with: draft.
Order: draft, provider, masking.
"""
