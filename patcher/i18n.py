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


def quoted(text: str) -> str:
    """A word that is not ours, in the language's quotes; nothing in it is left for a terminal to obey."""
    return _("'{text}'").format(text=repr(text)[1:-1])


def number(count: int) -> str:
    """A long number, with what the language puts between its thousands."""
    return f"{count:,}".replace(",", _(","))


def foreign(said: str) -> str:
    """What a library said, in the language that is spoken; empty where we have no words for it."""
    told = _(said) if said else ""
    return told if language() == "en" or told != said else ""


def with_foreign(message: str, said: str) -> str:
    """Our message, followed by what a library said where we have words for that."""
    told = foreign(said)
    return f"{message}: {told}" if told else message


def preferred(environ: Mapping[str, str], default: str = "") -> str:
    """A person's language: `VSEGPT_PATCH_LANG`, else `default`, else the locale's, else English.

    Raises `UsageError` for a value of our own variable that is no language.
    """
    # The order of gettext(3); Windows sets none of these, and Python knows its locale as `Russian_Russia`.
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    found = default or next((environ[name] for name in names if environ.get(name)), "")
    if not found:
        import locale  # noqa: PLC0415 - a table of a thousand names, where no variable says it

        found = locale.getlocale()[0] or ""
    spoken = "ru" if found.lower().startswith("ru") else "en"
    own = environ.get(VARIABLE, "")
    if own and own not in LANGUAGES:
        use(spoken)  # to say it in
        wanted = _("{variable}={value}: one of {names} is wanted")
        raise UsageError(wanted.format(variable=VARIABLE, value=own, names=", ".join(LANGUAGES)))
    return own or spoken
