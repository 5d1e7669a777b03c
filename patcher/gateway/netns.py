"""A network of this process's own, in which there is nothing but this machine's loopback (Linux).

Whatever IPv4 address is asked for there is this process's own: `sinkhole` says who it was.

For an ordinary user that is a user namespace with a network namespace in it (unshare(2),
user_namespaces(7)); systems that forbid it answer with an error, and nothing has changed then.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import sys
from pathlib import Path

_NEW_USER, _NEW_NET = 0x10000000, 0x40000000  # CLONE_NEWUSER, CLONE_NEWNET of <sched.h>
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 1  # SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP of netdevice(7)
_NEW_ROUTE, _REQUEST_CREATE_ACK = 24, 0x1 | 0x400 | 0x4  # RTM_NEWROUTE, NLM_F_*: netlink(7), rtnetlink(7)
_TABLE_LOCAL, _STATIC, _SCOPE_HOST, _LOCAL, _OUT = 255, 4, 254, 2, 4  # RT_TABLE_LOCAL ... RTA_OIF


def isolate() -> bool:
    """Leave the machine's network for one that has only loopback; whether that could be done.

    To be called in a process of one thread that was forked for it: there is no way back.
    """
    if sys.platform != "linux":
        return False
    import ctypes  # noqa: PLC0415 - only who tries a tool needs it

    user, group = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if user == 0 and libc.unshare(_NEW_NET) == 0:  # no other rights than before are wanted
        return _loopback_up()
    if libc.unshare(_NEW_USER | _NEW_NET) != 0:
        return False
    # The same user inside as outside, so that files keep their owner.
    with contextlib.suppress(OSError):
        Path("/proc/self/setgroups").write_text("deny", "ascii")
    try:
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", "ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", "ascii")
    except OSError:
        return False
    return _loopback_up()


def _loopback_up() -> bool:
    import fcntl  # noqa: PLC0415 - there is none on Windows

    request = struct.pack("16sh", b"lo", 0).ljust(40, b"\0")
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            flags = struct.unpack_from("h", fcntl.ioctl(control, _GET_FLAGS, request), 16)[0]
            fcntl.ioctl(control, _SET_FLAGS, struct.pack("16sh", b"lo", flags | _UP).ljust(40, b"\0"))
        _lead_here()
    except OSError:
        return False
    return True


def _lead_here() -> None:
    """Make every IPv4 address this machine's own: `ip route add local default dev lo`."""
    route = struct.pack("8BI", socket.AF_INET, 0, 0, 0, _TABLE_LOCAL, _STATIC, _SCOPE_HOST, _LOCAL, 0)
    route += struct.pack("HHI", 8, _OUT, socket.if_nametoindex("lo"))
    header = struct.pack("IHHII", 16 + len(route), _NEW_ROUTE, _REQUEST_CREATE_ACK, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW) as kernel:
        kernel.send(header + route)
        [error] = struct.unpack_from("i", kernel.recv(256), 16)
    if error:
        raise OSError(-error, os.strerror(-error))
