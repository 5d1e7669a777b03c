"""Points other people's programs at VseGPT."""

__version__ = "0.1.0"
