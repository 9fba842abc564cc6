"""Which modules does nobody import any more, and what is left of them where others find it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotswap import kin
from hotswap.compare import walk
from hotswap.effects import NeedsRestart
from hotswap.graph import Graph
from hotswap.lookups import Key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import CodeType

    from hotswap.importers import Importers
    from hotswap.order import Order
    from hotswap.source import Unit


def check(units: Mapping[str, Unit], graph: Graph, order: Order, importers: Importers) -> None:
    """
    Refuse what a fresh start would not come to.

    Args:
        units: The modules that were edited, or of which something has executed.

    Raises:
        NeedsRestart: Somebody could tell.
    """
    for other in _first_imported_by(units, graph):
        if not _is_left(other, graph, importers):
            continue
        order.renew()
        why = f"nobody imports {other.name} any more"
        for statement in graph.outline(other).statements:
            for what in order.left_by(other, statement):
                reason = f"{why}, which has acted on {what}"
                raise NeedsRestart(reason, (statement.path, statement.first))
        for cls, base in kin.derived_elsewhere(graph, other):
            reason = f"{why}, and {cls.__qualname__} is derived from {base.__qualname__}"
            raise NeedsRestart(reason, (other.path, 1))
        for reader, line in _found_by(other, graph):
            raise NeedsRestart(f"{why}, and {reader.name} may find it", (reader.path, line))


def _first_imported_by(units: Mapping[str, Unit], graph: Graph) -> list[Unit]:
    """The modules that one of these was the first to import, or a line that is gone."""
    return [
        other
        for other in graph.units.values()
        if (within := other.within) and (within[-1].module in units or not within[-1].line)
    ]


def _is_left(other: Unit, graph: Graph, importers: Importers) -> bool:
    """Whether nobody imports a module by now."""
    site = other.within[-1]
    unit = graph.units.get(site.module)
    statement = graph.outline(unit).at(site.line) if unit is not None and site.line else None
    if unit is not None and statement is not None and other in importers.now(unit, statement):
        return False
    return not importers.any_of(other)


def _found_by(other: Unit, graph: Graph) -> list[tuple[Unit, int]]:
    """Who takes a submodule from its package without an import of it, and where."""
    package, _, child = other.name.rpartition(".")
    word, found = child.encode(), []
    for unit in graph.units.values() if package else ():
        if unit is not other and (word in unit.data or unit.name == package):
            found += [
                (unit, code.co_firstlineno)
                for code in walk(graph.code(unit))
                if _takes(unit, code, Key(package, child), graph)
            ]
    return found


def _takes(unit: Unit, code: CodeType, key: Key, graph: Graph) -> bool:
    reads = graph.function_reads(code)
    if f"{key.module}.{key.name}" in graph.looks(unit, reads).modules:
        return False
    if unit.name == key.module and (reads.namespace or key.name in reads.names):
        return True
    return key.name in code.co_names and graph.reads_attribute(unit, reads, key)
