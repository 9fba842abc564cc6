"""What does a name hold half-way through its module, where a statement below binds it again?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hotswap.values import MISSING

if TYPE_CHECKING:
    from hotswap.graph import Graph
    from hotswap.source import Unit
    from hotswap.statements import Statement


class Below:
    """Values that statements below had given to names which statements above have just bound."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._saved: dict[str, dict[str, tuple[int, Any]]] = {}
        self._entered: Unit | None = None
        """The module that statements execute in at present."""

    def keep(self, unit: Unit, name: str, later: int, value: Any) -> None:
        """A name has this value from a statement on, unless more is known of it."""
        self._saved.setdefault(unit.name, {}).setdefault(name, (later, value))

    def save(self, unit: Unit, statement: Statement, before: dict[str, Any]) -> None:
        """A statement has bound its names: keep what those hold that are bound again below."""
        outline = self._graph.outline(unit)
        saved = self._saved.setdefault(unit.name, {})
        for name in statement.binds & (outline.rebinds | saved.keys()):
            later = [index for index in outline.binders(name) if index > statement.index]
            _, value = saved.pop(name, (0, before[name]))
            if later:
                saved[name] = (later[0], value)

    def former(self, unit: Unit, statement: Statement, name: str) -> Any:
        """What a statement had bound a name to, though one above it may just have bound it."""
        later, value = self._saved.get(unit.name, {}).get(name, (-1, MISSING))
        if (
            later < 0
            and not statement.is_definition
            and self._may_be_starred(unit, statement, name)
        ):
            return MISSING
        if later == statement.index:
            if self._graph.outline(unit).binders(name)[-1] == later:
                return value
            if not statement.is_definition:
                return MISSING  # nobody knows: what stands below it has bound the name again
        return unit.namespace.get(name, MISSING)

    def _may_be_starred(self, unit: Unit, statement: Statement, name: str) -> bool:
        """Whether a star-import below a statement binds a name again."""
        outline = self._graph.outline(unit)
        below = [outline.statements[at] for at in outline.stars if at > statement.index]
        return any(name in self._graph.offered(unit, one.reads) for one in below)

    def enter(self, unit: Unit | None) -> None:
        """
        What a name holds half-way through its module is seen by that module alone: others
        find there what it holds in the end.
        """
        if unit is self._entered:
            return
        for one in (self._entered, unit):
            saved = {} if one is None else self._saved.get(one.name, {})
            for name, (later, value) in saved.items():
                assert one is not None
                saved[name] = (later, one.namespace.get(name, MISSING))
                hold(one.namespace, name, value)
        self._entered = unit

    def restore(self, unit: Unit, index: int) -> None:
        """A later statement that does not execute had given the name another value."""
        saved = self._saved.get(unit.name, {})
        for name, (later, value) in list(saved.items()):
            if later < index:
                del saved[name]
                hold(unit.namespace, name, value)


def hold(space: dict[str, Any], name: str, value: Any) -> None:
    """Let a name have a value, or none."""
    if value is MISSING:
        space.pop(name, None)
    else:
        space[name] = value
