"""
With which values does a line execute that had others before: which of them are gone, and which
come in another order?
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

from hotswap.entries import is_plain
from hotswap.syntax import FUNCTIONS
from hotswap.unasked import Given, Mark
from hotswap.values import MISSING, is_a

if TYPE_CHECKING:
    from types import CodeType

    from hotswap.books import Books
    from hotswap.bytecode import Reads
    from hotswap.source import Unit
    from hotswap.statements import Statement

_DEPTH = 3
_MANY = 256


def given(
    books: Books, unit: Unit, old: Statement, new: Statement, ran: Iterable[CodeType]
) -> Given:
    """What a line that executes again hands over, as it is written and by what it reads."""
    lost: set[str] = set()
    moved: list[Mark] = []
    pairs = [(list(_written(old, unit)), list(_written(new, unit)))] if old is not new else []
    pairs += [*_read(books, unit, new.reads, ran), *_has_itself(books, ran)]
    for before, now in pairs:
        left = set(now)
        lost |= {one for one in before if type(one) is str and one not in left}
        both = [one for one in dict.fromkeys(now) if one in set(before)]
        if both != [one for one in dict.fromkeys(before) if one in left]:
            moved += [one for one in both if not new.is_definition or type(one) is str]
    return Given(frozenset(lost), tuple(moved))


def _written(statement: Statement, unit: Unit) -> Iterator[Mark]:
    """
    The texts in a statement, what its names hold, and what the classes in it call what they have,
    in their order; not what is in functions.
    """
    for node in (one for each in statement.nodes for one in _in_order(each)):
        if isinstance(node, ast.Constant):
            yield from _marks(node.value, 0)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield from (node.id,) if statement.is_class else ()
        elif isinstance(node, ast.Name) and node.id not in statement.binds:
            yield from _marks(unit.namespace.get(node.id), 0)
        elif isinstance(node, FUNCTIONS) and statement.is_class:
            yield node.name


def _in_order(node: ast.AST) -> Iterator[ast.AST]:
    """A piece of syntax and all that is in it and executes with it, from left to right."""
    yield node
    for field in node._fields:
        value = getattr(node, field)
        if field == "body" and isinstance(node, FUNCTIONS):
            continue
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, ast.AST):
                yield from _in_order(inner)


def _has_itself(books: Books, ran: Iterable[CodeType]) -> Iterator[tuple[list[Mark], list[Mark]]]:
    """The texts in functions that have changed."""
    for code in ran:
        former = books.former.get(id(code))
        if former is not None:
            yield _texts(former), _texts(code)


def _texts(code: CodeType) -> list[Mark]:
    return [one for one in code.co_consts if type(one) is str]


def _read(
    books: Books, unit: Unit, reads: Reads, ran: Iterable[CodeType]
) -> Iterator[tuple[list[Mark], list[Mark]]]:
    """What names held, and hold, that a statement reads, or functions that run for it."""
    both = [(unit, reads)]
    for code in ran:
        both += [(one, books.graph.function_reads(code)) for one in books.graph.owners(code)]
    for reader, each in both:
        for owner, name in _names(books, reader, each):
            before = books.before.get(owner.name, {}).get(name, MISSING)
            now = owner.namespace.get(name, MISSING)
            if before is not MISSING and before is not now:
                yield list(_marks(before, _DEPTH)), list(_marks(now, _DEPTH))


def _names(books: Books, unit: Unit, reads: Reads) -> Iterator[tuple[Unit, str]]:
    yield from ((unit, name) for name in reads.names)
    for first, name, *_ in (chain for chain in reads.chains if len(chain) > 1):
        module = unit.namespace.get(first)
        owner = books.graph.units.get(module.__name__) if is_a(module, ModuleType) else None
        if owner is not None:
            yield owner, name


def _marks(value: Any, depth: int) -> Iterator[Mark]:
    """What to know a value by, and what is in it."""
    if type(value) is str:
        yield value
    elif depth and is_a(value, (list, tuple, dict)):
        inner: Sequence[Any] = [*value] if not is_a(value, dict) else [*value, *value.values()]
        for one in inner[:_MANY]:
            yield from _marks(one, depth - 1)
    elif value is not None and not is_plain(value):
        yield id(value)
