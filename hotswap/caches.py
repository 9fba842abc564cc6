"""Which remembered results are answers of code that changed?"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from hotswap.values import attributes, is_a

if TYPE_CHECKING:
    from hotswap.graph import Graph
    from hotswap.lookups import Key
    from hotswap.source import Unit
    from hotswap.statements import Statement

_NAMES = frozenset({"lru_cache", "cache", "cached_property"})
_LRU = functools._lru_cache_wrapper
_KINDS = (_LRU, functools.cached_property)


Place = tuple[str, str]
"""A name of a module, and an attribute if that is a class."""


class News(NamedTuple):
    """What changed."""

    keys: set[Key]
    codes: set[int]
    """By id, those of functions."""
    attributes: frozenset[str] = frozenset()
    """Of classes, by whatever they are read."""


class Caches:
    """
    The `lru_cache`s and `cached_property`s of modules.

    Asked for at every reload of every module, hence their places are remembered for as long as a
    module runs the same code and has as many names.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._places: dict[Unit, tuple[CodeType | None, int, tuple[Place, ...]]] = {}

    def locate(self, units: Iterable[Unit]) -> None:
        """Look for those of modules that were never looked at."""
        for unit in units:
            if unit not in self._places:
                self._renew(unit)

    def _renew(self, unit: Unit) -> tuple[CodeType | None, int, tuple[Place, ...]]:
        self._places[unit] = (unit.code, len(unit.namespace), tuple(self._look(unit)))
        return self._places[unit]

    def of(self, units: Iterable[Unit]) -> tuple[list[Any], list[tuple[type, Any]]]:
        """
        Those `lru_cache`s of some modules that remember something; and their classes, each with
        a `cached_property` of it.
        """
        filled: list[Any] = []
        properties: list[tuple[type, Any]] = []
        for cls, cache in self._all(units):
            if type(cache) is _LRU:
                if cache.cache_info().currsize:
                    filled.append(cache)
            elif cls:
                properties.append((cls, cache))
        return filled, properties

    def _all(self, units: Iterable[Unit]) -> Iterator[tuple[Any, Any]]:
        for unit in units:
            code, space = unit.code, unit.namespace
            known = self._places.get(unit)
            if known is None or known[0] is not code or known[1] != len(space):
                known = self._renew(unit)
            for name, attribute in known[2]:
                value = space.get(name)
                cache = _at(space, name, attribute) if attribute else value
                if type(cache) in _KINDS:
                    yield (value if attribute else None), cache

    def _look(self, unit: Unit) -> Iterator[Place]:
        if _NAMES.isdisjoint(self._graph.mentioned(unit)):
            return
        for name, value in list(unit.namespace.items()):
            if type(value) is _LRU:
                yield name, ""
            elif is_a(value, type) and value.__module__ == unit.name:
                for attribute in list(vars(value)):
                    if type(_at(unit.namespace, name, attribute)) in _KINDS:
                        yield name, attribute


def asked_for(
    graph: Graph, unit: Unit, statement: Statement
) -> Iterator[tuple[dict[str, Any], str]]:
    """
    What a line had objects remember, as it asked for a `cached_property`: where, and the name.
    """
    ran = graph.ran_for(unit, statement) if statement.reads.chains else ()
    codes = {(code.co_filename, code.co_name) for code in ran}
    for first, *path in statement.reads.chains if codes else ():
        one = unit.namespace.get(first)
        for name in path:
            if name in attributes(one) and _computed_by(one, name) in codes:
                yield attributes(one), name
            one = attributes(one).get(name)


def _computed_by(one: Any, name: str) -> tuple[str, str] | None:
    """File and name of the function of a `cached_property`."""
    kinds = () if is_a(one, (type, ModuleType)) else type(one).__mro__
    found = next((vars(kind)[name] for kind in kinds if name in vars(kind)), None)
    if type(found) is not functools.cached_property:
        return None
    code = getattr(found.func, "__code__", None)
    return None if code is None else (code.co_filename, code.co_name)


def _at(space: dict[str, Any], name: str, attribute: str) -> Any:
    cls = space.get(name)
    value: Any = vars(cls).get(attribute) if is_a(cls, type) else None
    return value.__func__ if type(value) in (staticmethod, classmethod) else value
