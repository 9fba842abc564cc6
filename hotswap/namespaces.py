"""What does a statement find in the namespace that it executes in, and what does it leave there?"""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any

from hotswap.steps import Change
from hotswap.values import MISSING, is_a

if TYPE_CHECKING:
    from hotswap.graph import Graph
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


def make_room_for_submodules(unit: Unit, statement: Statement, graph: Graph) -> None:
    """`from . import x` finds an attribute before it looks for the submodule."""
    for imported in statement.reads.imports:
        if imported.name and graph.target(unit, imported) == unit.name:
            value = unit.namespace.get(imported.name)
            above = graph.outline(unit).binders(imported.name)[:1] < [statement.index]
            if imported.name in unit.namespace and not (above or is_a(value, ModuleType)):
                del unit.namespace[imported.name]
