"""Which attributes does a statement set on objects, and what may become of them?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from opcode import opmap
from types import CodeType
from typing import TYPE_CHECKING, Any

from hotswap.scan import instructions
from hotswap.values import is_a

if TYPE_CHECKING:
    from hotswap.books import Books
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


def set_as_made(books: Books, unit: Unit, statement: Statement) -> set[str]:
    """
    Attributes that the functions which ran for a class statement set on what they were given, such
    as the `__init_subclass__` of a base; not those that other lines of the module set.
    """
    if not (statement.is_class or statement.is_compound):
        return set()
    lines = (unit.name, statement.first, statement.last)
    ran = books.tracker.calls.on_behalf_of_lines(*lines)
    codes = (code for one in ran for code in books.lineage.generations(one))
    names = {name for code in codes for name in _set_in(code)}
    for other in books.graph.outline(unit).statements if names else ():
        if other.index != statement.index:
            names -= {effect.chain[-1] for effect in other.effects if effect.kind == "store"}
    return names


def _set_in(code: CodeType) -> Iterator[str]:
    """Not on `self`: that is an instance, or the descriptor itself."""
    if "setattr" in code.co_names:
        yield from (one for one in code.co_consts if type(one) is str and one.isidentifier())
    names, holder = dict(enumerate(code.co_varnames)), ""
    for operation, argument in instructions(code):
        if operation == opmap["STORE_ATTR"] and holder != "self":
            yield code.co_names[argument]
        fast = operation == opmap["LOAD_FAST"]
        holder = names.get(argument, "") if fast else ""
