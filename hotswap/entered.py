"""Which containers have what a definition made: a registry, a table of handlers?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from opcode import opmap
from typing import TYPE_CHECKING, Any

from hotswap.containers import containers, entries_of
from hotswap.entries import is_plain, mentioned

if TYPE_CHECKING:
    from hotswap.containers import Watched
    from hotswap.graph import Graph
    from hotswap.source import Unit
    from hotswap.statements import Statement

_FILLS = opmap["STORE_SUBSCR"]

Place = tuple["Unit", "Watched"]
"""A container, and the module that it is in."""


class Entered:
    """
    All containers of the modules, by what is in them; they are gone through once, if at all.

    Args:
        own: Object → whether the project's own code made or defines it.
    """

    def __init__(self, graph: Graph, own: Callable[[Any], bool]) -> None:
        self._graph, self._own = graph, own
        self._places: dict[object, list[Place]] | None = None

    def renew(self) -> None:
        """Something has executed: other things may be in them."""
        self._places = None

    def of(self, unit: Unit, statement: Statement) -> Iterator[tuple[object, str]]:
        """The containers that have what a statement defines, and that it is no line of theirs."""
        if self._places is None:
            self._places = self._all()
        names = statement.binds
        quoted = {f"{quote}{name}{quote}".encode() for name in names for quote in "'\""}
        found: dict[int, Place] = {}
        for name in names:
            value = unit.namespace.get(name)
            for place in () if is_plain(value) else self._places.get(id(value), ()):
                found[id(place[1])] = place
            for place in self._places.get(name, ()):
                if not any(text in place[0].data for text in quoted):
                    found[id(place[1])] = place
        for other, one in found.values():
            if not self._graph.names_in(other, one.where, names):
                yield id(one.container), one.where

    def _all(self) -> dict[object, list[Place]]:
        places: dict[object, list[Place]] = {}
        for unit in list(self._graph.units.values()):
            for one in containers(unit, self._own):
                if type(one.container) is set or one.where.endswith(".__all__"):
                    continue
                for entry in entries_of(one.container):
                    for what in mentioned(entry):
                        places.setdefault(what, []).append((unit, one))
        return places


def is_memory(unit: Unit, name: str) -> bool:
    """Whether the `__getattr__` of a module remembers there what it was asked for."""
    code = getattr(unit.namespace.get("__getattr__"), "__code__", None)
    return code is not None and name in code.co_names and _FILLS in code.co_code[::2]
