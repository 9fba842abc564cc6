"""
Does what a name holds now take the place of what it held before?

Whoever has got hold of the old object means the new one only if both are what a definition, or a
call that makes such things, made under that name.
"""

from __future__ import annotations

from functools import partial
from types import FunctionType
from typing import TYPE_CHECKING, Any

from hotswap import functions
from hotswap.values import MISSING, is_a

if TYPE_CHECKING:
    from hotswap.books import Books
    from hotswap.graph import Graph
    from hotswap.source import Unit
    from hotswap.statements import Statement
    from hotswap.steps import Step


class Heirs:
    """
    What takes the place of what, after a statement has executed.

    Args:
        books: Those of the transaction.
        living: The functions that were found in it.
    """

    def __init__(self, books: Books, living: list[FunctionType]) -> None:
        self._graph, self._lineage, self._births = books.graph, books.lineage, books.births
        self._before, self._living = books.before, living

    def is_again(self, step: Step, statement: Statement, name: str, old: Any, new: Any) -> bool:
        """Whether the same statement, as it was, made `old`."""
        if old is MISSING:
            return False
        if statement.is_definition and step.old is not None and step.old.is_definition:
            return self._is_last(step, name, old)
        return (
            self._is_fresh_closure(step, statement, name, old, new)
            or self._is_called_for(step, statement, name, old, new)
            or self._is_partial(step, statement, name, old, new)
        )

    def _is_last(self, step: Step, name: str, old: Any) -> bool:
        """Of several definitions of a name, the last one made what the name holds."""
        outline = self._graph.outline(step.unit)
        if name not in outline.rebinds or is_a(old, type) or step.statement is None:
            return True
        mine = self._before[step.unit.name].get(name) is old
        return mine and outline.binders(name)[-1] == step.statement.index

    def _is_fresh_closure(
        self, step: Step, statement: Statement, name: str, old: Any, new: Any
    ) -> bool:
        """Whether `name = make()` gave a function of the same making, held under that name only."""
        if not (is_a(old, FunctionType) and is_a(new, FunctionType)):
            return False
        if statement.is_definition or statement.is_import:
            return False
        if step.old is None or len(statement.binds) > 1:
            return False
        latest, former = self._lineage.latest, functions.followed(old)
        inner = all("<locals>" in one.__qualname__ for one in (former, new))
        same = latest(former.__code__) is latest(new.__code__)
        if not (same or inner or _same_place(former, new)):
            return False
        if any(new is one for one in self._living):
            return False
        values = [value for key, value in step.unit.namespace.items() if key != name]
        return not any(old is value or new is value for value in values)

    def is_replaced(self, step: Step, statement: Statement, name: str, old: Any) -> bool:
        """Whether `def name` of this module made `old`, and no other name holds it."""
        if type(old) is not FunctionType or old.__globals__ is not step.unit.namespace:
            return False
        if old.__qualname__ != name and (step.status == "repeated" or old.__name__ != "<lambda>"):
            return False
        space = step.unit.namespace
        if any(old is value for key, value in space.items() if key != name):
            return False
        return self._is_last_made(step.unit, statement, name, old)

    def _is_last_made(self, unit: Unit, statement: Statement, name: str, old: Any) -> bool:
        """Whether a statement binds a name in the end, and no other one made what it held then."""
        outline = self._graph.outline(unit)
        *others, last = outline.binders(name)
        if last != statement.index:
            return False
        made = (self._births.is_made_by(unit, outline.statements[one], old) for one in others)
        return not others or (self._before[unit.name].get(name) is old and not any(made))

    def _is_called_for(
        self, step: Step, statement: Statement, name: str, old: Any, new: Any
    ) -> bool:
        """Whether `name = make("name")` gave a class, as named tuples and enums are made."""
        if not (is_a(old, type) and is_a(new, type)) or statement.is_definition:
            return False
        names = {(one.__module__, one.__qualname__) for one in (old, new)}
        if statement.is_import or len(names) > 1 or old.__qualname__ != name:
            return False
        return self._graph.outline(step.unit).binders(name) == [statement.index]

    def _is_partial(self, step: Step, statement: Statement, name: str, old: Any, new: Any) -> bool:
        """Whether `name = partial(…)` gave a function of that kind, held under that name only."""
        if not (type(old) is type(new) is partial) or statement.binds != {name}:
            return False
        if statement.is_definition or statement.is_import or step.old is None:
            return False
        values = [value for key, value in step.unit.namespace.items() if key != name]
        alone = not any(old is value or new is value for value in values)
        return alone and self._graph.outline(step.unit).binders(name) == [statement.index]


def _same_place(old: FunctionType, new: FunctionType) -> bool:
    """Whether two functions were made by code that was itself made at run time, as by `exec`."""
    one, other = old.__code__, new.__code__
    return one.co_filename.startswith("<") and (one.co_filename, one.co_name) == (
        other.co_filename,
        other.co_name,
    )


def is_anothers(graph: Graph, unit: Unit, statement: Statement, value: Any) -> bool:
    """Whether another module has put what it defines itself under the name of a definition."""
    if not (statement.is_definition and (is_a(value, FunctionType) or is_a(value, type))):
        return False
    other, name = graph.units.get(value.__module__), value.__qualname__
    if other is None or other is unit or other.namespace.get(name) is not value:
        return False
    outline = graph.outline(other)
    return any(outline.statements[index].is_definition for index in outline.binders(name))
