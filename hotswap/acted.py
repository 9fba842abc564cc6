"""On which objects did a statement act that executes again, and does no longer?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any

from hotswap.effects import NeedsRestart
from hotswap.entries import is_plain
from hotswap.values import attributes, is_a

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hotswap.graph import Graph
    from hotswap.source import Unit
    from hotswap.statements import Statement
    from hotswap.steps import Step

_DEPTH = 2
_MANY = 256

Acts = list[tuple[str, Any]]
"""What a statement did, as it is written, and to which object."""


class Acted:
    """
    What statements of a transaction had acted on before.

    Args:
        spaces: Namespaces as they were before it.
    """

    def __init__(self, graph: Graph, spaces: Mapping[str, dict[str, Any]]) -> None:
        self._graph, self._spaces = graph, spaces
        self._before: list[tuple[Unit, Statement, Statement, Acts]] = []

    def note(self, step: Step, statement: Statement) -> None:
        """A statement is about to execute again."""
        old, space = step.old or statement, self._spaces.get(step.unit.name, {})
        acts = list(_acts(old, space)) if old.effects else []
        if acts:
            self._before.append((step.unit, statement, old, acts))

    def check(self) -> None:
        """
        Refuse that modules go on having what a statement acted on, and would not act on now.

        Raises:
            NeedsRestart: What was done to it stays done.
        """
        living: set[int] = set()
        for unit, statement, old, acts in self._before:
            now = {id(one) for _, one in _acts(statement, unit.namespace)}
            for what, one in acts:
                if id(one) not in now:
                    living = living or self._living()
                    if id(one) in living:
                        raise NeedsRestart(f"what {what} did stays done", (old.path, old.first))

    def _living(self) -> set[int]:
        """By id, what modules have under a name."""
        units = self._graph.units.values()
        return {id(one) for unit in units for one in list(unit.namespace.values())}


def _acts(statement: Statement, space: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What it does to objects that its names lead to, if these are no modules."""
    for effect in statement.effects:
        root = effect.chain[0] if effect.chain else ""
        if effect.kind == "store" or (effect.kind == "call" and len(effect.chain) > 1):
            given = [space.get(root)]
            if root in statement.binds:  # a loop sets it to one after the other
                given += [space.get(name) for name in statement.reads.names]
            for one in _inside(given, _DEPTH):
                if root not in statement.binds or effect.chain[-1] in attributes(one):
                    yield ".".join(effect.chain), one


def _inside(values: Iterable[Any], depth: int) -> Iterator[Any]:
    """Objects, and those in containers of them."""
    for one in list(values)[:_MANY]:
        if not (is_plain(one) or is_a(one, ModuleType)):
            yield one
            if depth and is_a(one, (list, tuple, set, frozenset, dict)):
                yield from _inside(one.values() if is_a(one, dict) else one, depth - 1)
