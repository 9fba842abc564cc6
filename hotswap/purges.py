"""What goes before anything executes: names that are gone, and modules whose file is?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from hotswap.effects import NeedsRestart, judge
from hotswap.graph import Graph
from hotswap.lookups import Key
from hotswap.steps import Change, Step, Steps, what_it_made

if TYPE_CHECKING:
    from hotswap.detect import Edit
    from hotswap.marks import Marks
    from hotswap.source import Unit
    from hotswap.starts import Starts
    from hotswap.statements import Statement
    from hotswap.waiting import Module
    from hotswap.wakes import Wakes


class Purges:
    """
    The steps that take out of living modules what a fresh start does not have.

    Args:
        own: Object → whether the project's own code made or defines it.
    """

    def __init__(
        self,
        graph: Graph,
        marks: Marks,
        wakes: Wakes,
        starts: Starts,
        own: Callable[[Any], bool],
    ) -> None:
        self._graph, self._marks, self._wakes = graph, marks, wakes
        self._starts, self._own = starts, own

    def names(self, edit: Edit) -> Steps:
        """Deleted names go before anything executes, so that importers notice."""
        if edit.alignment is None:
            return
        gone = edit.gone
        returning = self._starts.returning(edit)
        taken = {name for one in edit.alignment.added if one.is_import for name in one.binds}
        for statement in edit.alignment.removed:
            lost = gone | taken if statement.registrars else gone
            names = tuple(sorted(statement.binds & lost))
            shared = _is_shared(statement, lost)
            if names or shared:
                status = what_it_made(statement)
                step = Step(edit.unit, "purge", "deleted", status, old=statement, names=names)
                outcome = yield step
                for one in outcome.filled:
                    self._wakes.contents.filled(Key(*one), edit.unit, None)
                if statement.is_class:
                    self._wakes.contents.derived(edit.unit, statement, gone=True)
        if any(statement.writes_namespace for statement in edit.alignment.removed):
            yield from self.written(self._marks.modules[edit.unit.name])
        left = gone | edit.unsure | self._starts.star_names(edit)
        left -= {name for one in edit.alignment.removed for name in one.binds}
        if left:
            yield Step(edit.unit, "purge", "deleted", names=tuple(sorted(left)))
        yield from self._returning(returning)

    def _returning(self, found: Iterable[tuple[Unit, tuple[str, ...]]]) -> Steps:
        for unit, names in found:
            yield Step(unit, "purge", "deleted", names=names)
            for name in names:
                self._wakes.changed(Key(unit.name, name), Change.VALUE)

    def module(self, unit: Unit) -> Steps:
        """A module whose file is gone leaves nothing of its own behind in others."""
        outline = self._graph.outline(unit)
        for statement in outline.statements:
            for effect in statement.effects:
                verdict = judge(effect, unit, outline, self._own, "removed")
                if verdict.refuse:
                    raise NeedsRestart(verdict.refuse, (statement.path, statement.first))
        for statement in outline.statements:
            self._marks.no_longer_runs(unit, statement)
        made = [one for one in outline.statements if one.is_definition or what_it_made(one)]
        names = {name for one in made for name in one.binds}
        outcome = yield Step(unit, "retire", "its file is gone", names=tuple(sorted(names)))
        for one in outcome.filled:
            self._wakes.contents.filled(Key(*one), unit, None)
        for statement in [one for one in made if one.is_class]:
            self._wakes.contents.derived(unit, statement, gone=True)
        package, _, child = unit.name.rpartition(".")
        if package in self._graph.units:
            self._wakes.changed(Key(package, child), Change.VALUE)

    def written(self, module: Module) -> Steps:
        """Names that `globals()[…] = …` and its like had bound, before one of them executes."""
        if module.written:
            return
        module.written = True
        names = self._graph.written_names(module.unit)
        for statement in self._graph.outline(module.unit).statements:
            if statement.writes_namespace and statement.index not in module.done:
                self._marks.mark(
                    module, statement, "repeated", "names that nothing shows are bound anew"
                )
        if names:
            yield Step(module.unit, "purge", "bound anew", names=tuple(sorted(names)))
        for name in names:
            self._wakes.changed(Key(module.unit.name, name), Change.VALUE)


def _is_shared(statement: Statement, lost: frozenset[str]) -> bool:
    """Whether a definition is gone that may be entered somewhere, and another one has its name."""
    shared = bool(statement.registrars) and not statement.binds <= lost
    if shared and statement.is_class:
        why = f"{statement.title} may be entered somewhere, and another one has its name"
        raise NeedsRestart(why, (statement.path, statement.first))
    return shared
