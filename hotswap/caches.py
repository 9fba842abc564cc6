"""Which remembered results are answers of code that changed?"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from hotswap.values import is_a

if TYPE_CHECKING:
    from hotswap.graph import Graph, Key
    from hotswap.source import Unit

_NAMES = frozenset({"lru_cache", "cache"})
_LRU = functools._lru_cache_wrapper
_HOLDERS = frozenset({_LRU, staticmethod, classmethod})
_COMMON = frozenset(
    {FunctionType, ModuleType, str, int, float, bool, type(None), dict, list, tuple, set, frozenset}
)


def stale(
    graph: Graph, units: Iterable[Unit], keys: set[Key], codes: set[int]
) -> Iterator[tuple[str, Any]]:
    """
    The `lru_cache`s whose function reads, itself or through functions that it names, something
    that changed.

    Args:
        keys: Names that changed.
        codes: By id, code of functions that changed.
    """
    for unit in units:
        if _NAMES.isdisjoint(graph.mentioned(unit)):
            continue
        for cache in _caches(unit):
            function = cache.__wrapped__
            if cache.cache_info().currsize and _reads(graph, function, keys, codes, set()):
                yield function.__qualname__, cache


def _caches(unit: Unit) -> Iterator[Any]:
    """Asked of every dependent at every reload: most values are told by their type at once."""
    for value in [one for one in list(unit.namespace.values()) if type(one) not in _COMMON]:
        if type(value) is _LRU:
            yield value
        elif issubclass(type(value), type) and value.__module__ == unit.name:
            found = [one for one in list(vars(value).values()) if type(one) in _HOLDERS]
            for attribute in found:
                inner = attribute if type(attribute) is _LRU else attribute.__func__
                if type(inner) is _LRU:
                    yield inner


def _reads(graph: Graph, function: Any, keys: set[Key], codes: set[int], seen: set[int]) -> bool:
    if not is_a(function, FunctionType) or id(function) in seen:
        return False
    seen.add(id(function))
    if id(function.__code__) in codes:
        return True
    space = function.__globals__
    names = _all_names(function.__code__)
    return any(
        (space.get("__name__"), name) in keys
        or any(
            (module, attribute) in keys or _reads(graph, inner, keys, codes, seen)
            for module, attribute, inner in _reached(graph, space.get(name), names)
        )
        for name in names
    )


def _reached(  # noqa: C901 - a branch for each kind of object
    graph: Graph, value: Any, names: tuple[str, ...]
) -> Iterator[tuple[str, str, Any]]:
    """What code gets hold of by way of an object: module, name (or neither) and function."""
    if is_a(value, ModuleType):
        if value.__name__ in graph.units:
            for name in names:
                yield value.__name__, name, vars(value).get(name)
    elif is_a(value, FunctionType) or hasattr(value, "__wrapped__"):
        yield "", "", getattr(value, "__wrapped__", value)
    else:
        kind = value if is_a(value, type) else type(value)
        if kind.__module__ in graph.units:
            for base in kind.__mro__:
                yield base.__module__, base.__name__, None
            for name in (*names, "__init__"):
                found = next((vars(one)[name] for one in kind.__mro__ if name in vars(one)), None)
                for attribute in ("__func__", "fget", "func", "__wrapped__"):
                    found = getattr(found, attribute, found)
                yield "", "", found


def _all_names(code: CodeType) -> tuple[str, ...]:
    inner = [const for const in code.co_consts if is_a(const, CodeType)]
    return code.co_names + tuple(name for one in inner for name in _all_names(one))
