"""What does a remembered result rest on? What a function reads, and those that it may call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from hotswap import dotted
from hotswap.values import is_a, relatives

if TYPE_CHECKING:
    from hotswap.caches import News
    from hotswap.graph import Graph

Name = tuple[Any, str]
"""Module and name; without a module, an attribute of whatever."""


class _Ground(NamedTuple):
    """One function, as it was looked into."""

    function: FunctionType
    names: set[Name]
    """What it reads."""
    others: list[FunctionType]
    """Those that it may call."""


class Grounds:
    """
    What functions read, for one transaction.

    Each function is looked into once, and once more after something has changed that it reads:
    caches are asked for before each statement that executes again.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._grounds: dict[int, _Ground] = {}
        self._readers: defaultdict[Name, set[int]] = defaultdict(set)
        self._callers: defaultdict[int, set[int]] = defaultdict(set)
        self._changed: list[Any] = []

    def stale(self, functions: Iterable[Any], news: News) -> set[int]:
        """By id, the functions that read what changed, themselves or through others they name."""
        changed, self._changed = self._changed, []
        for function in (*changed, *functions):
            self._look_into(function)
        todo = list(found := self._reading(news))
        while todo:
            new = self._callers.get(todo.pop(), set()) - found
            found |= new
            todo += new
        return found

    def look_again(self, news: News) -> None:
        """Who reads what changed may lead elsewhere by now."""
        for one in self._reading(news):
            ground = self._grounds.pop(one)
            self._changed.append(ground.function)
            for name in ground.names:
                self._readers[name].discard(one)
            for other in ground.others:
                self._callers[id(other)].discard(one)

    def _reading(self, news: News) -> set[int]:
        names = [*news.keys, *(("", name) for name in news.attributes)]
        found = {one for name in names for one in self._readers.get(name, ())}
        for one, ground in self._grounds.items() if news.codes else ():
            if id(ground.function.__code__) in news.codes:
                found.add(one)
        return found

    def _look_into(self, function: Any) -> None:
        todo = [function]
        while todo:
            one = todo.pop()
            if not is_a(one, FunctionType) or id(one) in self._grounds:
                continue
            ground = self._grounds[id(one)] = _ground(self._graph, one)
            for name in ground.names:
                self._readers[name].add(id(one))
            for other in ground.others:
                self._callers[id(other)].add(id(one))
            todo += ground.others


def _ground(graph: Graph, function: FunctionType) -> _Ground:
    space, others = function.__globals__, list[Any]()
    names = _all_names(function.__code__)
    read: set[Name] = {(module, name) for module in (space.get("__name__"), "") for name in names}
    owner = dotted.find(space, function.__qualname__.rpartition(".")[0])
    if is_a(owner, type):  # `self.f()`, of whatever class `self` is
        kinds = relatives(owner)
        others += [one for name in names for kind in kinds for one in _made_of(kind, name)]
    for name in names:
        for module, attribute, inner in _reached(graph, space.get(name), names):
            read.add((module, attribute))
            others.append(inner)
    found = {id(one): one for one in others if is_a(one, FunctionType)}
    return _Ground(function, read, list(found.values()))


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
