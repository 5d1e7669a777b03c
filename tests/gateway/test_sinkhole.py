"""In a network of its own a program is seen where it goes, also if it heeds no proxy."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import with_coverage

ROOT = Path(__file__).resolve().parents[2]
PROLOGUE = """
import json, socket, ssl, sys
from patcher.gateway.netns import isolate
from patcher.gateway.sinkhole import sinkhole
if not isolate():
    sys.exit(77)
seen = []
def look_up(name):
    return sorted({found[4][0] for found in socket.getaddrinfo(name, 443)})
def speak(address, name):
    try:
        with socket.create_connection((address, 443), 5) as plain:
            ssl.create_default_context().wrap_socket(plain, server_hostname=name)
    except ssl.SSLError:
        pass
with sinkhole(seen.append):
"""


def seen(code: str) -> list[str]:
    """What a sinkhole tells of this code, in a process and a network of its own; each host once."""
    body = "".join(f"    {line}\n" for line in code.splitlines())
    script = f"{PROLOGUE}{body}print(json.dumps(list(dict.fromkeys(seen))))"
    ran = subprocess.run(
        with_coverage.command(script), cwd=ROOT, check=False, capture_output=True, text=True, timeout=60
    )
    if ran.returncode == 77:
        pytest.skip("LEFT OUT: this system forbids namespaces")
    assert (ran.returncode, ran.stderr) == (0, "")
    told = json.loads(ran.stdout)
    assert isinstance(told, list)
    return told


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="LEFT OUT: only Linux has namespaces")


def test_a_host_that_is_looked_up_is_told_and_leads_nowhere() -> None:
    assert seen("assert look_up('api.mistral.ai') == ['192.0.2.1']") == ["api.mistral.ai"]


def test_a_host_that_was_looked_up_elsewhere_says_its_name_itself() -> None:
    assert seen("speak('203.0.113.9', 'api.openai.com')") == ["api.openai.com"]


def test_an_address_that_has_no_name_is_told_as_it_is() -> None:
    assert seen("speak('203.0.113.9', '203.0.113.9')") == ["203.0.113.9"]
    assert seen("speak(look_up('api.x.ai')[0], '192.0.2.1')") == ["api.x.ai"]


def test_this_machines_own_name_is_no_other_host() -> None:
    own = "name = socket.gethostname().partition('.')[0]\n"
    assert seen(own + "look_up(f'{name}.corp.example'); look_up('api.x.ai')") == ["api.x.ai"]


def test_what_is_no_query_does_not_end_it() -> None:
    noise = "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto({}, ('198.51.100.1', 53))\n"
    sent = "".join(noise.format(data) for data in (b"", b"\xff" * 40, bytes(12) + b"\x02\xff\xff\0\0\1\0\1"))
    closed = "socket.create_connection(('198.51.100.1', 443)).close()\n"
    assert seen(sent + closed + "look_up('api.x.ai')") == ["api.x.ai"]
