"""The network: one request to the endpoint (`wire`), and what its answers mean (`account`).

No other module may open a connection, and only the command `check` imports these.
"""
