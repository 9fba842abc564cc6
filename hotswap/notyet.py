"""
Which names does a statement not find yet in a fresh start, since it or a line below binds them?

Most statements cannot tell; one that asks for the namespace as a whole can.
"""

from __future__ import annotations

import builtins
import sys
from contextlib import ExitStack, contextmanager, suppress
from types import ModuleType
from typing import TYPE_CHECKING, Any

from hotswap import source
from hotswap.containers import CONTAINERS
from hotswap.effects import NeedsRestart
from hotswap.values import is_a

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hotswap.graph import Graph
    from hotswap.outlines import Outline
    from hotswap.source import Unit
    from hotswap.statements import Statement

_GIVEN = frozenset(vars(ModuleType("")).keys() | {"__path__", "__file__", "__cached__"})
"""Names that a module has, in their places, before its first line executes."""


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
    space = unit.namespace
    order = _arrivals(graph, unit)
    names = sorted((name for name in space if name in order), key=order.__getitem__)
    below = [name for name in names if order[name] >= (statement.index,)]
    above = names[: len(names) - len(below)]
    if [name for name in space if name in order and order[name] < (statement.index,)] != above:
        for name in above:
            space[name] = space.pop(name)
    with _without(space, below):
        yield


def _arrivals(graph: Graph, unit: Unit) -> dict[str, tuple[int, ...]]:
    """By name, when it comes into the module: that of a submodule with the line that imports it."""
    statements, found = graph.outline(unit).statements, dict[str, tuple[int, ...]]()
    for name, (first, *_) in _bindings(graph, unit).items():
        imported = [one.bound for one in statements[first].reads.imports]
        found[name] = (first, 1, imported.index(name) if name in imported else 0)
    for name in unit.namespace.keys() - found.keys():
        part = graph.units.get(f"{unit.name}.{name}")
        lines = [site.line for site in part.within if site.module == unit.name] if part else []
        at = graph.outline(unit).at(lines[-1]) if lines and lines[-1] else None
        if part is not None and at is not None:
            found[name] = (at.index, 0, part.place)
    return {name: place for name, place in found.items() if name not in _GIVEN}


@contextmanager
def half_done(graph: Graph, unit: Unit, statement: Statement) -> Iterator[None]:
    """
    While the block runs, the modules that were being imported when `unit` was are as far as
    they are then: names bound below that line are not there, of those that the statement asks for.

    Raises:
        NeedsRestart: One of these names has another value by now.
    """
    with ExitStack() as stack:
        for site in unit.within:
            other = graph.units.get(site.module)
            if other is None or other is unit or not site.line:
                continue
            if _refers_to(graph, unit, statement, other):
                missing = _missing(graph, unit, other, site.line, statement)
                stack.enter_context(_without(other.namespace, missing))
        for package, parts in _parts_to_come(graph, unit, statement):
            stack.enter_context(_without(package.namespace, parts))
        if _leads_back(graph, unit, statement):
            below = [
                name
                for name, (first, *_) in _bindings(graph, unit).items()
                if first >= statement.index
            ]
            stack.enter_context(_without(unit.namespace, below))
        yield


def is_bound_again(graph: Graph, unit: Unit, module: str, name: str) -> bool:
    """Whether a module that is half done while `unit` is imported binds a name before and after."""
    lines = [site.line for site in unit.within if site.module == module and site.line]
    other = graph.units.get(module)
    if other is None or not lines:
        return False
    outline = graph.outline(other)
    at = outline.at(lines[-1])
    if at is None or not (
        name in outline.rebinds or any(one.is_star for one in outline.statements)
    ):
        return False
    places = _bindings(graph, other).get(name, [at.index])
    return places[0] < at.index <= places[-1]


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


def _missing(graph: Graph, unit: Unit, other: Unit, line: int, statement: Statement) -> list[str]:
    """Names that a module does not have when it stands at a line, and the statement asks for."""
    at = graph.outline(other).at(line)
    if at is None:
        return []
    asked, missing = _asked(statement), []
    for name, places in _bindings(graph, other).items():
        if not (asked is None or name in asked):
            continue
        if places[0] >= at.index:
            missing.append(name)
        elif places[-1] >= at.index and _is_asked_of(graph, unit, statement, other, name):
            if _is_always_same(graph, other, places, name):
                continue
            reason = f"{name} of {other.name} is asked for half-way, and bound again below"
            raise NeedsRestart(reason, (statement.path, statement.first))
    return missing


def _is_asked_of(graph: Graph, unit: Unit, statement: Statement, other: Unit, name: str) -> bool:
    """Whether a statement asks this very module for a name."""
    for one in statement.reads.imports:
        if one.name in (name, "*") and graph.target(unit, one) == other.name:
            return True
    held = {one for one, value in list(unit.namespace.items()) if value is other.module}
    return any(chain[0] in held and name in chain[1:2] for chain in statement.reads.chains)


def _is_always_same(graph: Graph, unit: Unit, places: list[int], name: str) -> bool:
    """
    Whether a name is bound to the same each time: a module that is imported twice, what comes
    from one place by several ways, and what packages add to as they take their parts in.
    """
    if name.startswith("__") or is_a(unit.namespace.get(name), ModuleType):
        return True
    statements = graph.outline(unit).statements
    makers = [_makers(graph, unit, statements[index], name) for index in places]
    return all(one == makers[0] and one != {unit.name} for one in makers)


def _asked(statement: Statement) -> set[str] | None:
    """The names that a statement may ask another module for; None: all."""
    reads = statement.reads
    asked = {one.name for one in reads.imports if one.name} | {*reads.attributes}
    asked.update(part for chain in reads.chains for part in chain[1:])
    return None if "*" in asked or reads.namespace else asked


def _parts_to_come(
    graph: Graph, unit: Unit, statement: Statement
) -> Iterator[tuple[Unit, list[str]]]:
    """Submodules that are no attributes of their packages yet: their own import has not ended."""
    asked = _asked(statement)
    for package in graph.imports_of(unit, statement):
        found = [
            name
            for name in (package.namespace if asked is None else asked)
            if (one := graph.units.get(f"{package.name}.{name}")) is not None
            and package.namespace.get(name) is one.module
            and _is_to_come(one, unit, statement)
        ]
        if found:
            yield package, found


def _is_to_come(part: Unit, unit: Unit, statement: Statement) -> bool:
    if part is unit or any(site.module == part.name for site in unit.within):
        return True
    lines = [site.line for site in part.within if site.module == unit.name]
    if lines:  # this module itself imported it, or what led to it
        return bool(lines[-1] > statement.first)
    return part.tracked and unit.tracked and part.place > unit.place


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


def _bindings(graph: Graph, unit: Unit) -> dict[str, list[int]]:
    """By name, the statements that bind it; not `names += more`, by which a list stays the same."""
    found: dict[str, list[int]] = {}
    for one in graph.outline(unit).statements:
        for name in _offered(graph, unit, one) if one.is_star else one.binds:
            if not (one.is_augmented and type(unit.namespace.get(name)) in CONTAINERS):
                found.setdefault(name, []).append(one.index)
    return found


def _offered(graph: Graph, unit: Unit, star: Statement) -> set[str]:
    """What a star-import binds, without what the imported module has from this one."""
    names = graph.offered(unit, star.reads)
    return {name for name in names if _makers(graph, unit, star, name) != {unit.name}}


def _makers(graph: Graph, unit: Unit, statement: Statement, name: str) -> set[str]:
    """The modules that bind a name themselves, of those that a statement gets it from."""
    todo: list[tuple[Unit, Statement]] = [(unit, statement)]
    seen, found = {(unit, statement.index)}, set()
    while todo:
        taker, one = todo.pop()
        sources = _sources(graph, taker, one, name)
        found |= set() if sources or one.is_star else {taker.name}
        for giver in sources:
            outline = graph.outline(giver)
            own = [outline.statements[index] for index in outline.binders(name)[-1:]]
            new = [other for other in own or outline.statements if own or other.is_star]
            todo += [(giver, other) for other in new if (giver, other.index) not in seen]
            seen.update((giver, other.index) for other in new)
    return found


def _sources(graph: Graph, unit: Unit, statement: Statement, name: str) -> list[Unit]:
    """Where a statement imports a name from, as it is called there."""
    taken = [one for one in statement.reads.imports if one.name in (name, "*")]
    taken = [one for one in taken if one.name == "*" or one.bound == name]
    found = (graph.units.get(graph.target(unit, one)) for one in taken)
    return [one for one in found if one is not None]
