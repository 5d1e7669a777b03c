"""The only way to disk: all of a run is written or nothing is, with a backup first.

May use: stores, formats, secrets, ground.
Begin with: transaction.
Order: transaction, interrupts, recovery, write, runs, lock, manifest, safefile, snapshot.
"""
