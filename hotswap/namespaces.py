"""What does a statement find in the namespace that it executes in, and what does it leave there?"""

from __future__ import annotations

import sys
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from hotswap.effects import NeedsRestart
from hotswap.functions import forward, reaches
from hotswap.steps import Change
from hotswap.values import MISSING, is_a

if TYPE_CHECKING:
    from collections.abc import Callable

    from hotswap.graph import Graph
    from hotswap.journal import Journal
    from hotswap.source import Unit
    from hotswap.statements import Statement


class Stores:
    """The local namespace of a block: stores go to the module's, and are noted."""

    def __init__(self, space: dict[str, Any]) -> None:
        self._space = space
        self.names: set[str] = set()
        self.asked: set[str] = set()
        """Names whose former value was looked up."""

    def __getitem__(self, name: str) -> Any:
        if name not in self.names:
            self.asked.add(name)
        return self._space[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self.names.add(name)
        self._space[name] = value

    def __delitem__(self, name: str) -> None:
        self.names.discard(name)
        del self._space[name]


def bound_besides(
    before: dict[str, Any], space: dict[str, Any], binds: frozenset[str]
) -> dict[str, Change]:
    """Names that changed though the statement does not bind them: by `exec`, by `global`."""
    return {
        name: Change.VALUE
        for name in before.keys() | space.keys()
        if before.get(name, MISSING) is not space.get(name, MISSING)
        and name not in binds
        and not name.startswith("__")
        and not is_a(space.get(name), ModuleType)
    }


def forward_written(
    former: dict[str, Any], space: dict[str, Any], own: Callable[[str], bool], journal: Journal
) -> None:
    """
    Functions that no `def` of a module has made, but a text that was executed in it.

    Args:
        former: What was under names that have been bound since.
        own: Path of a source file → whether a module's code is in it.
    """
    for name, old in former.items():
        new = space.get(name)
        if type(old) is not FunctionType or not callable(new) or reaches(new, old):
            continue
        if old.__globals__ is space and not own(old.__code__.co_filename):
            forward(old, new, journal)


def make_room_for_submodules(unit: Unit, statement: Statement, graph: Graph) -> None:
    """`from . import x` finds an attribute before it looks for the submodule."""
    for imported in statement.reads.imports:
        if imported.name and graph.target(unit, imported) == unit.name:
            value = unit.namespace.get(imported.name)
            above = graph.outline(unit).binders(imported.name)[:1] < [statement.index]
            if imported.name in unit.namespace and not (above or is_a(value, ModuleType)):
                del unit.namespace[imported.name]


def put_back_submodules(unit: Unit, statement: Statement, graph: Graph) -> None:
    """
    What a package bound gives way to a submodule of that name that is imported later.

    Raises:
        NeedsRestart: Until then the package itself uses what it bound.
    """
    names = graph.offered(unit, statement.reads) if statement.is_star else statement.binds
    for name in names if statement.is_star or not statement.is_import else ():
        module = submodule(unit, name)
        if module is None or name not in unit.namespace or unit.namespace[name] is module:
            continue
        if not _is_imported_below(unit, statement, graph.units.get(module.__name__)):
            continue
        statements = graph.outline(unit).statements
        if any(name in one.reads.names for one in statements[statement.index :]):
            place = (statement.path, statement.first)
            raise NeedsRestart(f"{name} is used before the submodule of that name", place)
        unit.namespace[name] = module


def submodule(unit: Unit, name: str) -> ModuleType | None:
    """The submodule of that name, if it is imported."""
    found = sys.modules.get(f"{unit.name}.{name}")
    return found if is_a(found, ModuleType) else None


def _is_imported_below(unit: Unit, statement: Statement, other: Unit | None) -> bool:
    """Whether a statement of a package executes before a submodule is imported."""
    sites = other.within if other is not None else ()
    return all(site.line > statement.last for site in sites if site.module == unit.name)
