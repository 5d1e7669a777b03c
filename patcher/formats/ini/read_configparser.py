"""Python's configparser as a reader: the standard library itself, with its own defaults.

Two things are set otherwise. Interpolation is off, so that `%` stays as it is written; and a key or
section that stands twice is read (the last counts), where by default the program would fail.
By default keys are the same in any case; programs that set `optionxform = str` tell them apart.
"""

from __future__ import annotations

import configparser

from patcher.errors import Refused
from patcher.formats.ops import Folded, Node, Unordered
from patcher.i18n import _


class _Cased(configparser.RawConfigParser):
    def optionxform(self, optionstr: str) -> str:
        return optionstr


def read_cased(text: str) -> dict[str, Node]:
    """With keys that differ in case. Raises `Refused`, with the line, for what configparser fails on."""
    return Unordered(_sections(_parsed(_Cased, text)))


def read(text: str) -> dict[str, Node]:
    """Raises `Refused`, with the line, for what configparser fails on."""
    values = _parsed(configparser.RawConfigParser, text)
    tree = Unordered()
    for name, written in _sections(_parsed(_Cased, text)).items():
        tree[name] = here = Folded()
        for key in written:
            here.setdefault(here.spelling(key), values.get(name, key))
    return tree


def _parsed(kind: type[configparser.RawConfigParser], text: str) -> configparser.RawConfigParser:
    parser = kind(strict=False, default_section="\0")
    try:
        parser.read_string(text.replace("\r\n", "\n").replace("\r", ""))
    except configparser.MissingSectionHeaderError as error:
        raise Refused(
            _("Python's configparser reads no key before the first section"),
            line=error.lineno,
            cure=_("put the key below a section header"),
        ) from None
    except configparser.ParsingError as error:
        raise Refused(
            _("Python's configparser cannot read the line"),
            line=error.errors[0][0] if error.errors else None,
            cure=_("write it as key = value"),
        ) from None
    except (configparser.Error, AttributeError) as error:  # a value below a key that has none
        raise Refused(
            _("Python's configparser cannot read the file"), cure=_("correct it, and run again")
        ) from error
    return parser


def _sections(parser: configparser.RawConfigParser) -> dict[str, dict[str, Node]]:
    return {name: Unordered(parser.items(name, raw=True)) for name in parser.sections()}
