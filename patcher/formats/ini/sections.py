"""Which section and which key of an INI file is meant by a name, by the rules of a dialect."""

from __future__ import annotations

import re

from patcher.errors import Refused
from patcher.formats.ini.rules import Rules
from patcher.formats.ini.scan import IniSection, Option, scan
from patcher.formats.lines.flat import in_another_case, the_only
from patcher.formats.linewise import line_of
from patcher.formats.ops import NodePath
from patcher.i18n import _

# What some readers take off a key.
_LOOSE = re.compile(r"[\s\x1a\ufeff\"'\\]+|\[\]\Z")


class Sections:
    """The sections of a text, to find things in. All methods raise `Refused` for what is not sure."""

    def __init__(self, text: str, rules: Rules) -> None:
        self.text = text
        self.rules = rules
        self.sections = list(scan(text, rules))

    def same(self, one: str, other: str, *, section: bool = False) -> bool:
        """Whether two names are one to the dialect, or to one of its readers."""
        folded = self.rules.folded == "names" or (self.rules.folded and not section)
        return one.lower() == other.lower() if folded else one == other

    def named(self, name: str | None) -> list[IniSection]:
        """The sections with this name; those that count, where they are several."""
        found = [
            each
            for each in self.sections
            if (each.name is None) is (name is None)
            and (name is None or each.name is None or self.same(each.name, name, section=True))
        ]
        for section in found:
            if section.odd:
                raise Refused(
                    _("a line of the section begins with a blank that not every program takes for one"),
                    line=line_of(self.text, section.odd - 1),
                    cure=_("begin it with a letter, or with an ordinary blank"),
                )
        if len(found) > 1 and not self.rules.counts:
            lines = [line_of(self.text, section.start) for section in found[:2]]
            raise Refused(
                _("section [{name}] stands on lines {first} and {second}").format(
                    name=name, first=lines[0], second=lines[1]
                ),
                line=lines[1],
                cure=_("make them one"),
            )
        return found[:1] if self.rules.counts == "first" else found

    def section(self, name: str | None) -> IniSection:
        """Where a new key of this section goes."""
        found = self.named(name)
        if not found:
            raise Refused(
                _("section [{name}] stands in no place that can be edited").format(name=name),
                cure=_("put its header on a line of its own"),
            )
        return found[-1]

    def options(self, place: NodePath) -> list[Option]:
        """All keys at a place, in any case that the dialect does not tell apart."""
        name, key = None if len(place) == 1 else str(place[0]), str(place[-1])
        found = [option for section in self.named(name) for option in section.options]
        for option in found:
            if option.key != key and _LOOSE.sub("", option.key).partition("#")[0].partition(";")[0] == key:
                raise Refused(
                    _("{key} is written in an unusual way").format(key=key),
                    line=line_of(self.text, option.start),
                    cure=_("write {key}=value").format(key=key),
                )
        return [option for option in found if self.same(option.key, key)]

    def option(self, place: NodePath) -> Option:
        """The one that counts. Raises `Refused` where there are several and none surely does."""
        found = self.options(place)
        if len(found) < 2 or not self.rules.counts:
            the_only(self.text, str(place[-1]), found)
        if self.rules.careful:
            self.require_spelling(str(place[-1]), found[0])
        return found[-1 if self.rules.counts == "last" else 0]

    def require_spelling(self, key: str, option: Option) -> None:
        """Raises `Refused` for a key that is there in another case."""
        if option.key != key:
            raise in_another_case(key, option.key, line_of(self.text, option.start))
