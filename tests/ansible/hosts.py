"""Hosts for Ansible on this machine: each an sshd with a mount namespace, users and homes of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.homes import FIXTURES, ROOT

ADMIN = "admin"
TOOLS = ("aider", "continue", "crush")
PINNED = "ansible-core==2.19.14"
FULL = 1 << 20  # bytes of a small file system for homes

_START = """\
set -e
mount --make-rprivate /
for name in passwd group shadow sudoers; do mount --bind "$1/$name" /etc/$name; done
mount --bind "$1/root" /root
if [ -n "$2" ]; then mount -t tmpfs -o "size=$2,mode=755" homes /home; else mount --bind "$1/home" /home; fi
mount -t tmpfs run /run
mkdir -m 755 /run/sshd
cp -a "$1/homes/." /home
if [ -n "$2" ]; then dd if=/dev/zero of=/home/rest bs=4k 2>/dev/null || true; fi
exec /usr/sbin/sshd -D -e -f "$1/sshd_config"
"""
_SSHD = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
Subsystem sftp internal-sftp
"""


@dataclass(frozen=True)
class Host:
    """A host that runs. `home` is its own `/home`, seen from here."""

    name: str
    users: list[str]
    user: str
    port: int
    key: Path
    home: Path

    @property
    def reached(self) -> str:
        """How it is reached, as a line in an inventory says it."""
        return (
            f"{self.name} ansible_host=127.0.0.1 ansible_port={self.port} ansible_user={self.user}"
            f" ansible_ssh_private_key_file={self.key} ansible_python_interpreter=/usr/bin/python3"
        )

    @property
    def line(self) -> str:
        """Its whole line in an inventory, with its users."""
        users = ",".join(f'"{user}"' for user in self.users)
        return f"{self.reached} vsegpt_users='[{users}]'\n"

    def files(self) -> dict[str, tuple[bytes, int, int]]:
        """Of every file in the users' homes, but our own state, the bytes, the mode and the owner."""
        found = {}
        for path in sorted(path for user in self.users for path in (self.home / user).rglob("*")):
            name = path.relative_to(self.home).as_posix()
            if path.is_file() and "/.local/state/vsegpt-patch/" not in name:
                info = path.lstat()
                found[name] = (path.read_bytes(), info.st_mode, info.st_uid)
        return found


@contextlib.contextmanager
def host(
    name: str,
    folder: Path,
    number: int,
    *,
    user: str = "root",
    users: Sequence[str] = (),
    full: bool = False,
) -> Iterator[Host]:
    """A host with users (four of its own name) who have three programs each.

    The connection's user is root, or one who may become root without a password. `full`: no space is left
    in the homes.
    """
    users = users or [f"{name}{each}" for each in range(1, 5)]
    _write(folder, [(each, 21000 + 100 * number + place) for place, each in enumerate(users)])
    port = _free_port()
    for key in ("host_key", "key"):
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key)]
        subprocess.run(words, check=True)
    (folder / "sshd_config").write_text(_SSHD.format(port=port, folder=folder))
    separate = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    log = folder / "log"
    with log.open("wb") as err:
        process = subprocess.Popen(
            [*separate, "sh", "-c", _START, "sh", str(folder), str(FULL) if full else ""], stderr=err
        )
    try:
        end = time.monotonic() + 30
        while "listening on" not in log.read_text():
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{name} does not start: {log.read_text()}")
            time.sleep(0.05)
        (sshd,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        yield Host(name, list(users), user, port, folder / "key", Path(f"/proc/{sshd}/root/home"))
    finally:
        process.send_signal(signal.SIGKILL)  # its sshd, and all of its sessions and mounts, go with it
        process.wait()


def _write(folder: Path, users: list[tuple[str, int]]) -> None:
    """The files of /etc, and the homes."""
    everyone = [("root", 0, "/root"), ("sshd", 74, "/run/sshd"), ("nobody", 65534, "/nonexistent")]
    everyone += [(ADMIN, 20999, f"/home/{ADMIN}"), *((user, uid, f"/home/{user}") for user, uid in users)]
    lines = {
        "passwd": [f"{user}:x:{uid}:{uid}::{home}:/bin/sh" for user, uid, home in everyone],
        "group": [f"{user}:x:{uid}:" for user, uid, _ in everyone],
        "shadow": [f"{user}:*:19000:0:99999:7:::" for user, _, _ in everyone],
        "sudoers": ["root ALL=(ALL) ALL", f"{ADMIN} ALL=(ALL) NOPASSWD: ALL"],
    }
    folder.mkdir()
    for name, text in lines.items():
        (folder / name).write_text("\n".join(text) + "\n")
    (folder / "shadow").chmod(0o600)
    (folder / "sudoers").chmod(0o440)
    for name in ("root", "home", "homes"):
        (folder / name).mkdir()
    for user, uid in [(ADMIN, 20999), *users]:
        home = folder / "homes" / user
        home.mkdir()
        for tool in TOOLS if user != ADMIN else ():
            shutil.copytree(FIXTURES / tool / "existing/before/home", home, dirs_exist_ok=True)
        for path in (home, *home.rglob("*")):
            os.chown(path, uid, uid)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def ansible() -> Path:
    """The directory of ansible-core's commands, installed once into the cache."""
    folder = ROOT / ".cache" / PINNED
    if not (folder / "bin/ansible-playbook").exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        pip = [str(folder / "bin/python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, PINNED], check=True)
    return folder / "bin"
