"""What is known of the tools: profiles, where they come from, and what they may say.

May use: machine, stores, formats, secrets, ground.
Begin with: profile.
Order: authoring, catalog, profile, rules, correction, value_rules, condition, index.
"""
