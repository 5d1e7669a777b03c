"""SQLite, read without SQLite's own files beside it.

May use: what stores may.
Begin with: store.
Order: store, wal.
"""
