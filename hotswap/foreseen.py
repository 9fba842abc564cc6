"""What had a statement made that executes again, and in which respects may it do otherwise?"""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any

from hotswap import unasked
from hotswap.entries import is_plain, is_single
from hotswap.given import given
from hotswap.made import ordering_of
from hotswap.values import is_a

if TYPE_CHECKING:
    from types import CodeType

    from hotswap.books import Books
    from hotswap.registries import Watch
    from hotswap.source import Unit
    from hotswap.statements import Statement
    from hotswap.steps import Step
    from hotswap.swap import Swap


def foresee(watch: Watch, books: Books, swap: Swap, step: Step, statement: Statement) -> None:
    """Note that down, from what ran for it before."""
    unit, edited = step.unit, step.status == "changed"
    ran = books.graph.ran_for(unit, statement)
    watch.ordering = ordering_of(ran)
    watch.given_otherwise = not statement.is_definition and (
        edited or swap.may_choose(unit, statement.reads, (), ())
    )
    differs = given(books, unit, step.old or statement, statement, ran)
    watch.unasked = unasked.of(statement, differs, ran, edited=edited)
    watch.otherwise = statement.is_definition and swap.do_otherwise(ran)
    if statement.registrars and statement.is_definition:
        watch.by_name = _named(unit, statement, ran)


def _named(unit: Unit, statement: Statement, ran: list[CodeType]) -> set[str]:
    """What functions name that ran for a definition, but for what a class of it has itself."""
    made = [unit.namespace.get(name) for name in statement.binds]
    mine = {name for one in made if is_a(one, type) for name in vars(one)}
    return {name for code in ran if not _is_asked(code) for name in code.co_names} - mine


def _is_asked(code: CodeType) -> bool:
    """Whether it is the `__getattr__` of a module: what is being made it cannot give yet."""
    return code.co_name == "__getattr__" and code.co_argcount == 1


def definitions(books: Books, step: Step, statement: Statement) -> set[int]:
    """By id, what a statement had defined or made when it ran before."""
    unit, births = step.unit, books.births
    held = [unit.namespace.get(name) for name in statement.binds]
    before = books.before.get(unit.name, {})
    if statement.is_definition:  # a star-import above may have given the name to another one
        binders = books.graph.outline(unit).binders
        last = [name for name in statement.binds if binders(name)[-1] == statement.index]
        held += [before.get(name) for name in last]
    elif step.old is not None:  # of a name that is gone by now
        held += [before.get(name) for name in step.old.binds - statement.binds]
    defined = statement.is_definition or (step.old is not None and step.old.is_definition)
    found = [one for one in held if defined or is_single(one)]
    found = [one for one in found if not _is_anothers(books, unit, statement, one)]
    found.extend(births.expected(unit, statement))
    return {id(one) for one in found if not is_plain(one)}


def _is_anothers(books: Books, unit: Unit, statement: Statement, value: Any) -> bool:
    """Whether another definition made it, which has the name of this one's."""
    if (is_a(value, type) or is_a(value, FunctionType)) and value.__module__ != unit.name:
        owner = books.graph.units.get(value.__module__)
        return owner is not None and owner.namespace.get(value.__qualname__) is value
    if type(value) is not FunctionType or value.__code__.co_name not in statement.binds:
        return False
    inner = "<locals>" in value.__qualname__ or value.__globals__ is not unit.namespace
    return not inner and not books.births.is_made_by(unit, statement, value)
