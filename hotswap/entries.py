"""What is an entry of a registry about, and which one is made in place of which?"""

from __future__ import annotations

import weakref
from collections.abc import Collection, Iterator
from enum import Enum
from functools import partial
from types import FunctionType, ModuleType
from typing import Any

from hotswap.values import PLAIN, attributes, is_a

Entry = tuple[Any, Any]
"""Key and value; None and a value in what has no keys."""

Place = tuple[str, int]
"""Module and line of a definition."""

_THROUGH = ("__wrapped__", "__func__", "func", "fget")
_WRAPPERS = ("builtins", "functools", "wrapt", "wrapt.wrappers")
_RECORDS = (list, tuple, dict, set, frozenset)
_DEPTH = 2


def mentions(entry: Entry, wanted: Collection[int]) -> bool:
    """Whether an entry has one of these objects (by id), a wrapper of it, or a record with it."""
    seen: dict[int, Any] = {}
    for one in entry:
        _go_through(one, _DEPTH, seen)
    return not seen.keys().isdisjoint(wanted)


def mentioned(entry: Entry) -> Iterator[object]:
    """Everything that an entry may mention: objects, by id, and texts."""
    seen: dict[int, Any] = {}
    for one in entry:
        if type(one) is str:
            yield one
        _go_through(one, _DEPTH, seen)
    yield from seen


def texts_in(entry: Entry) -> list[str]:
    """The texts of an entry, and of what is in it."""
    return [text for value in entry for text in _texts(value, _DEPTH)]


def _texts(value: Any, depth: int) -> Iterator[str]:
    if type(value) is str:
        yield value
    elif depth and type(value) not in PLAIN:
        rows = is_a(value, (tuple, list, set, frozenset))
        inner = value if rows else attributes(value).values()
        for one in [*value, *value.values()] if is_a(value, dict) else list(inner):
            yield from _texts(one, depth - 1)


def _go_through(value: Any, depth: int, seen: dict[int, Any]) -> None:
    """Note, by id, a value and what is in it; for each statement that is all registries have."""
    if id(value) in seen:
        return
    seen[id(value)] = value
    if type(value) in PLAIN or is_a(value, (type, ModuleType)):
        return
    if type(value) is FunctionType and not (value.__closure__ or value.__dict__):
        return
    if is_a(value, weakref.ref):
        inner = [value()]
    elif _is_wrapper(value):
        inner, depth = _wrapped(value), min(depth, 1)
    else:
        inner, depth = (_parts(value) if depth else []), depth - 1
    for one in inner:
        if type(one) in PLAIN:
            seen[id(one)] = one
        else:
            _go_through(one, depth, seen)


def _is_wrapper(value: Any) -> bool:
    kind = type(value)
    return kind.__module__ in _WRAPPERS and not issubclass(kind, _RECORDS)


def _wrapped(value: Any) -> list[Any]:
    """What a wrapper calls: not all that it knows, such as the registry itself."""
    found = [getattr(value, name, None) for name in _THROUGH]
    for cell in getattr(value, "__closure__", None) or ():
        try:
            found.append(cell.cell_contents)
        except ValueError:  # not yet filled
            continue
    return [one for one in found if callable(one)]


def _parts(value: Any) -> list[Any]:
    if is_a(value, (list, tuple)):
        return list(value[:16])
    if is_a(value, dict):
        return list(value.values())[:16]
    return list(attributes(value).values())[:32]


def meant(value: Any) -> Any:
    """What is entered, also by a weak reference, of which there may be another one each time."""
    return value() if is_a(value, weakref.ref) else value


def is_plain(value: Any) -> bool:
    """Whether a value says nothing about where it comes from."""
    return type(value) in PLAIN


def is_data(entries: list[Entry]) -> bool:
    """Whether there is nothing in it but plain values, and tuples of them."""
    return all(_is_data(value) and is_plain(key) for key, value in entries)


def _is_data(value: Any) -> bool:
    kind = type(value)
    return kind in PLAIN or (kind is tuple and all(type(one) in PLAIN for one in value))


def is_single(value: Any) -> bool:
    """Whether a value is an object that one line made, and not one that anybody may refer to."""
    return not is_plain(value) and not is_a(value, (type, FunctionType, ModuleType, Enum))


def is_dispatcher(value: Any) -> bool:
    """Whether `functools.singledispatch` made it."""
    return type(value) is FunctionType and {"registry", "dispatch"} <= value.__dict__.keys()


def same(old: Entry, new: Entry) -> bool:
    """Whether two entries cannot be told apart."""
    return bool(old[0] == new[0]) and _same(old[1], new[1])


def _same(old: Any, new: Any) -> bool:
    if old is new:
        return True
    if type(old) is not type(new):
        return False
    if type(old) in PLAIN:
        return bool(old == new)
    if type(old) in (list, tuple):
        return len(old) == len(new) and all(map(_same, old, new))
    return False


def same_key(old: Entry, new: Entry) -> bool:
    """Whether the one replaces the other."""
    return old[0] is not None and bool(old[0] == new[0])


def alike(old: Entry, new: Entry) -> bool:
    """Whether one line may have made both entries."""
    return _alike(old[1], new[1])


def _alike(old: Any, new: Any) -> bool:
    if type(old) is not type(new):
        return False
    if is_a(old, FunctionType):
        return old is new or _origin(old) == _origin(new)
    return type(old) is not tuple or len(old) == len(new)


def _origin(function: FunctionType) -> tuple[str, str]:
    return function.__code__.co_filename, function.__code__.co_name


def with_aliases(entry: Entry, alias: dict[int, Any]) -> Entry:
    """An entry with the objects that stay for those that only stood in for them."""
    key, value = entry
    if not alias:
        return entry
    key = alias.get(id(key), key)
    if type(value) is tuple and any(id(one) in alias for one in value):
        return key, tuple(alias.get(id(one), one) for one in value)
    if id(value) in alias:
        return key, alias[id(value)]
    return entry if key is entry[0] else (key, value)


def place_of(entry: Entry) -> Place | None:
    """Module and line of the definition that an entry is about."""
    for value in entry:
        for one in (value, *(() if type(value) in PLAIN or _is_wrapper(value) else _parts(value))):
            place = _place(one)
            if place is not None:
                return place
    return None


def _place(value: Any) -> Place | None:
    if is_a(value, FunctionType):
        inner = [value, *(one for one in _wrapped(value) if is_a(one, FunctionType))]
        own = [one for one in inner if "<locals>" not in _qualname(one)]
        return (own[0].__module__, own[0].__code__.co_firstlineno) if own else None
    if is_a(value, weakref.ref):
        return _place(value())
    if is_a(value, partial):
        return _place(value.func)
    if is_a(value, type):
        methods = [one for one in vars(value).values() if is_a(one, FunctionType)]
        lines = [one.__code__.co_firstlineno for one in methods if _is_method(one, value)]
        lines.insert(0, vars(value).get("__firstlineno__", 0))  # 3.13
        return next(((value.__module__, line) for line in lines if line), None)
    return None


def _is_method(function: FunctionType, cls: type) -> bool:
    return function.__qualname__ == f"{cls.__qualname__}.{function.__name__}"


def _qualname(function: FunctionType) -> str:
    """That of its code, which no `wraps` gave it."""
    code = function.__code__
    wrapped = getattr(function, "__wrapped__", None) is not None
    return getattr(code, "co_qualname", "<locals>" if wrapped else function.__qualname__)
