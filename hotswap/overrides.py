"""Does a statement read, as it executes again, what a later one has put there?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING

from hotswap.chains import public_names
from hotswap.effects import NeedsRestart
from hotswap.lookups import Key
from hotswap.values import attributes, is_a

if TYPE_CHECKING:
    from hotswap.bytecode import Reads
    from hotswap.entries import Place
    from hotswap.graph import Graph
    from hotswap.source import Unit
    from hotswap.statements import Statement
    from hotswap.syntax import Effect
    from hotswap.waiting import Queue


def check(graph: Graph, queue: Queue, unit: Unit, statement: Statement) -> None:
    """
    A fresh start would read what was there before, unless that has been put back.

    Raises:
        NeedsRestart: Nobody knows what it was.
    """
    at = (unit.name, statement.first)
    for reader, reads in _readings(graph, unit, statement):
        for key, (setter, line) in _set_by_lines(graph, reader, reads, at):
            if graph.reads_key(reader, reads, key) and not _is_put_back(graph, queue, key):
                why = f"{key.name} of {key.module} is set later, at {setter.name}:{line}"
                raise NeedsRestart(why, (statement.path, statement.first))


def _readings(graph: Graph, unit: Unit, statement: Statement) -> Iterator[tuple[Unit, Reads]]:
    """What a statement looks up, and functions that have run for it, with their modules."""
    yield unit, statement.reads
    for code in graph.ran_for(unit, statement):
        if any(map(graph.storers, code.co_names)):
            yield from ((owner, graph.function_reads(code)) for owner in graph.owners(code))


def _is_put_back(graph: Graph, queue: Queue, key: Key) -> bool:
    """Whether the module that the name is of has bound it anew."""
    owner, module = graph.units.get(key.module), queue.modules.get(key.module)
    if owner is None or module is None:
        return False
    return not module.done.isdisjoint(graph.outline(owner).binders(key.name))


def _set_by_lines(
    graph: Graph, unit: Unit, reads: Reads, at: Place
) -> Iterator[tuple[Key, tuple[Unit, int]]]:
    """Names that lines of other modules set which execute later, and that may be read."""
    for name in _names(graph, unit, reads):
        for setter in graph.storers(name):
            for one in graph.outline(setter).statements:
                for effect in one.effects if name in one.text else ():
                    key = _set_on(effect, setter)
                    if key is not None and graph.precedes(at, (setter.name, one.first)):
                        yield key, (setter, one.first)


def _names(graph: Graph, unit: Unit, reads: Reads) -> set[str]:
    """What may be the name of a module's that a piece of code reads."""
    found = {*reads.names, *(name for chain in reads.chains for name in chain[1:])}
    for target, name in graph.looks(unit, reads).bound:
        module = sys.modules.get(target)
        found |= {name} if name != "*" else {*public_names(attributes(module))}
    return found


def _set_on(effect: Effect, setter: Unit) -> Key | None:
    """The name of another module that is set."""
    if effect.kind != "store" or effect.into or len(effect.chain) == 1:
        return None
    *path, name = effect.chain
    holder: object = setter.module
    for part in path:
        holder = attributes(holder).get(part)
    named = is_a(holder, ModuleType) and holder is not setter.module
    return Key(str(attributes(holder).get("__name__")), name) if named else None
