"""Which plain values, queues and arrays do a module, its classes and objects have, and where?"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from types import FunctionType, MemberDescriptorType, ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

from hotswap.containers import CONTAINERS, entries_of, is_container, parts_of
from hotswap.piles import Content
from hotswap.values import MISSING, PLAIN, attributes, is_a

if TYPE_CHECKING:
    from hotswap.source import Unit

_KINDS = frozenset({*PLAIN, tuple, frozenset, *CONTAINERS})
"""Of values that are looked at as such."""
_APART = (type, FunctionType, ModuleType)
_DEPTH = 3
_FEW = 32


class Row(NamedTuple):
    """An attribute of a module, class, function or object; or what is in a queue or an array."""

    holder: Any
    name: str
    value: Any
    """What it held when it was looked at; of a queue or an array, its `Content`."""
    module: str
    top: str
    """The name of the module that leads to it."""

    @property
    def where(self) -> str:
        """How it is called."""
        inner = "" if is_a(self.holder, ModuleType) or not self.name else f".{self.name}"
        return f"{self.module}.{self.top}{inner}"

    @property
    def now(self) -> Any:
        """What it holds by now; a queue or an array is what it is."""
        if type(self.value) is Content:
            return self.holder
        return _read(self.holder, self.name, self.value)

    def put_back(self) -> None:
        """Let it hold what it did."""
        if type(self.value) is Content:
            self.value.put_back(self.holder)
        elif self.now is not self.value:
            _write(self.holder, self.name, self.value)


def plain_in(unit: Unit, own: Callable[[Any], bool]) -> Iterator[Row]:
    """
    Those of a module: they are numbers, texts, tuples, containers, or objects in another one.

    Args:
        own: Object -> whether the project's own code made or defines it.
    """
    for name, value in list(unit.namespace.items()):
        if name[:2] == "__":
            continue
        if type(value) in _KINDS:
            yield Row(unit.module, name, value, unit.name, name)
        if _has_none(value):
            continue
        for holder, inner, one in _of(value, unit.name, own, _DEPTH):
            yield Row(holder, inner, one, unit.name, name)


def _has_none(value: Any) -> bool:
    """Whether nothing is to be looked for in it: as in most that modules have."""
    kind = type(value)
    bare = kind is FunctionType and not value.__dict__
    return bare or kind in PLAIN or kind is ModuleType


_Found = Iterator[tuple[Any, str, Any]]


def _of(value: Any, module: str, own: Callable[[Any], bool], depth: int) -> _Found:
    """What is in a value, and in that, so many times."""
    if type(value) in PLAIN or is_a(value, ModuleType) or not depth:
        return
    if (content := Content.of(value)) is not None:
        yield value, "", content
    elif is_container(value) or type(value) is tuple:
        rows = entries_of(value) if len(value) <= _FEW else ()
        for one in [one for _, one in rows if not is_a(one, _APART)]:
            yield from _of(one, module, own, depth - 1)
    elif is_a(value, (type, FunctionType)):
        if value.__module__ == module:
            yield from _attributes(value, dict(vars(value)), module, own, depth)
    elif type(value) is SimpleNamespace or own(value):
        yield from _attributes(value, parts_of(value), module, own, depth)


def _attributes(
    holder: Any, space: dict[str, Any], module: str, own: Callable[[Any], bool], depth: int
) -> _Found:
    for name, value in space.items():
        if name.startswith("__"):
            continue
        if type(value) in _KINDS or _is_part(value, own):
            yield holder, name, value
        if (content := Content.of(value)) is not None:
            yield value, name, content
        elif not is_a(value, _APART) or _is_inner(holder, name, value):
            yield from _of(value, module, own, depth - 1)


def _is_part(value: Any, own: Callable[[Any], bool]) -> bool:
    plain = type(value) in PLAIN or is_a(value, _APART) or not attributes(value)
    return not plain and own(value)


def _is_inner(holder: Any, name: str, value: Any) -> bool:
    """Whether a class is defined in the body of another one."""
    both = is_a(holder, type) and is_a(value, type)
    return both and value.__qualname__ == f"{holder.__qualname__}.{name}"


def _read(holder: Any, name: str, default: Any) -> Any:
    """What an attribute is by now, without running what a class has to say about that."""
    slot = _slot(holder, name)
    if slot is not None:
        with contextlib.suppress(AttributeError):  # not filled any more
            return slot.__get__(holder)
        return default
    return (vars(holder) if is_a(holder, type) else attributes(holder)).get(name, default)


def _write(holder: Any, name: str, value: Any) -> None:
    """Give back what an attribute was."""
    if is_a(holder, type):
        type.__setattr__(holder, name, value)
    elif slot := _slot(holder, name):
        slot.__set__(holder, value)
    else:
        attributes(holder)[name] = value


def _slot(holder: Any, name: str) -> MemberDescriptorType | None:
    found = (vars(kind).get(name, MISSING) for kind in type(holder).__mro__)
    first = next((one for one in found if one is not MISSING), None)
    return first if type(first) is MemberDescriptorType else None
