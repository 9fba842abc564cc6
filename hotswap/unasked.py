"""
What did a line have functions remember that it does not ask for any more, or in another order?

What they remember they need not enter again, so that nothing is seen as the line executes.
"""

from __future__ import annotations

import dis
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import CodeType
from typing import TYPE_CHECKING, Any

from hotswap.containers import entries_of, is_container
from hotswap.effects import NeedsRestart
from hotswap.entries import mentioned, place_of, texts_in
from hotswap.fills import filled_by
from hotswap.values import is_a

if TYPE_CHECKING:
    from hotswap.containers import Watched
    from hotswap.statements import Statement


Mark = int | str
"""A text, or the id of an object."""


@dataclass(frozen=True)
class Given:
    """How the values of a line differ from those that it had."""

    lost: frozenset[str] = frozenset()
    """Texts that are not among them any more."""
    moved: tuple[Mark, ...] = ()
    """Of those that still are, all in their new order, if that is another one."""


@dataclass(frozen=True)
class Unasked:
    """What a line hands over in another way, and what it, and functions that ran for it, fill."""

    given: Given = field(default_factory=Given)
    filled: frozenset[str] = frozenset()
    remembers: frozenset[str] = frozenset()
    """Of these, what is looked into before: who does that does not mind the order."""
    place: tuple[str, int] = ("", 0)

    def check(self, watched: Iterable[Watched]) -> None:
        """
        Refuse to leave such things in what they fill.

        Raises:
            NeedsRestart: It is in there, and nobody knows who else has asked for it.
        """
        for one in watched if self.filled else ():
            if one.name in self.filled and one.is_in_place:
                self._check_lost(one)
                self._check_moved(one)

    def _check_lost(self, one: Watched) -> None:
        rows = [*entries_of(one.container), *one.hidden] if self.given.lost else []
        for row in [row for row in rows if not (_is_emptied(row[1]) or place_of(row))]:
            for text in self.given.lost.intersection(texts_in(row)):
                reason = f"{one.where} would keep {text!r:.40}, which is no longer asked for"
                raise NeedsRestart(reason, self.place)

    def _check_moved(self, one: Watched) -> None:
        wanted = set(self.given.moved)
        remembers = one.name in self.remembers
        if not wanted or remembers or is_a(one.container, set):
            return
        rows = [wanted.intersection(mentioned(row)) for row in one.before]
        there: list[Mark] = list(dict.fromkeys(min(row, key=str) for row in rows if row))
        if there != [mark for mark in dict.fromkeys(self.given.moved) if mark in there]:
            reason = f"the order of what is in {one.where} cannot be told"
            raise NeedsRestart(reason, self.place)


def of(statement: Statement, given: Given, ran: Iterable[CodeType], *, edited: bool) -> Unasked:
    """What a line leaves behind that hands over other things; what it stores itself is seen."""
    if not (given.lost or given.moved):
        return Unasked()
    own = [statement.code] if statement.is_compound or not edited else []
    filled = {name: code for code in (*own, *ran) for name in filled_by(code)}
    remembers = {name for name, code in filled.items() if _looks_first(code)}
    place = (statement.path, statement.first)
    return Unasked(given, frozenset(filled), frozenset(remembers), place)


def _is_emptied(value: Any) -> bool:
    """Whether it is a list or dict that goes, if nothing is entered there again."""
    return is_container(value) and not value


def _looks_first(code: CodeType) -> bool:
    return any(one.opname == "CONTAINS_OP" for one in dis.get_instructions(code))
