"""Which remembered results are answers of code that changed?"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from hotswap import dotted
from hotswap.values import attributes, is_a, relatives

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

    def is_stale(self, function: Any, news: News) -> bool:
        """Whether a function reads, itself or through functions that it names, what changed."""
        return _reads(self._graph, function, news, set())

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


def _reads(graph: Graph, function: Any, news: News, seen: set[int]) -> bool:
    if not is_a(function, FunctionType) or id(function) in seen:
        return False
    seen.add(id(function))
    space = function.__globals__
    names = _all_names(function.__code__)
    if id(function.__code__) in news.codes or not news.attributes.isdisjoint(names):
        return True
    owner = dotted.find(space, function.__qualname__.rpartition(".")[0])
    if is_a(owner, type):  # `self.f()`, of whatever class `self` is
        methods = [
            one for name in names for kind in relatives(owner) for one in _made_of(kind, name)
        ]
        if any(_reads(graph, one, news, seen) for one in methods):
            return True
    return any(
        (space.get("__name__"), name) in news.keys
        or any(
            (module, attribute) in news.keys or _reads(graph, inner, news, seen)
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
                for found in [one for base in kind.__mro__ for one in _made_of(base, name)][:1]:
                    yield "", "", found


def _made_of(cls: type, name: str) -> Iterator[Any]:
    """What a class body has under a name, without what a decorator made of it."""
    if name in vars(cls):
        found = vars(cls)[name]
        for attribute in ("__func__", "fget", "func", "__wrapped__"):
            found = getattr(found, attribute, found)
        yield found


def _all_names(code: CodeType) -> tuple[str, ...]:
    inner = [const for const in code.co_consts if is_a(const, CodeType)]
    return code.co_names + tuple(name for one in inner for name in _all_names(one))
