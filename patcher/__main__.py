"""`python -m patcher` is `vsegpt-patch`."""

from patcher.cli import main

main()
