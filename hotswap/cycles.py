"""Would a fresh start get through an import cycle? Imports are played through, nothing runs."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from hotswap import source
from hotswap.effects import NeedsRestart, WouldFail

if TYPE_CHECKING:
    from hotswap.alignment import Alignment
    from hotswap.detect import Edit
    from hotswap.graph import Graph
    from hotswap.scan import Import
    from hotswap.source import Unit
    from hotswap.statements import Statement

_ASKED = re.compile(r"cannot import name '(\w+)' from")


def check(graph: Graph, edit: Edit, edits: dict[str, Edit]) -> None:
    """
    Play the imports of the cycles that a module is in, as a new process would run them.

    Raises:
        WouldFail: A `from` import would ask a half-done module for a name that it has not yet.
        NeedsRestart: A star-import would take fewer names of one than it did.
    """
    if edit.alignment is None or not _imports_otherwise(edit.alignment):
        return
    graph.renew()
    name = edit.unit.name
    cycle = _reached(graph, edit.unit) & graph.dependents({name})
    if not cycle:
        return
    cycle.add(name)
    names = graph.dependents(cycle) | cycle  # what cannot reach the cycle does not matter
    units = sorted((graph.units[one] for one in names), key=lambda unit: unit.place)
    roots = [unit.within[0].module if unit.within else unit.name for unit in units]
    now, before = _Play(graph, names, {}), _Play(graph, names, edits)
    failure = now.run(roots)
    worked = before.run(roots) is None
    if failure is not None and worked:
        raise failure  # and the play is right about what is known to have worked
    for (taker, target), found in now.taken.items():
        if before.taken.get((taker, target)) != found:
            reason = f"{taker} takes all names of {target} while that is half done"
            raise NeedsRestart(reason, (graph.units[taker].path, 1))


def is_early(graph: Graph, taker: Unit, error: BaseException) -> bool:
    """
    Whether an import failed only since its line came before what it asks for: a module that was
    there binds that name, as its file says by now, and has not done so yet.
    """
    unit = graph.units.get(getattr(error, "name", None) or "")
    found = _ASKED.match(str(error))
    if not isinstance(error, ImportError) or found is None or unit is None or unit is taker:
        return False
    loaded = sys.modules.get(unit.name) is unit.module and unit.order < sys.maxsize
    return loaded and found[1] not in unit.namespace and bool(graph.outline(unit).binders(found[1]))


def _imports_otherwise(alignment: Alignment) -> bool:
    places = [alignment.counterpart[index].index for index in sorted(alignment.counterpart)]
    if places != sorted(places):
        return True  # something moved, perhaps past an import
    changed = [alignment.new[index] for index in alignment.changed] + alignment.added
    return any("import" in statement.text for statement in (*changed, *alignment.removed))


def _reached(graph: Graph, unit: Unit) -> set[str]:
    found: set[str] = set()
    todo = [unit.name]
    while todo:
        new = graph.dependencies(graph.units[todo.pop()]) & graph.units.keys()
        todo += new - found
        found |= new
    return found


class _Play:
    """
    One start of the program, imports only.

    Args:
        names: The modules that take part.
        before: Edits that are to be thought away.
    """

    def __init__(self, graph: Graph, names: set[str], before: dict[str, Edit]) -> None:
        self._graph, self._names, self._before = graph, names, before
        self._bound: dict[str, set[str]] = {}
        self._done: set[str] = set()
        self._unsure = 0
        """How many blocks lead to what is being imported: they may not get there."""
        self.taken: dict[tuple[str, str], frozenset[str]] = {}
        """What star-imports find in modules that are half done, by who takes it from whom."""

    def run(self, roots: list[str]) -> WouldFail | NeedsRestart | None:
        """Import the roots, one after the other; the first failure, if there is one."""
        try:
            for name in roots:
                self._load(name)
        except (WouldFail, NeedsRestart) as failure:
            return failure
        return None

    def _load(self, name: str) -> None:
        unit = self._graph.units.get(name)
        if unit is None or name not in self._names or name in self._bound:
            return
        bound = self._bound[name] = set()
        edit = self._before.get(name)
        outline = edit.old_outline if edit is not None else self._graph.outline(unit)
        for statement in outline.statements:
            if not statement.inert and not statement.is_guard:
                if "import" in statement.text:
                    self._import(unit, statement)
                    bound.update(self._graph.offered(unit, statement.reads))
                bound.update(statement.binds)
        self._done.add(name)

    def _import(self, unit: Unit, statement: Statement) -> None:
        self._unsure += statement.is_compound
        for other in self._graph.imported(unit, statement.reads):
            self._load(other.name)
        self._unsure -= statement.is_compound
        if statement.is_compound:
            return  # it may expect the failure
        for imported in statement.reads.imports:
            target = self._graph.target(unit, imported)
            half_done = target in self._bound and target not in self._done
            if half_done and imported.name == "*":
                self.taken[unit.name, target] = frozenset(self._bound[target])
            if not half_done or not imported.name or imported.name == "*":
                continue
            if imported.name not in self._bound[target] and not self._is_there(target, imported):
                place = (statement.path, statement.first)
                message = f"cannot import name {imported.name!r} from {target!r}"
                if self._unsure:
                    raise NeedsRestart(f"a fresh start may come to: {message}", place)
                raise WouldFail(f"ImportError: {message} (import cycle)", place)

    def _is_there(self, target: str, imported: Import) -> bool:
        """Whether it is a module, also one that is imported for the first time now."""
        name = f"{target}.{imported.name}"
        return name in self._graph.units or source.found_at(name) is not None
