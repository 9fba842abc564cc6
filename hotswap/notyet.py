"""
Which names does a statement not find yet in a fresh start, since it or a line below binds them?

Most statements cannot tell; one that asks for the namespace as a whole can.
"""

from __future__ import annotations

import builtins
import sys
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from hotswap import source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hotswap.graph import Graph
    from hotswap.source import Unit
    from hotswap.statements import Outline, Statement


def asks_for_all(unit: Unit, statement: Statement) -> bool:
    """Whether a statement looks at the module's names as a whole: `if "X" not in globals():`."""
    if statement.reads.namespace:
        return True
    held = [unit.namespace.get(name) for name in statement.reads.names]
    return any(one is unit.namespace or one is unit.module for one in held)


def asked_too_early(outline: Outline, statement: Statement) -> set[str]:
    """Names that it asks for before it binds them: a fresh start finds Python's, or none."""
    return {
        name
        for name in statement.binds.intersection(statement.reads.names)
        if outline.binders(name)[0] == statement.index
        and ((statement.is_compound and name not in outline.rebinds) or hasattr(builtins, name))
    }


def first_bound(outline: Outline, statement: Statement) -> set[str]:
    """Names that a statement binds and none above it."""
    return {name for name in statement.binds if outline.binders(name)[0] == statement.index}


@contextmanager
def as_it_is_there(graph: Graph, unit: Unit, statement: Statement) -> Iterator[None]:
    """While the block runs, the module has the names that lines above bind, in their order."""
    space, order = unit.namespace, _order(graph, unit)
    names = sorted((name for name in space if name in order), key=order.__getitem__)
    below = [name for name in names if order[name] >= statement.index]
    above = names[: len(names) - len(below)]
    if [name for name in space if name in order and order[name] < statement.index] != above:
        for name in above:
            space[name] = space.pop(name)
    with _without(space, below):
        yield


@contextmanager
def half_done(graph: Graph, unit: Unit, statement: Statement) -> Iterator[None]:
    """
    While the block runs, the modules that were being imported when `unit` was are as far as
    they are then: names bound below that line are not there, of those that the statement asks for.
    """
    with ExitStack() as stack:
        for site in unit.within:
            other = graph.units.get(site.module)
            if other is None or other is unit or not site.line:
                continue
            if _refers_to(graph, unit, statement, other):
                missing = _missing(graph, other, site.line, statement)
                missing += _submodules(graph, unit, other)
                stack.enter_context(_without(other.namespace, missing))
        if _leads_back(graph, unit, statement):
            order = _order(graph, unit)
            below = [name for name, index in order.items() if index >= statement.index]
            stack.enter_context(_without(unit.namespace, below))
        yield


def _leads_back(graph: Graph, unit: Unit, statement: Statement) -> bool:
    """Whether a statement imports a module for the first time that may import this one."""
    mention = unit.name.rpartition(".")[2].encode()
    for imported in statement.reads.imports:
        target = graph.target(unit, imported)
        for name in (target, f"{target}.{imported.name}"):
            if name in sys.modules or target.partition(".")[0] in sys.stdlib_module_names:
                continue
            path = source.found_at(name)
            with suppress(OSError):
                if path and mention in source.read(path)[0]:
                    return True
    return False


def _missing(graph: Graph, unit: Unit, line: int, statement: Statement) -> list[str]:
    """Names that a module does not have when it stands at a line, and the statement asks for."""
    at = graph.outline(unit).at(line)
    if at is None:
        return []
    reads = statement.reads
    asked = {one.name for one in reads.imports} | {*reads.attributes}
    asked.update(part for chain in reads.chains for part in chain[1:])
    everything = "*" in asked or reads.namespace
    return [
        name
        for name, index in _order(graph, unit).items()
        if index >= at.index and (everything or name in asked)
    ]


def _submodules(graph: Graph, unit: Unit, package: Unit) -> list[str]:
    """Those that a half-done package does not have yet: their own import has not ended."""
    busy = {unit.name, *(site.module for site in unit.within)}
    there = ((name, graph.units.get(f"{package.name}.{name}")) for name in package.namespace)
    return [
        name
        for name, one in there
        if one is not None and (one.name in busy or one.order > unit.order)
        if package.namespace[name] is one.module
    ]


def _refers_to(graph: Graph, unit: Unit, statement: Statement, other: Unit) -> bool:
    if any(unit.namespace.get(name) is other.module for name in statement.reads.names):
        return True
    return any(one is other for one in graph.imports_of(unit, statement))


@contextmanager
def _without(space: dict[str, Any], names: Iterable[str]) -> Iterator[None]:
    hidden = {name: space.pop(name) for name in names if name in space}
    try:
        yield
    finally:
        for name, value in hidden.items():
            space.setdefault(name, value)


def _order(graph: Graph, unit: Unit) -> dict[str, int]:
    """By name, the first statement that binds it."""
    found: dict[str, int] = {}
    for one in graph.outline(unit).statements:
        names: Any = graph.offered(unit, one.reads) if one.is_star else one.binds
        for name in names:
            found.setdefault(name, one.index)
    return found
