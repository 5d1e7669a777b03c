"""Firefox's storage of extensions: structured clones in an SQLite file.

May use: what stores may.
Begin with: store.
Order: store, structured_clone.
"""
