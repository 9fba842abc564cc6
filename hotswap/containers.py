"""In which containers of a module, its classes and its objects may something be entered?"""

from __future__ import annotations

import gc
import logging
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import EnumMeta
from functools import singledispatchmethod
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, WeakSet, WeakValueDictionary

from hotswap.entries import is_dispatcher
from hotswap.values import PLAIN, attributes, is_a

if TYPE_CHECKING:
    from hotswap.entries import Entry
    from hotswap.source import Unit

CONTAINERS = frozenset({list, dict, set, defaultdict, OrderedDict})
_WEAK = (WeakSet, WeakKeyDictionary, WeakValueDictionary)
_NESTED = 256
"""Containers in larger ones are data, not registrations."""
_MANY = 10_000


@dataclass(eq=False)
class Watched:
    """A container, and what is in it before a statement runs."""

    container: Any
    where: str
    holder: Any = None
    """The dict that it is a value of."""
    key: Any = None
    foreign: bool = False
    """It belongs to an object of a library, which may know more than what is in here."""
    before: list[Entry] = field(default_factory=list)
    withdrawn: dict[int, Entry] = field(default_factory=dict)
    """By their index in `before`."""
    hidden: list[Entry] = field(default_factory=list)
    """What was entered after these."""
    forget: Callable[[], object] | None = None
    """Has what is remembered of it found out anew."""

    @property
    def name(self) -> str:
        """By which functions name it, or the dict that it is in."""
        return self.where.partition("[")[0].rpartition(".")[2]

    @property
    def is_in_place(self) -> bool:
        """Whether the dict that it was a value of still has it."""
        return self.holder is None or self.holder.get(self.key) is self.container

    @property
    def group(self) -> int:
        """Equal for a dict and the lists in it."""
        return id(self.container if self.holder is None else self.holder)

    def has_grown(self) -> bool:
        """Whether there is more than what was not withdrawn."""
        stayed = len(self.before) - len(self.withdrawn) - len(self.hidden)
        return len(self.container) > stayed or self._has_overridden()

    def _has_overridden(self) -> bool:
        """Whether a key that stayed has another value."""
        if not is_a(self.container, dict):
            return False
        away = [*self.withdrawn.values(), *self.hidden]
        rest = [row for row in self.before if not any(row is one for one in away)]
        return any(self.container.get(key) is not value for key, value in rest)

    def has_another_first(self) -> bool:
        """Whether it is under a key, and what was entered first is another entry by now."""
        if self.holder is None or not self.is_in_place:
            return False
        first = next(iter(entries_of(self.container)), None)
        return bool(self.before) and first is not None and first[1] is not self.before[0][1]


def containers(unit: Unit, own: Callable[[Any], bool]) -> Iterator[Watched]:
    """The containers of a module, and those that its classes and objects have."""
    names = [name for name in unit.namespace if name[:2] != "__" or name == "__all__"]
    for name in names:
        value, where = unit.namespace[name], f"{unit.name}.{name}"
        if _has_none(value) or value is unit.namespace:
            continue  # the names of a module are looked after as such
        if type(value) in CONTAINERS:
            yield from _with_nested(value, where)
        elif is_a(value, type):
            if value.__module__ == unit.name and not is_a(value, EnumMeta):
                yield from _inside(dict(vars(value)), where)
        elif is_a(value, (*_WEAK, logging.Logger)) or is_dispatcher(value):
            yield from _of_library(value, where)
        elif own(value):
            yield from of_object(value, where, own)


def _has_none(value: Any) -> bool:
    """Whether there are no containers in it: what is in a module is that one's own."""
    if type(value) is FunctionType:
        return not value.__dict__
    return type(value) in PLAIN or is_a(value, ModuleType)


def _of_library(value: Any, where: str) -> Iterator[Watched]:
    if is_a(value, logging.Logger):
        yield Watched(value.handlers, f"{where}.handlers")
        yield Watched(value.filters, f"{where}.filters")
    elif is_dispatcher(value):
        (registry,) = gc.get_referents(value.registry)  # of which anybody sees a proxy
        yield Watched(registry, f"{where}.registry", forget=value._clear_cache)
    else:
        yield Watched(value.data, f"{where}.data", foreign=True)


def of_object(value: Any, where: str, own: Callable[[Any], bool]) -> Iterator[Watched]:
    """
    The containers of an object, and of those of its parts that are `own`: an application has a
    router that has a list of routes.
    """
    space = dict(attributes(value))
    yield from _inside(space, where)
    for name, part in space.items():
        if type(part) in PLAIN or is_a(part, (type, FunctionType, ModuleType)):
            continue
        if own(part):
            yield from _inside(dict(attributes(part)), f"{where}.{name}")


def _with_nested(container: Any, where: str) -> Iterator[Watched]:
    yield Watched(container, where)
    if is_a(container, dict) and len(container) <= _NESTED:
        for key, value in container.items():
            if type(value) in CONTAINERS:
                yield Watched(value, f"{where}[{key!r:.40}]", container, key)


def _inside(space: dict[str, Any], where: str) -> Iterator[Watched]:
    for name, value in space.items():
        if type(value) in CONTAINERS and not name.startswith("__"):
            yield from _with_nested(value, f"{where}.{name}")


def containers_of(value: Any, own: Callable[[Any], bool]) -> list[Any]:
    """A container, or the containers that an object has."""
    if type(value) in CONTAINERS:
        return [value]
    if is_foreign(value, own):
        return [one.container for one in of_object(value, "", _any)]
    if is_a(value, (type, FunctionType, ModuleType)) or not own(value):
        return []
    return [one.container for one in of_object(value, "", own)]


def of_foreign(value: Any, where: str) -> Iterator[Watched]:
    """The containers of a library's object, such as a parser or an application."""
    for one in of_object(value, where, _any):
        if len(one.container) <= _MANY:
            one.foreign = True
            yield one


def is_foreign(value: Any, own: Callable[[Any], bool]) -> bool:
    """Whether it is an object of a library, and has more to it than a value."""
    kinds = (type, FunctionType, ModuleType, logging.Logger, singledispatchmethod)
    return bool(attributes(value)) and not is_a(value, kinds) and not own(value)


def _any(_: Any) -> bool:
    return True


def entries_of(container: Any) -> list[Entry]:
    """Key and value of each; a list or set has no keys."""
    if is_a(container, dict):
        return list(container.items())
    return [(None, value) for value in container]
