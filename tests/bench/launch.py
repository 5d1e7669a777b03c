"""Run one command and write down what it took: `python -I -S launch.py RESULT SECONDS COMMAND...`.

A program of its own, and a small one: Linux counts what the starter of a process holds as that
process's peak memory.
"""

import os
import resource
import sys

result, seconds, *command = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds) + 5))
_, status, usage = os.wait4(os.posix_spawnp(command[0], command, os.environ), 0)
with open(result, "w", encoding="utf-8") as file:  # noqa: PTH123 - pathlib would double this program's size
    file.write(f"{os.waitstatus_to_exitcode(status)} {usage.ru_utime + usage.ru_stime} {usage.ru_maxrss}")
