"""
What did a line have functions remember by a text, though it no longer asks for that?

What they remember they need not enter again, so that nothing is seen as the line executes.
"""

from __future__ import annotations

import ast
import dis
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import CodeType
from typing import TYPE_CHECKING

from hotswap.containers import entries_of
from hotswap.effects import NeedsRestart

if TYPE_CHECKING:
    from hotswap.containers import Watched
    from hotswap.statements import Statement

_ADDING = frozenset({"add", "append", "setdefault"})
_NAMING = frozenset({"LOAD_GLOBAL", "LOAD_ATTR", "LOAD_METHOD", "LOAD_DEREF"})


@dataclass(frozen=True)
class Unasked:
    """Texts that a line no longer has, and what the functions fill that ran for it."""

    texts: frozenset[str] = frozenset()
    filled: frozenset[str] = frozenset()
    place: tuple[str, int] = ("", 0)

    def check(self, watched: Iterable[Watched]) -> None:
        """
        Refuse to leave such a text in what they fill.

        Raises:
            NeedsRestart: It is in there, and nobody knows who else has asked for it.
        """
        for one in watched if self.filled else ():
            if one.where.rpartition(".")[2] not in self.filled:
                continue
            for key, value in entries_of(one.container):
                text = value if key is None else key
                if type(text) is str and text in self.texts:
                    reason = f"{one.where} would keep {text!r:.40}, which is no longer asked for"
                    raise NeedsRestart(reason, self.place)


def of(old: Statement | None, new: Statement, ran: Iterable[CodeType]) -> Unasked:
    """What a line that was edited leaves behind, if it defines nothing."""
    if old is None or old is new or old.is_definition or new.is_definition:
        return Unasked()
    texts = frozenset(_texts(old)) - frozenset(_texts(new))
    filled = frozenset(name for code in ran for name in _filled_by(code)) if texts else frozenset()
    return Unasked(texts, filled, (new.path, new.first))


def _texts(statement: Statement) -> Iterator[str]:
    nodes = (one for node in statement.nodes for one in ast.walk(node))
    return (one.value for one in nodes if isinstance(one, ast.Constant) and type(one.value) is str)


def _filled_by(code: CodeType) -> Iterator[str]:
    """`remembered[key] = value`, `self.names.append(name)`: their names."""
    container = last = ""
    for one in dis.get_instructions(code):
        if one.opname == "STORE_SUBSCR" and container:
            yield container
        name = str(one.argval) if one.opname in _NAMING else ""
        if name in _ADDING and last:
            yield last
        container, last = last, name
