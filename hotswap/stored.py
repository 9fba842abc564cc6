"""Which attributes does a statement set on objects, and what may become of them?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from hotswap.values import is_a

if TYPE_CHECKING:
    from hotswap.journal import Journal
    from hotswap.source import Unit
    from hotswap.statements import Statement


def stored(unit: Unit, statement: Statement) -> Iterator[tuple[Any, str, bool]]:
    """Object, attribute, and whether it is set whenever the statement executes."""
    for effect in statement.effects:
        first, *path = effect.chain or ("",)
        holder: Any = unit.namespace.get(first)
        for name in path[:-1]:
            holder = getattr(holder, name, None)
        if effect.kind == "store" and path and holder is not None:
            yield holder, path[-1], effect.sure


def keep(unit: Unit, statement: Statement, journal: Journal) -> None:
    """They come back if the transaction fails."""
    for holder, name, _ in stored(unit, statement):
        journal.keep_attribute(holder, name)


def take_out(
    unit: Unit, statement: Statement, own: Callable[[Any], bool], journal: Journal
) -> None:
    """Those of classes that a block had set, and may not set this time."""
    for holder, name, sure in stored(unit, statement):
        if not sure and is_a(holder, type) and name in vars(holder) and own(holder):
            journal.del_class_attr(holder, name)
