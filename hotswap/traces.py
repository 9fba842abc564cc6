"""
What have the calls of a statement left behind, where no line of a module shows it?

In the defaults and closures of functions, in what gives each thing once, and in names that
functions bind. A fresh start would not find it there: what made them has to make them anew
before such a call is repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from types import BuiltinFunctionType, CodeType, FunctionType, MethodWrapperType, ModuleType
from typing import TYPE_CHECKING, Any
from weakref import ref

from hotswap import bytecode, closures
from hotswap.compare import runs_at_definition
from hotswap.containers import containers_of, is_container
from hotswap.fills import added_to_by, counted_by, filled_by
from hotswap.functions import defaults, reached_from
from hotswap.lookups import Key
from hotswap.members import plain_in
from hotswap.values import attributes, is_a

if TYPE_CHECKING:
    from hotswap.bytecode import Reads
    from hotswap.graph import Graph
    from hotswap.members import Row
    from hotswap.source import Unit
    from hotswap.statements import Statement

_COUNTED = (int, float, str, tuple, frozenset)
_GIVES_ONCE = frozenset({"builtins", "itertools", "_io", "_csv"})
"""Where iterators, generators and files are defined."""

Trace = tuple["Unit", "Statement", str]
"""The statement that has to make something anew, in its module, and what that is."""


class Traces:
    """
    What was left behind in the modules as they are now.

    Args:
        own: Object → whether the project's own code made or defines it.
    """

    def __init__(self, graph: Graph, own: Callable[[Any], bool]) -> None:
        self._graph, self._own = graph, own
        self._functions: dict[str, dict[str, list[tuple[str, FunctionType]]]] = {}
        self._values: dict[int, tuple[Any, list[FunctionType]]] = {}
        self._stored: dict[int, tuple[ref[CodeType], set[str]]] = {}
        self._seen: set[int] | None = None

    def of(self, unit: Unit, statement: Statement) -> Iterator[Trace]:
        """What a statement has left behind, with its calls."""
        codes: list[CodeType] = []
        if statement.reads.calls or statement.decorated:
            codes = self._graph.ran_for(unit, statement)
        yield from self._of_names(unit, statement.reads, codes)
        yield from self.of_calls(codes)

    def of_calls(self, codes: Collection[CodeType]) -> Iterator[Trace]:
        """What the functions with these codes have left behind."""
        for code in codes:
            for unit in self._graph.owners(code):
                reads = self._graph.function_reads(code)
                yield from self._of_names(unit, reads, codes)
                for name in bytecode.global_binds([code]):
                    value = unit.namespace.get(name)
                    counted = type(value) in _COUNTED or name in reads.names
                    if counted or self._remembers(value):
                        yield from self._binders(unit, name)
                known = {} if runs_at_definition(code) else self._known(unit)
                for name, function in known.get(code.co_name, ()):
                    yield from self._of_function(unit, name, function)

    def _binders(self, unit: Unit, name: str) -> Iterator[Trace]:
        source, name = self._graph.origin(unit, name)
        outline = self._graph.outline(source)
        for index in outline.binders(name)[:1]:
            if not outline.statements[index].is_import:
                yield source, outline.statements[index], name

    # -- what a piece of code looks up ------------------------------------------------------------

    def _of_names(self, unit: Unit, reads: Reads, codes: Iterable[CodeType]) -> Iterator[Trace]:
        ran = {(code.co_filename, code.co_name) for code in codes}
        for chain in (*reads.chains, *((name,) for name in reads.bare)):
            owner, value = unit, unit.namespace.get(chain[0])
            name = chain[0]
            for attribute in chain[1:]:
                if is_a(value, ModuleType) and value.__name__ in self._graph.units:
                    owner, name = self._graph.units[value.__name__], attribute
                elif gives_once(value) or not is_a(value, type):
                    break
                value = vars(value).get(attribute)
            if gives_once(value):
                yield from self._binders(owner, name)
            elif ran:
                yield from self._of_value(owner, name, value, ran)

    def _reached(self, value: Any) -> list[FunctionType]:
        """The functions that a value leads to: many lines name the same."""
        known = self._values.get(id(value))
        if known is None:
            known = self._values[id(value)] = (value, list(reached_from(value)))
        return known[1]

    def _of_value(
        self, unit: Unit, name: str, value: Any, ran: set[tuple[str, str]]
    ) -> Iterator[Trace]:
        if is_a(value, type) or value is None:
            return
        for function in self._reached(value):
            code = function.__code__
            if (code.co_filename, code.co_name) in ran:
                yield from self._of_function(unit, name, function)
        if self._remembers(value) and not is_container(value):
            for owner, made, what in self._binders(unit, name):
                if made.is_function and any(containers_of(value, self._own)):
                    yield owner, made, what

    # -- what is counted --------------------------------------------------------------------------

    def counted(self, codes: Iterable[CodeType]) -> Iterator[str]:
        """What functions with these codes have counted in classes, objects, and containers."""
        for code in codes:
            yield from self._numbering(code)
            names = added_to_by(code)
            for row in self._rows_of(code) if names else ():
                if row.name in names and type(row.value) in _COUNTED:
                    yield row.where

    def left_in_classes(self, codes: Iterable[CodeType]) -> Iterator[str]:
        """What methods with these codes have counted, or filled, in classes."""
        for code in codes:
            names = added_to_by(code) | filled_by(code)
            for row in self._rows_of(code) if names else ():
                if row.name in names and is_a(row.holder, type):
                    yield row.where

    def _rows_of(self, code: CodeType) -> Iterator[Row]:
        """Attributes of the kinds that a method is of, or, if it is none, of anything."""
        for unit in self._graph.owners(code):
            kinds = tuple(classes_with(unit, code))
            for row in self._rows_near(unit, kinds):
                cls = row.holder if is_a(row.holder, type) else type(row.holder)
                if not kinds or issubclass(cls, kinds):
                    yield row

    def _rows_near(self, unit: Unit, kinds: Iterable[type]) -> Iterator[Row]:
        """What a module has, and those that may have instances of its classes."""
        near = {unit}
        for cls in kinds:
            key = Key(unit.name, cls.__name__)
            near |= {*self._graph.readers(key), *self._graph.suspects(key)}
        for other in near:
            yield from plain_in(other, self._own)

    def _numbering(self, code: CodeType) -> Iterator[str]:
        """Containers that a function fills as it finds them."""
        names = counted_by(code)
        for unit in self._graph.owners(code) if names else ():
            values = [(name, unit.namespace.get(name)) for name in names]
            yield from (f"{unit.name}.{name}" for name, value in values if is_container(value))

    # -- functions --------------------------------------------------------------------------------

    def _of_function(self, unit: Unit, name: str, function: FunctionType) -> Iterator[Trace]:
        if any(map(self._is_filled, defaults(function))) or self._is_closed_over(function):
            yield from self._binders(unit, name)

    def _known(self, unit: Unit) -> dict[str, list[tuple[str, FunctionType]]]:
        """The functions that the names of a module lead to, by the names of their codes."""
        known = self._functions.get(unit.name)
        if known is None:
            known = self._functions[unit.name] = {}
            for name, value in list(unit.namespace.items()):
                for function in _leads_to(unit, value):
                    known.setdefault(function.__code__.co_name, []).append((name, function))
        return known

    def _is_closed_over(self, function: FunctionType) -> bool:
        if not function.__closure__:
            return False
        code = function.__code__
        stored = self._stored_by(code)
        for name, cell in zip(code.co_freevars, function.__closure__, strict=True):
            try:
                value = cell.cell_contents
            except ValueError:  # not yet filled
                continue
            if name in stored or (_is_spent(value) and self._is_filled(value)):
                return True
        return False

    def _stored_by(self, code: CodeType) -> set[str]:
        """The variables around it that a function binds: many lines lead to the same."""
        known = self._stored.get(id(code))
        if known is not None and known[0]() is code:
            return known[1]
        stored = closures.binds(code)
        self._stored[id(code)] = (ref(code), stored)  # not held: its references are counted
        return stored

    # -- values -----------------------------------------------------------------------------------

    def _remembers(self, value: Any) -> bool:
        return is_container(value) or (
            self._own(value) and not is_a(value, (type, FunctionType, ModuleType))
        )

    def _is_filled(self, value: Any) -> bool:
        """Whether something that no name of a module leads to holds anything."""
        if gives_once(value):
            holds = True
        elif is_container(value):
            holds = bool(value)
        else:
            holds = self._remembers(value) and bool(attributes(value))
        return holds and id(value) not in self._shown

    @property
    def _shown(self) -> set[int]:
        """By id, what the names of modules hold: what happens to it there is looked at."""
        if self._seen is None:
            units = list(self._graph.units.values())
            self._seen = {id(value) for one in units for value in list(one.namespace.values())}
        return self._seen


def classes_with(unit: Unit, code: CodeType) -> Iterator[type]:
    """The classes of a module that have such code as that of a method."""
    for cls in list(unit.namespace.values()):
        if is_a(cls, type) and cls.__module__ == unit.name and code.co_name in vars(cls):
            made = reached_from(vars(cls)[code.co_name], 1)
            if any(one.__code__.co_filename == code.co_filename for one in made):
                yield cls


def _is_spent(value: Any) -> bool:
    """Whether a function that closes over it may have filled it, or taken something out."""
    return is_container(value) or gives_once(value)


def gives_once(value: Any) -> bool:
    """
    Whether what it gives is gone: an iterator, a file, a sequence of random numbers, or what calls
    one: `partial(next, ids)`, `count().__next__`.
    """
    kind = type(value)
    if kind is partial:
        return any(map(gives_once, value.args))
    if kind in (MethodWrapperType, BuiltinFunctionType) and not is_a(value.__self__, ModuleType):
        return gives_once(value.__self__)
    return (kind.__module__ in _GIVES_ONCE and hasattr(kind, "__next__")) or (
        kind.__module__ == "random"
    )


def _leads_to(unit: Unit, value: Any) -> Iterator[FunctionType]:
    if not is_a(value, type):
        yield from reached_from(value)
    elif value.__module__ == unit.name:
        for inner in list(vars(value).values()):
            yield from reached_from(inner)
