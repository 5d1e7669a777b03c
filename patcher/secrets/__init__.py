"""The key: what it looks like, where it is kept, and that it is not shown.

May use: ground.
Begin with: secret.
Order: keyring, made_up, key_format, secret.
"""
