"""
Statements have changed places, or one was put between others: does a fresh start come to
something else?

It does if both act on the same thing, or one acts on what the other looks at: a list, a registry,
a default.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Container, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from hotswap import bytecode
from hotswap.containers import containers_of, is_container
from hotswap.effects import resolve, stays_behind
from hotswap.entered import Entered
from hotswap.entries import is_plain
from hotswap.fills import filled_by
from hotswap.harmless import is_free, is_pure
from hotswap.touches import Touches
from hotswap.values import attributes, is_a

if TYPE_CHECKING:
    from hotswap.bytecode import Reads
    from hotswap.graph import Graph
    from hotswap.source import Unit
    from hotswap.statements import Statement
    from hotswap.syntax import Effect
    from hotswap.traces import Traces

_FILLS = frozenset(
    {"add", "append", "appendleft", "clear", "discard", "extend", "insert", "pop", "popitem"}
    | {"popleft", "register", "remove", "setdefault", "update"}
)

Things = dict[object, str]
"""What a statement acts on: something to know it by, and how it is named."""


class Order:
    """
    What statements of the modules, as they are now, act on.

    Args:
        own: Object → whether the project's own code made or defines it.
    """

    def __init__(self, graph: Graph, traces: Traces, own: Callable[[Any], bool]) -> None:
        self._graph, self._traces, self._own = graph, traces, own
        self._known: dict[int, tuple[Statement, Things]] = {}
        self._containers, self._touches = Entered(graph, own), Touches(graph, own)
        self._firsts: dict[str, list[Unit]] = {}
        """By module, those that it was the first to import."""

    def shared(self, unit: Unit, one: Statement, other: Statement) -> Things:
        """What both statements of a module act on, or what one acts on and the other looks at."""
        mine, seen = self.things(unit, one), self.looks(unit, one)
        theirs = self.things(unit, other) if mine or seen else {}
        found = {key: what for key, what in theirs.items() if key in mine or key in seen}
        seen = self.looks(unit, other) if mine else frozenset()
        return found | {key: what for key, what in mine.items() if key in seen}

    def looks(self, unit: Unit, statement: Statement) -> frozenset[object]:
        """What a statement looks at; an import: what the modules do that it was the first for."""
        if statement.inert or statement.is_guard:
            return frozenset()
        found = set(self.own_looks(unit, statement))
        for other in self._first_imported(unit, statement):
            for one in self._graph.outline(other).statements:
                found |= self.looks(other, one)
        return frozenset(found)

    def own_looks(self, unit: Unit, statement: Statement) -> Iterator[object]:
        """The same, but of an import only what it asks the module for."""
        effects = [one for one in statement.effects if one.chain]
        free = {one.chain for one in effects if is_free(one, resolve(one, unit.namespace))}
        yield from self._seen(unit, statement.reads, free)
        for effect in statement.effects:
            root = unit.namespace.get(effect.chain[0]) if effect.chain else None
            if effect.kind == "store" and root is not None and self._own(root):
                yield id(root)  # who uses it below is repeated
        ran = self._ran(unit, statement)
        yield from self._touches.seen_by(unit, statement, ran)
        for code in ran:
            for other in self._graph.owners(code):
                yield from self._seen(other, self._graph.function_reads(code))

    def _seen(
        self, unit: Unit, reads: Reads, free: Container[tuple[str, ...]] = ()
    ) -> Iterator[object]:
        for imported in [one for one in reads.imports if one.name]:
            yield id(sys.modules.get(self._graph.target(unit, imported))), imported.name
        chains = [chain for chain in reads.chains if chain not in free]
        for chain in (*chains, *((name,) for name in reads.bare)):
            value = unit.namespace.get(chain[0])
            for name in chain[1:]:
                yield id(value), name
                space = attributes(value)
                if name not in space:
                    yield from self._asked(value)
                value = space.get(name)
            if is_container(value):
                yield id(value)

    def _asked(self, value: Any) -> Iterator[object]:
        """What a method may look at; that of a library's object most likely does not."""
        kinds = (type, FunctionType, ModuleType)
        if not is_plain(value) and not is_a(value, kinds) and self._own(value):
            yield id(value)
            yield from map(id, containers_of(value, self._own))

    def things(self, unit: Unit, statement: Statement) -> Things:
        """What a statement acts on; of an import, what the modules do that it was the first for."""
        known = self._known.get(id(statement))
        if known is None:
            found: Things = {}
            if not (statement.inert or statement.is_guard):
                found.update(self._things(unit, statement))
            known = self._known[id(statement)] = (statement, found)
        return known[1]

    def own_things(self, unit: Unit, statement: Statement) -> Things:
        """The same, but of an import nothing."""
        if statement.inert or statement.is_guard or statement.is_import:
            return {}
        if not statement.is_definition:
            return dict(self._done(unit, statement))
        return dict(self._entered(unit, statement))

    def left_by(self, unit: Unit, statement: Statement) -> Iterator[str]:
        """What others still have of a statement, though nobody imports its module any more."""
        own = self._made_by(unit)
        for key, what in self.things(unit, statement).items():
            if (key[0] if isinstance(key, tuple) else key) not in own:
                yield what
        outline = self._graph.outline(unit)
        for effect in () if statement.is_guard else statement.effects:
            if stays_behind(effect, unit, outline, self._own):
                yield ".".join(effect.chain)

    def renew(self) -> None:
        """Something has executed: definitions may be entered elsewhere."""
        self._containers.renew()
        self._touches.renew()
        self._firsts.clear()

    def _made_by(self, unit: Unit) -> set[int]:
        """By id, what a module has under a name, and no other one."""
        others = [one for one in self._graph.units.values() if one is not unit]
        found = {id(value) for one in others for value in list(one.namespace.values())}
        outline, space = self._graph.outline(unit), unit.namespace
        made = [one for one in outline.statements if not one.is_import]
        return {id(space.get(name)) for one in made for name in one.binds} - found

    def forget(self, statement: Statement) -> None:
        """It has executed: it may act on something else."""
        self._known.pop(id(statement), None)
        self._touches.renew()
        self._firsts.clear()

    def _things(self, unit: Unit, statement: Statement) -> Iterator[tuple[object, str]]:
        if statement.is_definition:
            yield from self._entered(unit, statement)
            return
        for other in self._first_imported(unit, statement):
            for one in self._graph.outline(other).statements:
                yield from self.things(other, one).items()
        if not statement.is_import:
            yield from self._done(unit, statement)

    def _done(self, unit: Unit, statement: Statement) -> Iterator[tuple[object, str]]:
        for effect in statement.effects:
            yield from self._target(effect, unit)
        for _, made, name in self._traces.of(unit, statement):
            yield id(made), name
        ran = self._ran(unit, statement)
        for code in ran:
            if self._fills(code):
                yield code, code.co_name
            yield from self._filled(unit, code)
        yield from self._touches.set_by(unit, statement, ran)

    def _ran(self, unit: Unit, statement: Statement) -> list[CodeType]:
        quiet = statement.inert or statement.is_import
        return [] if quiet else self._graph.ran_for(unit, statement)

    def _filled(self, unit: Unit, code: CodeType) -> Iterator[tuple[object, str]]:
        """The containers that a function of one's own names, and may enter something in."""
        chains = self._graph.function_reads(code).chains
        for other in self._graph.owners(code):
            for name, *path, last in [chain for chain in chains if len(chain) > 1]:
                value = other.namespace.get(name)
                for attribute in path:
                    value = attributes(value).get(attribute)
                if last in _FILLS and is_container(value):
                    yield id(value), name if other is unit else f"{other.name}.{name}"
            for name in filled_by(code) & other.namespace.keys():
                if is_container(other.namespace[name]):
                    where = name if other is unit else f"{other.name}.{name}"
                    yield id(other.namespace[name]), where

    def _first_imported(self, unit: Unit, statement: Statement) -> list[Unit]:
        if "import" not in statement.text:
            return []
        if not self._firsts:
            for other in self._graph.units.values():
                importer = other.within[-1].module if other.within else ""
                self._firsts.setdefault(importer, []).append(other)
        return [
            other
            for other in self._firsts.get(unit.name, ())
            if statement.first <= other.within[-1].line <= statement.last
        ]

    @staticmethod
    def _target(effect: Effect, unit: Unit) -> Iterator[tuple[object, str]]:
        value = resolve(effect, unit.namespace)
        if effect.kind in ("augment", "part") or not effect.chain or is_free(effect, value):
            return
        if effect.kind == "store" and len(effect.chain) > 1 and not is_container(value):
            holder = unit.namespace.get(effect.chain[0])
            for name in effect.chain[1:-1]:
                holder = attributes(holder).get(name)
            yield (id(holder), effect.chain[-1]), effect.chain[0]
        elif not (is_a(value, (FunctionType, ModuleType)) or value is None):
            yield id(value), effect.chain[0]  # what a function does is looked at where it ran

    def _entered(self, unit: Unit, statement: Statement) -> Iterator[tuple[object, str]]:
        """The containers that have what a statement defines."""
        if self._is_handed_on(unit, statement) or self._is_of_a_kind(unit, statement):
            yield from self._containers.of(unit, statement)

    @staticmethod
    def _is_handed_on(unit: Unit, statement: Statement) -> bool:
        """Whether a decorator gets a definition that may enter it somewhere."""
        found = [effect for effect in statement.effects if effect.kind == "decorator"]
        pure = (is_pure(effect, resolve(effect, unit.namespace)) for effect in found)
        return statement.decorated and not (found and all(pure))

    def _is_of_a_kind(self, unit: Unit, statement: Statement) -> bool:
        """Whether a class of one's own may enter those that are derived from it somewhere."""
        made = [unit.namespace.get(name) for name in statement.binds if statement.is_class]
        return any(
            self._own(type(cls))
            or any(
                self._own(base) and "__init_subclass__" in vars(base) for base in cls.__mro__[1:]
            )
            for cls in made
            if is_a(cls, type)
        )

    def _fills(self, code: CodeType) -> bool:
        """Whether a function of one's own changes something that lives on."""
        if bytecode.global_binds([code]):
            return True
        chains = self._graph.function_reads(code).chains
        return any(len(chain) > 1 and chain[-1] in _FILLS for chain in chains)
