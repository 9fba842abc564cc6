"""In which containers of a module, its classes and its objects may something be entered?"""

from __future__ import annotations

import gc
import logging
from collections import ChainMap, OrderedDict, UserDict, UserList, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import EnumMeta
from functools import singledispatchmethod
from types import FunctionType, MemberDescriptorType, ModuleType
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, WeakSet, WeakValueDictionary

from hotswap.entries import is_dispatcher
from hotswap.functions import positional_defaults
from hotswap.values import BASES, PLAIN, attributes, base_of, is_a, is_pile

if TYPE_CHECKING:
    from hotswap.entries import Entry
    from hotswap.source import Unit

CONTAINERS = frozenset({list, dict, set, defaultdict, OrderedDict})
_WEAK = (WeakSet, WeakKeyDictionary, WeakValueDictionary)
_WRAPPING = (ChainMap, UserDict, UserList)
_DEPTH = 3
_FEW = 32
_NESTED = 256
"""Containers in larger ones are data, not registrations."""
_MANY = 10_000


@dataclass(eq=False)
class Watched:
    """A container, and what is in it before a statement runs."""

    container: Any
    where: str
    owner: Any = None
    """The object that has it."""
    inner: bool = False
    """It is in another one."""
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
        return self.holder is None or dict.get(self.holder, self.key) is self.container

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
        return any(dict.get(self.container, key) is not value for key, value in rest)

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
        if is_a(value, type):
            if value.__module__ == unit.name and not is_a(value, EnumMeta):
                yield from _inside(dict(vars(value)), where, own, _DEPTH - 1)
        elif is_a(value, (*_WEAK, *_WRAPPING, logging.Logger)) or is_dispatcher(value):
            yield from _of_library(value, where)
        else:
            yield from _of_value(value, where, own)
            if type(value) is FunctionType and value.__module__ == unit.name:
                yield from _inside(positional_defaults(value), where, own, _DEPTH - 1)


def _has_none(value: Any) -> bool:
    """Whether there are no containers in it: what is in a module is that one's own."""
    if type(value) is FunctionType:
        return not (value.__dict__ or value.__defaults__)
    return type(value) in PLAIN or is_a(value, ModuleType)


def _of_library(value: Any, where: str) -> Iterator[Watched]:
    if is_a(value, logging.Logger):
        yield Watched(value.handlers, f"{where}.handlers")
        yield Watched(value.filters, f"{where}.filters")
    elif is_dispatcher(value):
        (registry,) = gc.get_referents(value.registry)  # of which anybody sees a proxy
        yield Watched(registry, f"{where}.registry", forget=value._clear_cache)
    elif is_a(value, _WRAPPING):
        held = attributes(value)
        for inner in held["maps"] if is_a(value, ChainMap) else [held["data"]]:
            if is_container(inner):
                yield Watched(inner, where)
    else:
        yield Watched(value.data, f"{where}.data", foreign=True)


def of_object(
    value: Any, where: str, own: Callable[[Any], bool], depth: int = 1
) -> Iterator[Watched]:
    """
    The containers of an object, and of those of its parts that are `own`: an application has a
    router that has a list of routes.
    """
    space = parts_of(value)
    for one in _inside(space, where, own, depth):
        one.owner = one.owner or value
        yield one
    for name, part in space.items():
        if type(part) in PLAIN or is_a(part, (type, FunctionType, ModuleType)):
            continue
        if is_container(part) or not own(part):
            continue
        yield from of_object(part, f"{where}.{name}", own, depth - 1) if depth > 0 else ()


def parts_of(value: Any) -> dict[str, Any]:
    """What an object has, also in slots."""
    found = dict(attributes(value))
    for kind in type(value).__mro__:
        for name, slot in vars(kind).items() if "__slots__" in vars(kind) else ():
            if type(slot) is MemberDescriptorType:
                found[name] = getattr(value, name, None)
    return found


def is_container(value: Any) -> bool:
    """Whether things can be entered in it: a list, dict, set, or one derived from that."""
    return type(value) in CONTAINERS or is_a(value, BASES)


def _of_value(
    value: Any, where: str, own: Callable[[Any], bool], depth: int = _DEPTH
) -> Iterator[Watched]:
    if is_container(value):
        yield from _with_nested(value, where, own, depth)
    elif type(value) is tuple:
        for at, one in enumerate(value[:_FEW]):
            yield from _of_value(one, f"{where}[{at}]", own, depth - 1) if depth > 0 else ()
        return
    if type(value) not in CONTAINERS and not is_a(value, type) and own(value):
        yield from of_object(value, where, own, depth - 1)


def _with_nested(
    container: Any, where: str, own: Callable[[Any], bool], depth: int
) -> Iterator[Watched]:
    yield Watched(container, where)
    rows = entries_of(container) if depth >= 0 and len(container) <= _NESTED else []
    keyed = is_a(container, dict)
    for at, (key, value) in enumerate(rows if keyed or len(rows) <= _FEW else ()):
        if is_container(value):
            name = f"{key!r:.40}" if keyed else str(at)
            inner = _with_nested(value, f"{where}[{name}]", own, depth - 1)
            first = next(inner)
            first.holder, first.key = (container, key) if keyed else (None, None)
            first.inner = True
            yield first
            yield from inner
    for at, (key, value) in enumerate(rows if depth > 1 and len(rows) <= _FEW else ()):
        plain = type(value) in PLAIN or is_a(value, (type, FunctionType, ModuleType, *BASES))
        if not plain and own(value):
            name = f"{key!r:.40}" if keyed else str(at)
            yield from of_object(value, f"{where}[{name}]", own, depth - 1)


def _inside(
    space: dict[str, Any], where: str, own: Callable[[Any], bool], depth: int
) -> Iterator[Watched]:
    for name, value in space.items():
        if is_container(value) and not name.startswith("__"):
            yield from _with_nested(value, f"{where}.{name}", own, depth)


def containers_of(value: Any, own: Callable[[Any], bool]) -> list[Any]:
    """A container, or the containers that an object has, or a function as defaults."""
    if type(value) is FunctionType:
        return [one for one in positional_defaults(value).values() if is_container(one)]
    if type(value) in CONTAINERS:
        return [value]
    if is_a(value, BASES):
        return [value, *(one.container for one in of_object(value, "", own))]
    if is_foreign(value, own):
        return [one.container for one in of_object(value, "", _any)]
    if is_a(value, (type, ModuleType)) or not own(value):
        return []
    return [one.container for one in of_object(value, "", own)]


def of_foreign(value: Any, where: str) -> Iterator[Watched]:
    """The containers of a library's object, such as a parser or an application."""
    if is_container(value):
        yield Watched(value, where)
        return
    for one in of_object(value, where, _any):
        if len(one.container) <= _MANY:
            one.foreign = True
            yield one


def is_foreign(value: Any, own: Callable[[Any], bool]) -> bool:
    """Whether it is an object of a library, and has more to it than a value."""
    kinds = (type, FunctionType, ModuleType, logging.Logger, singledispatchmethod, *_WRAPPING)
    apart = is_a(value, kinds) or is_pile(value)
    return bool(attributes(value)) and not apart and not own(value)


def _any(_: Any) -> bool:
    return True


def entries_of(container: Any) -> list[Entry]:
    """Key and value of each; a list or set has no keys."""
    base = base_of(container)
    if issubclass(base, dict):
        return list(base.items(container))
    return [(None, value) for value in base.__iter__(container)]
