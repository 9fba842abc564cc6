"""Which names have functions bound on behalf of a statement, that is about to execute again?"""

from __future__ import annotations

from collections.abc import Callable, Collection
from types import FunctionType
from typing import TYPE_CHECKING, Any

from hotswap import bytecode
from hotswap.degrees import same_value
from hotswap.entries import mentions
from hotswap.lookups import Key
from hotswap.scan import set_on_globals
from hotswap.steps import Change
from hotswap.values import MISSING, is_a

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import CodeType

    from hotswap.books import Books
    from hotswap.source import Unit
    from hotswap.statements import Statement


Made = Callable[[], Collection[int]]
"""By id, what a definition made."""


class Written:
    """
    The names that go before one statement executes.

    Args:
        books: Those of the transaction.
    """

    def __init__(self, books: Books) -> None:
        self._books, self._graph = books, books.graph
        self._former: dict[Key, Any] = {}
        self._remembered: list[tuple[Key, FunctionType, str, Any]] = []

    def forget_by(self, unit: Unit, statement: Statement, made: Made) -> None:
        """
        Names that nobody binds but functions that ran for a statement: by `global`, or in the
        namespace of a module that is asked for what it has not.
        """
        calls = self._graph.calls
        sites = set(calls.sites_within(unit.name, statement.first, statement.last))
        self.forget_made((one for site in sites for one in calls.on_behalf_of(site)), made)
        for code in {one for site in sites for one in calls.on_behalf_of(site)}:
            names = bytecode.global_binds([code])
            again = code.co_name == "__getattr__" and self._graph.function_reads(code).namespace
            kept = set_on_globals(code)
            for other in self._graph.owners(code) if names or again or kept else ():
                if (names or kept) and not calls.of(code) - sites:
                    binders = self._graph.outline(other).binders
                    self._forget_bound(other, {name for name in names if not binders(name)})
                    self._forget_kept(other, kept)
                if again:
                    self._forget_bound(other, self._graph.written_names(other))

    def _forget_kept(self, unit: Unit, kept: Collection[tuple[str, str]]) -> None:
        """What a function remembers as an attribute of itself, or of another one."""
        statements = self._graph.outline(unit).statements if kept else []
        effects = [one for statement in statements for one in statement.effects]
        stored = {one.chain for one in effects if one.kind == "store"}
        for name, attribute in set(kept) - stored:
            function = unit.namespace.get(name)
            if is_a(function, FunctionType) and attribute in function.__dict__:
                row = function, attribute, function.__dict__[attribute]
                self._remembered.append((Key(unit.name, name), *row))
                self._books.journal.del_item(function.__dict__, attribute)

    def forget_made(self, codes: Iterable[CodeType], made: Made) -> list[Key]:
        """Names that such functions may have made up for what a definition made; gives them."""
        found = list(self._made_up(codes, made))
        for key in found:
            self._forget_bound(self._graph.units[key.module], {key.name})
        return found

    def _made_up(self, codes: Iterable[CodeType], made: Made) -> Iterator[Key]:
        makers = {one for one in codes if "globals" in one.co_names}
        ids = made() if makers else ()
        for unit in [unit for one in makers if ids for unit in self._graph.owners(one)]:
            for name in self._graph.written_names(unit):
                if mentions((None, unit.namespace[name]), ids):
                    yield Key(unit.name, name)

    def forget(self, unit: Unit, names: set[str]) -> None:
        """Names that a module has no longer, or not yet."""
        for name in names & unit.namespace.keys():
            gone = unit.namespace.pop(name)
            self._books.births.gone.add(unit.name, name, gone, sure=False)

    def anew(self, ran: Collection[CodeType], made: Made) -> Iterator[tuple[Key, Change]]:
        """
        Those that were forgotten, and hold nothing by now, or something else, and new ones; also
        such as hold what is the same, and was changed itself.
        """
        yield from ((key, Change.VALUE) for key in self._bound_to_others(ran))
        yield from (
            (key, Change.VALUE) for key in self._made_up(ran, made) if key not in self._former
        )
        for key, value in self._former.items():
            space = self._graph.units[key.module].namespace
            if space.get(key.name, MISSING) is not value:
                yield key, Change.VALUE
        for key, function, attribute, value in self._remembered:
            if not same_value(value, function.__dict__.get(attribute, MISSING)):
                yield key, Change.VALUE

    def _bound_to_others(self, ran: Collection[CodeType]) -> Iterator[Key]:
        degrees = self._books.degrees
        for code in ran if degrees else ():
            for name in bytecode.global_binds([code]):
                for unit in self._graph.owners(code):
                    if degrees.get(id(unit.namespace.get(name))) is Change.VALUE:
                        yield Key(unit.name, name)

    def _forget_bound(self, unit: Unit, names: set[str]) -> None:
        self._books.keep(unit)
        self._books.bound |= {(unit.name, name) for name in names}
        for name in names & unit.namespace.keys():
            self._former[Key(unit.name, name)] = unit.namespace[name]
        self.forget(unit, names)
