"""Which attributes of what lives on may functions set for a statement, or look at?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, pairwise
from opcode import opmap
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from hotswap.fills import filled_by, stored_by
from hotswap.members import Row, plain_in
from hotswap.scan import instructions
from hotswap.values import attributes, is_a

if TYPE_CHECKING:
    from hotswap.graph import Graph
    from hotswap.source import Unit
    from hotswap.statements import Statement

_MAKING = frozenset({"__init__", "__new__", "__post_init__", "__set_name__"})
"""What sets attributes of an object that is new."""
_LOADS = frozenset(op for name, op in opmap.items() if name.startswith("LOAD_FAST"))
_SET = opmap["STORE_ATTR"]


class Touches:
    """
    Attributes of classes, functions and objects that have a name, as the modules are now.

    Args:
        own: Object → whether the project's own code made or defines it.
    """

    def __init__(self, graph: Graph, own: Callable[[Any], bool]) -> None:
        self._graph, self._own = graph, own
        self._rows: dict[str, dict[str, list[Row]]] = {}

    def renew(self) -> None:
        """Something has executed."""
        self._rows.clear()

    def set_by(
        self, unit: Unit, statement: Statement, ran: Iterable[CodeType]
    ) -> Iterator[tuple[object, str]]:
        """What is set or filled by functions that ran for a statement, and how that is called."""
        names = {name for code in ran for name in (*_set_on_others(code), *filled_by(code))}
        for row in self._named(unit, statement, ran) if names else ():
            if row.name in names:
                made = row.module == unit.name and not is_a(row.holder, (type, FunctionType))
                yield (id(row.holder), row.name), row.top if made else row.where

    def seen_by(
        self, unit: Unit, statement: Statement, ran: Iterable[CodeType]
    ) -> Iterator[object]:
        """What such functions look at."""
        names = {name for code in ran for name in code.co_names}
        for row in self._named(unit, statement, ran) if names else ():
            if row.name in names:
                yield id(row.holder), row.name

    def _named(self, unit: Unit, statement: Statement, ran: Iterable[CodeType]) -> Iterator[Row]:
        """The attributes of what a statement names, or such functions."""
        named = {unit.name: {*statement.reads.names} - statement.binds}
        for code in ran:
            for owner in self._graph.owners(code):
                named[owner.name] = named.get(owner.name, set()) | {*code.co_names}
        found: dict[tuple[str, str], list[Row]] = {}
        for module, names in named.items():
            unit = self._graph.units[module]
            rows = self._by_top(unit)
            for name in names & unit.namespace.keys():
                found[module, name] = rows.get(name, [])
                found |= self._of_class(unit.namespace[name])
        yield from chain.from_iterable(found.values())

    def _of_class(self, value: Any) -> dict[tuple[str, str], list[Row]]:
        """What an object has from its class."""
        cls = type(value)
        owner = self._graph.units.get(cls.__module__)
        if owner is None:
            return {}
        top, own = cls.__qualname__.partition(".")[0], attributes(value)
        rows = self._by_top(owner).get(top, ())
        return {(owner.name, f"{top} of {id(value)}"): [one for one in rows if one.name not in own]}

    def _by_top(self, unit: Unit) -> dict[str, list[Row]]:
        known = self._rows.get(unit.name)
        if known is None:
            known = self._rows[unit.name] = {}
            for row in plain_in(unit, self._own):
                if row.holder is not unit.module:
                    known.setdefault(row.top, []).append(row)
        return known


def _set_on_others(code: CodeType) -> Iterator[str]:
    if code.co_name not in _MAKING:
        yield from stored_by(code)
        return
    for (before, variable), (one, name) in pairwise(instructions(code)):
        if one == _SET and not (before in _LOADS and variable == 0):
            yield code.co_names[name]
