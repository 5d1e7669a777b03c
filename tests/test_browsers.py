"""Browsers and their profiles, on all three systems, whatever system the tests run on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from patcher import browsers, profile_rules
from patcher.bases import System
from patcher.errors import Refused
from patcher.places import Machine
from tests.homes import files, run
from tests.toys import profile

UUID = "0a1b2c3d-0000-4000-8000-000000000000"
DATABASE = "idb/3647222921wleabcEoxlt-eengsairo.sqlite"
STORE = f"storage/default/moz-extension+++{UUID}^userContextId=4294967295/{DATABASE}"
SETTINGS = "Local Extension Settings"


def machine(home: Path, system: System = "linux", browser: str = "") -> Machine:
    return Machine(system, home, {}, browser)


def labels(home: Path, system: System = "linux") -> list[str]:
    return [profile.label for profile in browsers.profiles(machine(home, system))]


def chromium(profile: Path, mark: str = SETTINGS) -> Path:
    """A profile of the Chromium family as its folder shows it."""
    (profile / mark).mkdir(parents=True)
    return profile


def firefox(root: Path, folder: str = "a.default", name: str = "default") -> Path:
    """A profile of Firefox in a root whose profiles.ini names it."""
    profile = root / folder
    profile.mkdir(parents=True)
    (profile / "prefs.js").touch()
    with (root / "profiles.ini").open("a") as ini:
        ini.write(f"[Profile0]\nName={name}\nIsRelative=1\nPath={folder}\n\n")
    return profile


def install(profile: Path, name: str = "Toy", *, used: bool = True) -> Path:
    """An add-on in a profile of Firefox; `used`: it has stored something."""
    add_on = {"id": "toy@toy", "type": "extension", "defaultLocale": {"name": name}}
    (profile / "extensions.json").write_text(json.dumps({"addons": [add_on]}))
    uuids = json.dumps(json.dumps({"toy@toy": UUID}))
    (profile / "prefs.js").write_text(f'user_pref("extensions.webextensions.uuids", {uuids});\n')
    if used:
        (profile / STORE).parent.mkdir(parents=True)
        (profile / STORE).touch()
    return profile / STORE


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
    ("browser", "found"),
    [
        ("", ["Chrome · Default", "Chrome · Profile 1 (Work)", "Chrome Beta · Default", "Firefox · default"]),
        ("chrome", ["Chrome · Default", "Chrome · Profile 1 (Work)"]),
        (" Chrome · default ", ["Chrome · Default"]),
        ("chrome · profile 1", ["Chrome · Profile 1 (Work)"]),
        ("Chrome · Profile 1 (work)", ["Chrome · Profile 1 (Work)"]),
        ("FIREFOX", ["Firefox · default"]),
        ("default", []),
        ("chro", []),
    ],
)
def test_only_the_browser_that_was_named_counts(browser: str, found: list[str], home: Path) -> None:
    its = machine(home, browser=browser)
    assert [profile.label for profile in its.chosen_browsers] == found
    paths = [*its.expand("{chromium}/x"), *its.expand("{firefox_storage}/Toy")]
    assert [its.label(path) for path in paths] == found
    everything = machine(home)
    paths = [*everything.expand("{chromium}/x"), *everything.expand("{firefox_storage}/Toy")]
    assert [its.label(path) for path in paths if its.counts(path)] == found
    assert its.counts(home / ".bashrc") is (browser == "")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with three profiles of two Chromes, and one of Firefox with an add-on."""
    root = chromium(tmp_path / ".config/google-chrome/Default").parent
    chromium(root / "Profile 1")
    (root / "Local State").write_text('{"profile": {"info_cache": {"Profile 1": {"name": "Work"}}}}')
    chromium(tmp_path / ".config/google-chrome-beta/Default")
    install(firefox(tmp_path / ".mozilla/firefox"))
    return tmp_path


@pytest.mark.parametrize("words", [["continue", "-n"], ["show", "continue"], ["status"], ["undo"]])
@pytest.mark.parametrize("name", ["safari", "", " "])
def test_a_browser_that_is_not_here_is_wrong_usage_and_those_here_are_named(
    words: list[str], name: str, home: Path
) -> None:
    result = run(home, *words, "--browser", name)
    assert result.code == 2
    assert result.err == (
        f"vsegpt-patch: no browser here is called {name!r}; found: Chrome · Default,"
        " Chrome · Profile 1 (Work), Chrome Beta · Default, Firefox · default\n"
    )


def test_without_any_browser_it_says_so(tmp_path: Path) -> None:
    result = run(tmp_path, "status", "--browser", "chrome")
    assert (result.code, "found: none" in result.err) == (2, True)


TOY = """
found_by = ["{chromium}/toy.json"]

[[file]]
format = "json"
path = ["{chromium}/toy.json"]

  [[file.edit]]
  key = { apiKey = "{key}" }
  url = { apiBase = "https://api.openai.com/v1" }
"""


@pytest.fixture
def toys(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a profile whose settings are in two of the browsers' profiles."""
    profiles = tmp_path_factory.mktemp("profiles")
    profile(profiles, "toy", TOY)
    for folder in ("google-chrome/Default", "google-chrome-beta/Default"):
        (home / ".config" / folder / "toy.json").write_text("{}")
    return profiles


def test_patch_show_and_status_keep_to_the_browser_that_was_named(home: Path, toys: Path) -> None:
    before = files(home)
    assert run(home, "--browser", "chrome", "toy", "--profiles", str(toys)).code == 0
    changed = {path for path, data in files(home).items() if data != before[path]}
    assert changed == {".config/google-chrome/Default/toy.json"}
    for command in ("status", "show"):
        named = run(home, "--browser", "Chrome Beta", command, "toy", "--profiles", str(toys)).out
        assert "google-chrome-beta" in named
        assert "google-chrome/" not in named


def test_undo_takes_back_only_what_is_in_the_browser_that_was_named(home: Path, toys: Path) -> None:
    before = files(home)
    assert run(home, "toy", "--profiles", str(toys)).code == 0
    after = files(home)
    assert run(home, "undo", "--browser", "firefox").err == "Nothing to take back.\n"
    assert files(home) == after
    assert run(home, "undo", "--browser", "Chrome · Default").code == 0
    left = {path for path, data in files(home).items() if data != before[path]}
    assert left == {".config/google-chrome-beta/Default/toy.json"}
    assert run(home, "undo", "toy").code == 0
    assert files(home) == before


def test_all_finds_an_extension_only_in_the_browser_that_was_named(home: Path, toys: Path) -> None:
    words = ["--all", "-n", "--profiles", str(toys)]
    assert "toy.json" in run(home, *words, "--browser", "chrome beta").out
    assert "toy.json" not in run(home, *words, "--browser", "firefox").out


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
        profile_rules.check("toy", toy)
    else:
        with pytest.raises(Refused, match=reason):
            profile_rules.check("toy", toy)


def test_a_tool_that_is_no_extension_is_patched_without_looking_at_browsers(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom patcher.cli import main\n"
        f"try: main(['--home', {str(tmp_path)!r}, 'mistral-vibe', '-n'])\nexcept SystemExit: pass\n"
        "sys.exit(' '.join({'patcher.browsers', 'patcher.stores.firefox', 'sqlite3'} & {*sys.modules}) or 0)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
