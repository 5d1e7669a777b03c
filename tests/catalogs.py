"""`python -m tests.catalogs` brings the Russian catalogue up to date with the code.

It collects the messages of the code and of `tests.foreign`, keeps the translations in `ru.po`, drops the
messages that are gone, and compiles `ru.mo`. The new ones stand in `ru.po` with an empty translation, and
are named. The same input gives the same bytes.
"""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import patcher
from tests.support import foreign

PACKAGE = Path(patcher.__file__).parent
PO = PACKAGE / "locale/ru.po"
MO = PO.with_suffix(".mo")
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
PLURAL = (  # as gettext has it for Russian
    "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);"
)
HEADERS = [
    ("Language", "ru"),
    ("MIME-Version", "1.0"),
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Content-Transfer-Encoding", "8bit"),
    ("Plural-Forms", PLURAL),
]


class Russian(Catalog):
    """A catalogue whose header has nothing in it that changes by itself."""

    mime_headers = property(lambda _self: HEADERS)

    def __init__(self) -> None:
        super().__init__("ru", fuzzy=False, header_comment="# Russian messages of vsegpt-patch.")


@dataclass
class Said:
    """A message of the code: its other form, if it counts something, and the files it is in."""

    plural: str | None = None
    places: list[str] = field(default_factory=list)


def messages() -> dict[str, Said]:
    """Everything that can be said, in the order of the code."""
    found: dict[str, Said] = {}

    def add(message: str | tuple[str, ...], place: str) -> None:
        first, plural = (message, None) if isinstance(message, str) else message[:2]
        said = found.setdefault(first, Said())
        said.plural = said.plural or plural
        if place not in said.places:
            said.places.append(place)

    for path in sorted(PACKAGE.rglob("*.py")):
        for _line, message, _comments, _context in extract_from_file("python", path, keywords=KEYWORDS):
            add(message, path.relative_to(PACKAGE.parent).as_posix())
    for name in foreign.SAID:
        for each in getattr(foreign, name):
            add(each, "tests/support/foreign.py")
    return found


def translated() -> Catalog:
    """The catalogue as it is kept."""
    with PO.open("rb") as file:
        return read_po(file, locale="ru")


def updated(old: Catalog) -> Catalog:
    """The catalogue as it has to be."""
    new = Russian()
    for first, said in messages().items():
        known = old.get(first)
        string = known.string if known else ""
        if said.plural and not isinstance(string, tuple | list):
            string = ("",) * new.num_plurals
        its = (first, said.plural) if said.plural else first
        new.add(its, string, [(place, 0) for place in said.places])
    return new


def po(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    write_po(out, catalog, width=0, include_lineno=False)
    return out.getvalue()


def mo(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def untranslated(catalog: Catalog) -> list[Message]:
    return [
        message
        for message in catalog
        if message.id
        and not all(message.string if isinstance(message.string, tuple | list) else [message.string])
    ]


def main() -> None:
    catalog = updated(translated())
    for path, data in ((PO, po(catalog)), (MO, mo(catalog))):
        path.write_bytes(data)
    missing = untranslated(catalog)
    for message in missing:
        print(f"not translated: {message.id}")
    print(f"{PO.name}: {len(catalog)} messages, {len(missing)} of them not translated")
    sys.exit(1 if missing else 0)


if __name__ == "__main__":
    main()
