"""What does a star-import bind when it executes again, and which names go?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from hotswap.chains import public_names
from hotswap.steps import Change, Step
from hotswap.values import MISSING

if TYPE_CHECKING:
    from hotswap.below import Below
    from hotswap.graph import Graph
    from hotswap.source import Unit
    from hotswap.statements import Statement


class Stars:
    """
    The star-imports of a transaction.

    Args:
        before: Namespaces as they were, by module.
        degrees: By id, objects that stayed the same but changed.
    """

    def __init__(
        self,
        graph: Graph,
        below: Below,
        before: dict[str, dict[str, Any]],
        degrees: dict[int, Change],
    ) -> None:
        self._graph, self._below, self._before, self._degrees = graph, below, before, degrees

    def names_before(self, step: Step, statement: Statement) -> dict[str, Any] | None:
        """What the module holds before a star-import executes; None for any other statement."""
        if statement.is_star:
            return dict(step.unit.namespace)
        return None

    def settle(self, step: Step, before: dict[str, Any] | None) -> dict[str, Change]:
        """Names that the imported module no longer offers go; the others may have changed."""
        if before is None:
            return {}
        assert step.statement is not None
        space, index = step.unit.namespace, step.statement.index
        self._dropformer(step)
        below = self._own_names(step, before)
        for statement in self._graph.outline(step.unit).statements[index + 1 :]:
            if statement.is_star:
                below |= self._graph.offered(step.unit, statement.reads).keys()
        for name in below:  # what stands below has given it its value
            if name in before and space.get(name, MISSING) is not before[name]:
                space[name] = before[name]
        settled = self._save_below_star(step, before)
        found = {
            name: Change.VALUE
            for name in before.keys() | space.keys()
            if name not in settled and before.get(name, MISSING) is not space.get(name, MISSING)
        }
        for name, value in self._graph.offered(step.unit, step.statement.reads).items():
            if space.get(name) is value and id(value) in self._degrees:
                found.setdefault(name, self._degrees[id(value)])
        return found

    def _save_below_star(self, step: Step, before: dict[str, Any]) -> set[str]:
        """Names that statements below bind; gives those for which the star offers what it did."""
        statement, space, settled = step.statement, step.unit.namespace, set()
        assert statement is not None
        former: dict[str, Any] = {}
        for imported in statement.reads.imports:
            target = self._graph.target(step.unit, imported)
            former.update(self._before.get(target) or vars(sys.modules[target]))
        outline = self._graph.outline(step.unit)
        for name in space.keys() & outline.rebinds:
            later = [index for index in outline.binders(name) if index > statement.index]
            own = before.get(name, MISSING)  # statements below may have deleted it
            if not later or space[name] is own:
                continue
            self._below.keep(step.unit, name, later[0], own)
            same = former.get(name) is space[name] and id(space[name]) not in self._degrees
            if same and step.status == "repeated":
                settled.add(name)
        return settled

    def _own_names(self, step: Step, before: dict[str, Any]) -> set[str]:
        """Names at a prompt that hold something else by now than what had been imported."""
        if not step.unit.is_main or step.unit.script or step.statement is None:
            return set()
        former: dict[str, Any] = {}
        for imported in step.statement.reads.imports:
            former.update(self._before.get(self._graph.target(step.unit, imported), {}))
        return {
            name for name, value in before.items() if name in former and value is not former[name]
        }

    def _dropformer(self, step: Step) -> None:
        """What a star-import had bound, and the imported module no longer offers."""
        assert step.statement is not None
        space, reads = step.unit.namespace, step.statement.reads
        offered = self._graph.offered(step.unit, reads)
        bound = {
            name
            for statement in self._graph.outline(step.unit).statements
            for name in statement.binds
        }
        for imported in reads.imports:
            former = self._before.get(self._graph.target(step.unit, imported), {})
            for name in public_names(former) if imported.name == "*" else ():
                if name not in offered and name not in bound and space.get(name) is former[name]:
                    self.fall_back(step.unit, name)

    def fall_back(self, unit: Unit, name: str) -> None:
        """A name that is bound no longer may be offered by a star-import."""
        space, offers = unit.namespace, []
        for statement in self._graph.outline(unit).statements:
            if statement.is_star:
                offered = self._graph.offered(unit, statement.reads)
                offers += [offered[name]] if name in offered else []
        if offers:
            space[name] = offers[-1]
        else:
            space.pop(name, None)
