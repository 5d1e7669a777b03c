"""The only way to the network, to VseGPT's address alone; and a stub of it on this machine.

May use: secrets, ground.
Begin with: account.
Order: account, hosts, netns, sinkhole, stub, http, diagnosis.
"""
