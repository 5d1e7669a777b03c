"""Points other people's programs at VseGPT."""

__version__ = "0.1.0"

SHELLS = ("bash", "zsh", "fish", "powershell")
"""The shells that can complete our command line."""

ASKING = "_VSEGPT_PATCH_COMPLETE"
"""The variable by which a shell asks how a word may go on."""
