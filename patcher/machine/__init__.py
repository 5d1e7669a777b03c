"""Where things are on this machine, and what runs here.

May use: stores, formats, secrets, ground.
Begin with: places.
Order: owners, places, processes, repository, apps, base_dirs, browsers.
"""
