"""Python's configparser as a reader: the standard library itself, with its own defaults.

Two things are set otherwise. Interpolation is off, so that `%` stays as it is written; and a key or
section that stands twice is read (the last counts), where by default the program would fail.
Keys keep their case, as in the programs that ask for that.
"""

from __future__ import annotations

import configparser

from patcher.errors import Refused
from patcher.formats.ops import Node, Unordered
from patcher.i18n import _


class _Parser(configparser.RawConfigParser):
    def optionxform(self, optionstr: str) -> str:
        return optionstr


def read(text: str) -> dict[str, Node]:
    """Raises `Refused`, with the line, for what configparser fails on."""
    parser = _Parser(strict=False, default_section="\0")
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
    tree = Unordered()
    for name in parser.sections():
        tree[name] = Unordered(parser.items(name, raw=True))
    return tree
