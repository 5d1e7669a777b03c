"""What has to change on this machine, and what its files say now. Pure: files are read, nothing is written.

May use: registry, disk, machine, stores, formats, secrets, ground.
Begin with: plan.
Order: rotate, status, versions, overrides, plan, undo, documents, deciders, present, receipts, variants,
reading, target, settings, request, problem, detection.
"""
