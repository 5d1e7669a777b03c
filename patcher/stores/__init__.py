"""Settings that are in no text file, read without a trace and changed by writing one whole file.

May use: formats, secrets, ground.
Begin with: access.
Order: firefox, leveldb, running, snappy, sqlite, access, cursor.
"""
