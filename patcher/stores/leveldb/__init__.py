"""LevelDB, where the browsers of Chromium's family keep what extensions remember.

May use: what stores may.
Begin with: store.
Order: store, manifest, table, records, crc32c.
"""
