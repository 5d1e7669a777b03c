"""Russian and English: which language a person reads, and a message in it.

A message stands in the code in English, as `_("...")`; what varies is put in afterwards, by name:
`_("{tool} is not found").format(tool=tool)`. Catalogs are `locale/<language>.mo`, compiled from the
`.po` beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from typing import Final

from patcher.errors import UsageError

LANGUAGES: Final = ("en", "ru")
VARIABLE: Final = "VSEGPT_PATCH_LANG"

_used: list[tuple[str, NullTranslations]] = [("en", NullTranslations())]


def use(language: str) -> None:
    """Speak this language, one of `LANGUAGES`, from now on."""
    catalog = NullTranslations()
    if language != "en":
        from pkgutil import get_data  # noqa: PLC0415 - English needs no file

        compiled = get_data("patcher", f"locale/{language}.mo")
        assert compiled is not None  # every way to install this program has files
        catalog = GNUTranslations(BytesIO(compiled))
    _used[0] = (language, catalog)


def language() -> str:
    """The language that is spoken now."""
    return _used[0][0]


def _(message: str) -> str:
    """The message in the language that is spoken."""
    return _used[0][1].gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    """Of a message about a number of things the form for this number, in the language that is spoken."""
    return _used[0][1].ngettext(one, many, count)


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for it
    """The message as it is: marks one that is translated where it is shown."""
    return message


def preferred(environ: Mapping[str, str]) -> str:
    """A person's language: `VSEGPT_PATCH_LANG`, else the locale's; English for all that is not Russian.

    Raises `UsageError` for a value of our own variable that is no language.
    """
    own = environ.get(VARIABLE, "")
    if own and own not in LANGUAGES:
        raise UsageError(f"{VARIABLE}={own}: one of {', '.join(LANGUAGES)} is wanted")
    # The order of gettext(3); Windows sets none of these, and Python knows its locale as `Russian_Russia`.
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    found = own or next((environ[name] for name in names if environ.get(name)), "")
    if not found:
        import locale  # noqa: PLC0415 - a table of a thousand names, where no variable says it

        found = locale.getlocale()[0] or ""
    return "ru" if found.lower().startswith("ru") else "en"
