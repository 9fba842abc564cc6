"""Which statements are to execute, what has to execute with them, and what forbids it?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable
from types import CodeType
from typing import TYPE_CHECKING, Any

from hotswap import policy, protos
from hotswap.effects import NeedsRestart, check_stores, judge
from hotswap.graph import Graph
from hotswap.lookups import Key
from hotswap.order import Order
from hotswap.steps import Change
from hotswap.syntax import definitions
from hotswap.traces import Trace, Traces
from hotswap.waiting import Module, Queue

if TYPE_CHECKING:
    from hotswap.detect import Edit
    from hotswap.readers import Readers
    from hotswap.source import Unit
    from hotswap.statements import Statement
    from hotswap.syntax import Effect


class Marks(Queue):
    """
    The statements that are marked, by module.

    Args:
        own: Object → whether the project's own code made or defines it.
    """

    def __init__(
        self, graph: Graph, readers: Readers, edits: dict[str, Edit], own: Callable[[Any], bool]
    ) -> None:
        super().__init__(graph)
        self._readers, self._edits, self._own = readers, edits, own
        self._traces = Traces(graph, own)
        self.order = Order(graph, self._traces, own)

    def counterpart(self, unit: Unit, statement: Statement) -> Statement | None:
        """What a statement was before the edit."""
        edit = self._edits.get(unit.name)
        if edit is None or edit.alignment is None:
            return statement
        return edit.alignment.counterpart.get(statement.index)

    def mark(self, module: Module, statement: Statement, status: str, reason: str) -> None:
        """Have a statement execute: it is "added", "changed" or "repeated"."""
        if statement.index in module.done and not statement.inert:
            self._mark_again(module, statement, reason)
        if statement.index in module.marks or statement.inert:
            return
        if module.unit.is_main and not self._may_run_in_main(module, statement, status, reason):
            return
        status = self._status(module.unit, statement, status)
        if policy.said(module.unit.namespace, module.unit.policy):
            what = f"{module.unit.name} must not execute again: {reason}"
            raise NeedsRestart(what, (statement.path, statement.first))
        if statement.looks_elsewhere:
            what = f"{module.unit.name} looks for its modules somewhere else"
            raise NeedsRestart(what, (statement.path, statement.first))
        module.marks[statement.index] = (status, reason)
        if status == "added":
            self.renew(self._traces.of(module.unit, statement))
        else:
            old = self.counterpart(module.unit, statement) or statement
            if status == "changed":
                protos.refuse_changed(old, statement)
                check_stores(old, statement, module.unit, self._own)
                self.judge(module, old, "changed")
            self.judge(module, statement, status)
            self._rebuild_what_it_fills(module, statement)
        self._mark_what_it_needs(module, statement)
        self._mark_stars_below(module, statement)

    def _status(self, unit: Unit, statement: Statement, status: str) -> str:
        """A statement that was edited is another one, whatever else makes it execute."""
        edit = self._edits.get(unit.name)
        alignment = edit.alignment if edit is not None else None
        edited = alignment is not None and statement.index in alignment.changed
        return "changed" if edited and status == "repeated" else status

    def mark_below(  # noqa: PLR0913 - a change, and where it is
        self, unit: Unit, key: Key, change: Change, reason: str, after: int, *, stays: bool
    ) -> None:
        """
        What stands below a statement that binds a name, and reads it, executes.

        Args:
            stays: It is the same object: who has read it already need not do so again.
        """
        module = self.module(unit)
        for statement in self._readers.below(unit, key, change, after):
            if not (stays and statement.index in module.done):
                self.mark(module, statement, "repeated", reason)

    def _mark_again(self, module: Module, statement: Statement, reason: str) -> None:
        """Each statement executes once; an import may be repeated, since it only binds."""
        if not statement.is_import:
            message = f"{statement.title} would have to execute twice: {reason}"
            raise NeedsRestart(message, (statement.path, statement.first))
        if statement.index not in module.again:
            module.again.add(statement.index)
            module.done.discard(statement.index)

    def _may_run_in_main(
        self, module: Module, statement: Statement, status: str, reason: str
    ) -> bool:
        """The main module is the running program: its definitions are taken, it is not run."""
        place = (statement.path, statement.first)
        if statement.is_guard:
            raise NeedsRestart(f"the main block: {reason}", place)
        if statement.is_import or (status != "repeated" and not self._runs(statement)):
            return True
        if not module.unit.script and status == "repeated":
            return False  # typed in, or run by somebody else: what was read then was read then
        if statement.is_definition:
            return True
        raise NeedsRestart(f"what the main program runs {status}: {reason}", place)

    @staticmethod
    def _runs(statement: Statement) -> bool:
        return any(effect.kind != "decorator" for effect in statement.effects)

    def _mark_what_it_needs(self, module: Module, statement: Statement) -> None:
        """
        A name that is bound again below, or deleted, has to have its value of here; also one that
        a block may bind, or may not, and one that it deletes itself.
        """
        outline = self._graph.outline(module.unit)
        if not outline.rebinds:
            return
        names = outline.rebinds.intersection(statement.reads.names)
        may_find = statement.is_compound or statement.deletes
        names |= outline.rebinds & statement.binds if may_find else set()
        for name in names:
            binders = outline.binders(name)
            earlier = [index for index in binders if index < statement.index]
            if not earlier:
                earlier = self._stars_above(module, statement, name)
            if earlier and binders[-1] != earlier[-1]:
                needed = outline.statements[earlier[-1]]
                if needed.index not in module.done:
                    self.mark(module, needed, "repeated", f"{name} is bound again below")

    def _mark_stars_below(self, module: Module, statement: Statement) -> None:
        """A star-import below gives a name another value again."""
        outline = self._graph.outline(module.unit)
        for star in [outline.statements[at] for at in outline.stars if at > statement.index]:
            names = statement.binds & self._graph.offered(module.unit, star.reads).keys()
            if names and star.index not in module.done:
                self.mark(module, star, "repeated", f"it binds {min(names)} again")

    def _stars_above(self, module: Module, statement: Statement, name: str) -> list[int]:
        above = self._graph.outline(module.unit).statements[: statement.index]
        stars = (one for one in above if one.is_star)
        return [one.index for one in stars if name in self._graph.offered(module.unit, one.reads)]

    def judge(
        self, module: Module, statement: Statement, status: str, gone: Container[str] = ()
    ) -> None:
        """
        Refuse, or have made anew, what the effects of a statement ask for.

        Args:
            gone: Names that are no longer bound, and with them what was done to their objects.
        """
        self.renew(self._traces.of(module.unit, statement))
        outline = self._graph.outline(module.unit)
        for effect in statement.effects:
            if effect.kind != "decorator" and effect.chain and effect.chain[0] in gone:
                continue
            if effect.kind == "store" and status == "removed" and _is_on_its_own(effect, statement):
                continue
            verdict = judge(effect, module.unit, outline, self._own, status)
            if verdict.refuse:
                raise NeedsRestart(verdict.refuse, (statement.path, statement.first))
            if verdict.imported:
                self._rebuild_imported(module, statement, verdict.rebuild)
            elif verdict.rebuild and not self._is_rebuilt(module, verdict.rebuild):
                self._rebuild(module, verdict.rebuild)

    def no_longer_calls(self, codes: Collection[CodeType]) -> None:
        """Functions with these codes ran for a statement that is gone."""
        self.renew(self._traces.of_calls(codes))

    def no_longer_runs(self, unit: Unit, statement: Statement) -> None:
        """A statement is gone with its module."""
        codes = self._graph.ran_for(unit, statement)
        self.no_longer_calls(codes)
        self.no_longer_counts(statement, codes)

    def no_longer_counts(self, statement: Statement, codes: Collection[CodeType]) -> None:
        """Functions with these codes ran for a statement that is gone."""
        place = (statement.path, statement.first)
        if statement.is_definition or not statement.effects:
            for what in self._traces.counted(codes):
                raise NeedsRestart(f"{what} counts what is gone", place)
        else:  # on something that is made anew
            for what in self._traces.left_in_classes(codes):
                raise NeedsRestart(f"{what} has what is gone", place)

    def in_order(self, unit: Unit, first: Statement, second: Statement) -> None:
        """
        Two statements stand in another order than that in which they executed: what both act
        on has to be made anew.
        """
        module, outline = self.module(unit), self._graph.outline(unit)
        for what in self.order.shared(unit, first, second).values():
            made = [outline.statements[index] for index in outline.binders(what)]
            late = first.index in module.done and not self._is_rebuilt(module, what)
            if late or not made or made[0].is_import or second.is_definition:
                reason = f"{first.title} stands above {second.title} now, and both use {what}"
                raise NeedsRestart(reason, (first.path, first.first))
            if not self._is_rebuilt(module, what):
                self._rebuild(module, what)

    def came_between(self, unit: Unit, statement: Statement) -> None:
        """A new statement acts after those that stand below it."""
        self.order.forget(statement)
        module = self.module(unit)
        new = {at for at, (status, _) in module.marks.items() if status == "added"}
        for other in self._graph.outline(unit).statements[statement.index + 1 :]:
            if other.index not in module.done | new and not other.is_definition:
                self.in_order(unit, statement, other)

    def looks_again(self, unit: Unit, key: Key) -> None:
        """What a module finds when it asks for a name may be something else."""
        for statement in self._graph.outline(unit).statements:
            if self._graph.reads_key(unit, statement.reads, key):
                reason = f"{key.module} is imported before or after {key.name} is bound there"
                self.mark(self.module(unit), statement, "repeated", reason)

    def renew(self, traces: Iterable[Trace]) -> None:
        """Have made anew what calls have left something behind in."""
        for unit, statement, name in list(traces):
            module = self.module(unit)
            if statement.index not in module.done:
                reason = f"{name} holds what earlier calls left there"
                self.mark(module, statement, "repeated", reason)

    def _is_rebuilt(self, module: Module, name: str) -> bool:
        """Whether a name is about to be bound anew, or was because of what it was made from."""
        binders = self._graph.outline(module.unit).binders(name)
        return name in module.rebuilt or not module.done.isdisjoint(binders[:1])

    def _rebuild_imported(self, module: Module, statement: Statement, name: str) -> None:
        """A name is bound anew where it comes from."""
        source, there = self._graph.origin(module.unit, name)
        binders = self._graph.outline(source).binders(there)[:1]
        if source is module.unit or not binders:
            reason = f"what was done to {name} cannot be undone in process"
            raise NeedsRestart(reason, (statement.path, statement.first))
        other = self.module(source)
        if binders[0] not in other.done and there not in other.rebuilt:
            self._rebuild(other, there)

    def _rebuild_what_it_fills(self, module: Module, statement: Statement) -> None:
        """What reads an object below a line that sets something on it may need it made anew."""
        unit, outline = module.unit, self._graph.outline(module.unit)
        stores = (one for one in statement.effects if one.kind == "store" and one.chain)
        for name in {one.chain[0] for one in stores}:
            key = Key(unit.name, name)
            below = self._readers.below(unit, key, Change.VALUE, statement.index)
            asked = (
                judge(effect, unit, outline, self._own, "repeated").rebuild
                for one in below
                for effect in one.effects
                if effect.chain[:1] == (name,)
            )
            if name in asked and not self._is_rebuilt(module, name):
                self._rebuild(module, name)

    def _rebuild(self, module: Module, name: str) -> None:
        module.rebuilt.add(name)
        if name in module.anew:
            return
        outline = self._graph.outline(module.unit)
        for index in outline.binders(name)[:1]:
            binder = outline.statements[index]
            self.mark(module, binder, "repeated", f"{name} has to be made anew")
            key, reason = Key(module.unit.name, name), f"{name} is made anew"
            for below in self._readers.below(module.unit, key, Change.VALUE, index):
                self.mark(module, below, "repeated", reason)


def _is_on_its_own(effect: Effect, statement: Statement) -> bool:
    """Whether a statement did something to what it defined itself: that is gone with it."""
    defined = (node.name for node in definitions(statement.nodes))
    return bool(effect.chain) and effect.chain[0] in defined
