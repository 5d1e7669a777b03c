"""`python -m patcher` is `vsegpt-patch`."""

from patcher.cli.main import main

main()
