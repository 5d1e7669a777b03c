"""The standard library's `dataclass` at a tenth of its price, which every start of the program pays.

That one writes the methods of each class as source and compiles it, for half a millisecond a class; these are
there once, for all. To a reader, a type checker and `dataclasses.replace` it is the same; it has no `slots`,
`kw_only` or `order`.
"""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING, FrozenInstanceError
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Never

_Fields = tuple[dataclasses.Field[Any], ...]

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - for who imports it from here
else:

    def dataclass(
        cls: Any = None,
        *,
        frozen: bool = False,
        eq: bool = True,
        repr: bool = True,  # noqa: A002 - as it is called there
    ) -> Any:
        """Give a class what its annotated fields ask for."""
        if cls is None:
            return lambda its: dataclass(its, frozen=frozen, eq=eq, repr=repr)
        cls.__doc__ = cls.__doc__ or cls.__name__  # else it is asked for the signature, which takes long
        cls = dataclasses.dataclass(init=False, repr=False, eq=False)(cls)
        fields: _Fields = dataclasses.fields(cls)
        cls.__init__ = _init(fields)
        if repr:
            cls.__repr__ = _repr
        if eq:
            cls.__eq__, cls.__hash__ = _compared(fields)
            if not frozen:
                cls.__hash__ = None
        if frozen:
            cls.__setattr__ = cls.__delattr__ = _refuse
        return cls


def _init(fields: _Fields) -> Any:
    names = tuple(field.name for field in fields)
    known = set(names)
    defaults = {field.name: field.default for field in fields if field.default is not MISSING}
    made = {field.name: field.default_factory for field in fields if field.default_factory is not MISSING}

    def __init__(self: Any, *values: Any, **named: Any) -> None:  # noqa: N807 - it becomes that method
        held = self.__dict__
        held.update(defaults, **named)
        if values:
            held.update(zip(names, values))  # noqa: B905 - strict costs more than to look afterwards
        if made:
            held.update({name: make() for name, make in made.items() if name not in held})
        if held.keys() != known or len(values) > len(names):
            raise TypeError(type(self), held.keys() ^ known or values)

    return __init__


def _repr(self: Any) -> str:
    shown = (f"{each.name}={getattr(self, each.name)!r}" for each in dataclasses.fields(self) if each.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _compared(fields: _Fields) -> tuple[Any, Any]:
    """Whether two are equal, and the hash of one."""
    names = [field.name for field in fields if field.compare]
    values: Any = attrgetter(*names) if names else lambda _: ()

    def __eq__(self: Any, other: object) -> Any:  # noqa: N807 - the same
        return values(self) == values(other) if type(self) is type(other) else NotImplemented

    def __hash__(self: Any) -> int:  # noqa: N807 - the same
        return hash(values(self))

    return __eq__, __hash__


def _refuse(self: Any, name: str, *_value: Any) -> Never:
    raise FrozenInstanceError(type(self), name)
