"""Browsers and their profiles, on all three systems, whatever system the tests run on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from patcher.errors import Refused
from patcher.machine import browsers
from patcher.machine.base_dirs import System
from patcher.registry import rules
from tests.support.browserhomes import SETTINGS, STORE, chromium, firefox, install, machine


def labels(home: Path, system: System = "linux") -> list[str]:
    return [profile.label for profile in browsers.profiles(machine(home, system))]


ROOTS: list[tuple[System, str, str]] = [
    ("linux", ".config/google-chrome", "Chrome"),
    ("linux", ".config/google-chrome-unstable", "Chrome Dev"),
    ("linux", ".var/app/com.google.Chrome/config/google-chrome", "Chrome"),
    ("linux", "snap/chromium/common/chromium", "Chromium"),
    ("linux", ".config/microsoft-edge", "Edge"),
    ("linux", ".config/BraveSoftware/Brave-Browser", "Brave"),
    ("linux", ".config/yandex-browser", "Yandex Browser"),
    ("linux", ".config/opera", "Opera"),
    ("linux", ".config/vivaldi", "Vivaldi"),
    ("macos", "Library/Application Support/Google/Chrome", "Chrome"),
    ("macos", "Library/Application Support/Microsoft Edge", "Edge"),
    ("macos", "Library/Application Support/com.operasoftware.OperaGX", "Opera GX"),
    ("windows", "AppData/Local/Google/Chrome/User Data", "Chrome"),
    ("windows", "AppData/Local/Google/Chrome SxS/User Data", "Chrome Canary"),
    ("windows", "AppData/Local/Yandex/YandexBrowser/User Data", "Yandex Browser"),
    ("windows", "AppData/Roaming/Opera Software/Opera GX Stable", "Opera GX"),
]


@pytest.mark.parametrize(("system", "root", "browser"), ROOTS)
def test_a_browser_is_found_where_its_system_keeps_it(
    system: System, root: str, browser: str, tmp_path: Path
) -> None:
    path = chromium(tmp_path / root / "Default")
    (found,) = browsers.profiles(machine(tmp_path, system))
    assert found == browsers.BrowserProfile(browser, "Default", path, tmp_path / root, "chromium")
    assert found.label == f"{browser} · Default"


@pytest.mark.parametrize("system", ["linux", "macos", "windows"])
def test_no_two_browsers_share_a_folder(system: System, tmp_path: Path) -> None:
    its = machine(tmp_path, system)
    table = browsers._CHROMIUM[system].values()  # noqa: SLF001 - the table itself is what is looked at
    templates = [template for each in table for template in each] + list(browsers._FIREFOX[system])  # noqa: SLF001 - the same
    paths = [path for template in templates for path in its.expand(template)]
    assert len({*paths}) == len(paths) == len(templates)


@pytest.mark.parametrize("mark", [SETTINGS, "Sync Extension Settings", "Preferences"])
def test_a_folder_is_a_profile_by_what_is_in_it(mark: str, tmp_path: Path) -> None:
    root = tmp_path / ".config/google-chrome"
    chromium(root / "Profile 1", mark)
    chromium(root / "Crashpad", "reports")
    chromium(root / "Guest Profile", mark)
    (root / "Local State").write_text("{}")
    assert labels(tmp_path) == ["Chrome · Profile 1"]


def test_opera_may_have_no_profiles(tmp_path: Path) -> None:
    root = chromium(tmp_path / ".config/opera")
    (found,) = browsers.profiles(machine(tmp_path))
    assert (found.profile, found.path, found.user_data, found.label) == ("", root, root, "Opera")


def test_a_profile_is_shown_with_the_name_that_the_person_gave_it(tmp_path: Path) -> None:
    root = tmp_path / ".config/google-chrome"
    for name in ("Default", "Profile 1", "Profile 2"):
        chromium(root / name)
    cache = {
        "Default": {"name": "Your Chrome", "is_using_default_name": True},
        "Profile 1": {"name": "Work", "is_using_default_name": False},
        "Profile 2": {"name": "\x1b[2J" + "x" * 100},
    }
    (root / "Local State").write_text(json.dumps({"profile": {"info_cache": cache}}))
    assert labels(tmp_path) == [
        "Chrome · Default",
        "Chrome · Profile 1 (Work)",
        f"Chrome · Profile 2 (?[2J{'x' * 56}…)",
    ]


@pytest.mark.parametrize(
    "state",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b'{"profile": 1}',
        b'{"profile": {"info_cache": []}}',
        b'{"profile": {"info_cache": {"Default": {"name": 1}}}}',
        b"[" * 100_000,
        None,
    ],
)
def test_a_broken_local_state_only_costs_the_names(state: bytes | None, tmp_path: Path) -> None:
    root = chromium(tmp_path / ".config/google-chrome/Default").parent
    if state is None:
        (root / "Local State").mkdir()
    else:
        (root / "Local State").write_bytes(state)
    assert labels(tmp_path) == ["Chrome · Default"]


@pytest.mark.parametrize(
    ("system", "root"),
    [
        ("linux", ".config/mozilla/firefox"),
        ("linux", ".mozilla/firefox"),
        ("linux", "snap/firefox/common/.mozilla/firefox"),
        ("linux", ".var/app/org.mozilla.firefox/.mozilla/firefox"),
        ("linux", ".var/app/org.mozilla.firefox/config/mozilla/firefox"),
        ("macos", "Library/Application Support/Firefox"),
        ("windows", "AppData/Roaming/Mozilla/Firefox"),
    ],
)
def test_firefox_is_found_by_its_profiles_ini(system: System, root: str, tmp_path: Path) -> None:
    path = firefox(tmp_path / root, "Profiles/x.default-esr", "default-esr")
    (found,) = browsers.profiles(machine(tmp_path, system))
    assert found == browsers.BrowserProfile("Firefox", "default-esr", path, tmp_path / root, "firefox")
    assert found.label == "Firefox · default-esr"


def test_a_profile_of_firefox_may_be_anywhere(tmp_path: Path) -> None:
    root = firefox(tmp_path / ".mozilla/firefox").parent
    elsewhere = firefox(tmp_path / "disk", "mine").resolve()
    with (root / "profiles.ini").open("a") as ini:
        ini.write(f"[Profile1]\nName=Far\nIsRelative=0\nPath={elsewhere}\n")
    assert [profile.path for profile in browsers.profiles(machine(tmp_path))][1:] == [elsewhere]


@pytest.mark.parametrize(
    ("ini", "found"),
    [
        ("\ufeff[Profile0]\r\nName=ä\r\nPath=p\r\n", ["Firefox · ä"]),
        ("Path=p\n; [Profile0]\n", []),
        ("[Profile0]\nPath=p\n", ["Firefox · p"]),
        ("[Profile0\nno\n=\nPath = p\n[General]\nPath=q\n", ["Firefox · p"]),
        ("[Install4F96]\nDefault=p\nPath=p\n", []),
        ("[Profile0]\nPath=gone\n[Profile1]\nPath=\n[Profile2]\nPath=p\0\n[Profile3]\n", []),
        ("[Profile0]\nName=a\x1bb\nPath=p\n[Profile1]\nName=again\nPath=p\n", ["Firefox · a?b"]),
        ("\x00" * 100, []),
    ],
)
def test_of_a_broken_profiles_ini_what_makes_sense_counts(ini: str, found: list[str], tmp_path: Path) -> None:
    root = firefox(tmp_path / ".mozilla/firefox", "p").parent
    chromium(tmp_path / ".config/chromium/Default")
    (root / "profiles.ini").write_text(ini, "utf-8", newline="")
    assert labels(tmp_path) == ["Chromium · Default", *found]


def test_a_browser_that_is_linked_to_another_place_is_found_once(tmp_path: Path) -> None:
    root = firefox(tmp_path / ".mozilla/firefox").parent
    (tmp_path / ".config/mozilla").mkdir(parents=True)
    (tmp_path / ".config/mozilla/firefox").symlink_to(root)
    assert labels(tmp_path) == ["Firefox · default"]


def test_a_path_is_told_by_the_innermost_profile_that_it_lies_in(tmp_path: Path) -> None:
    root = chromium(tmp_path / ".config/opera")
    inner = chromium(root / "Default")
    fox = firefox(tmp_path / ".mozilla/firefox")
    its = machine(tmp_path)
    assert its.label(inner / SETTINGS / "x/000003.log") == "Opera · Default"
    assert its.label(root / SETTINGS / "x/000003.log") == "Opera"
    assert its.label(fox / STORE) == "Firefox · default"
    assert its.label(tmp_path / ".config/opera-like/x") == its.label(tmp_path / ".bashrc") == ""


def test_a_template_leads_into_every_profile_of_the_chromium_family(tmp_path: Path) -> None:
    folders = [
        chromium(tmp_path / ".config" / name) for name in ("google-chrome/Default", "vivaldi/Profile 1")
    ]
    firefox(tmp_path / ".mozilla/firefox")
    its = machine(tmp_path)
    assert its.expand("{chromium}/x/y") == [folder / "x/y" for folder in folders]
    assert not its.has("{chromium}/x/y")
    (folders[1] / "x/y").mkdir(parents=True)
    assert its.has("{chromium}/x/y")


def test_a_template_leads_to_an_add_ons_settings_in_every_profile_of_firefox(tmp_path: Path) -> None:
    here = install(firefox(tmp_path / ".mozilla/firefox"), "My Toy")
    there = install(firefox(tmp_path / "snap/firefox/common/.mozilla/firefox"), "My Toy", used=False)
    install(firefox(tmp_path / ".config/mozilla/firefox"), "Another")
    chromium(tmp_path / ".config/chromium/Default")
    assert machine(tmp_path).expand("{firefox_storage}/My Toy") == [here, there]
    assert machine(tmp_path).has("{firefox_storage}/My Toy")
    here.unlink()
    assert not machine(tmp_path).has("{firefox_storage}/My Toy")
    assert machine(tmp_path).expand("{firefox_storage}/My*") == []


@pytest.mark.parametrize("name", ["extensions.json", "prefs.js"])
@pytest.mark.parametrize("spoil", [b"{", b"[]", b"\xff\xfe", b"[" * 100_000])
def test_a_broken_profile_of_firefox_is_passed_over(name: str, spoil: bytes, tmp_path: Path) -> None:
    broken = firefox(tmp_path / ".config/mozilla/firefox")
    install(broken)
    (broken / name).write_bytes(spoil)
    good = install(firefox(tmp_path / ".mozilla/firefox"))
    assert machine(tmp_path).expand("{firefox_storage}/Toy") == [good]


def test_on_a_machine_without_browsers_the_templates_lead_nowhere(tmp_path: Path) -> None:
    for system in ("linux", "macos", "windows"):
        its = machine(tmp_path, system)
        assert its.expand("{chromium}/x") == its.expand("{firefox_storage}/x") == []


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("{chromium}/Local Extension Settings/abc", None),
        ("{firefox_storage}/My Toy", None),
        ("{chromium}/../x", "plain names"),
        ("{firefox_storage}/", "plain names"),
        ("{firefox}/x", "must begin with"),
    ],
)
def test_a_profile_of_ones_own_may_name_extensions(path: str, reason: str | None) -> None:
    words = {"en": "a toy", "ru": "игрушка"}
    toy = {"name": "T", "about": words, "docs": "https://toy.example", "guide": words, "found_by": [path]}
    if reason is None:
        rules.check("toy", toy)
    else:
        with pytest.raises(Refused, match=reason):
            rules.check("toy", toy)


def test_a_tool_that_is_no_extension_is_patched_without_looking_at_browsers(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom patcher.cli.main import main\n"
        f"try: main(['--home', {str(tmp_path)!r}, 'mistral-vibe', '-n'])\nexcept SystemExit: pass\n"
        "never = {'patcher.machine.browsers', 'patcher.stores.firefox.store', 'sqlite3'}\n"
        "sys.exit(' '.join(never & {*sys.modules}) or 0)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
