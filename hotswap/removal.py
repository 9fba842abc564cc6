"""What goes with names that are deleted, and with modules whose file is?"""

from __future__ import annotations

import sys
from types import FunctionType
from typing import TYPE_CHECKING, Any

from hotswap import holders, kin, returns
from hotswap.effects import NeedsRestart, may_enter
from hotswap.entries import is_single
from hotswap.functions import reached_from
from hotswap.libraries import still_has
from hotswap.namespaces import submodule
from hotswap.naming import naming
from hotswap.registries import Watch
from hotswap.steps import Outcome, Step
from hotswap.threads import check_running
from hotswap.values import MISSING, is_a
from hotswap.written import Written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hotswap.books import Books
    from hotswap.naming import Naming
    from hotswap.reach import Reach
    from hotswap.source import Unit
    from hotswap.swap import Swap


class Removal:
    """
    The steps of a transaction that only take away.

    Args:
        books: Those of the transaction.
    """

    def __init__(self, books: Books, reach: Reach, swap: Swap) -> None:
        self._books, self._reach, self._swap = books, reach, swap
        self._graph, self._own = books.graph, books.own
        self._journal, self._births, self._before = books.journal, books.births, books.before
        self.old_data: Mapping[str, bytes] = {}
        """Sources as they were before their edits."""
        self.lost = False
        """Whether a class is gone."""
        self._given: list[tuple[Step, list[Any]]] = []
        """What is gone, and somebody else's decorator may have kept."""
        self._named: list[tuple[Naming, list[Unit]]] = []
        """Where names stand of what is gone, and the modules that may have that."""

    def purge(self, step: Step) -> Outcome:
        """Names go, and what was entered with them."""
        outcome = Outcome()
        for name in step.names:
            outcome.filled |= self._purge_name(step, name)
        for function in self._nameless(step):
            outcome.filled |= self._unregister(step, "", function)
        if "__doc__" in step.names:
            step.unit.namespace["__doc__"] = None
        return outcome

    def _purge_name(self, step: Step, name: str) -> set[tuple[str, str]]:
        """Gives the names of the containers that have changed."""
        space, module = step.unit.namespace, submodule(step.unit, name)
        if module is not None and module is space.get(name):
            return set()  # a submodule that stays imported stays an attribute
        gone = space.pop(name, MISSING)
        if module is not None:
            space[name] = module
        self._births.gone.add(step.unit.name, name, gone, sure=step.status == "definition")
        if is_a(gone, type) and gone.__module__ == step.unit.name:
            self.lost = True
        if step.status == "object":
            check_running(gone, [name], (step.unit.path, 1))
        known = gone is not MISSING and bool(step.status)
        return self._unregister(step, name, gone) if known else set()

    def _nameless(self, step: Step) -> list[FunctionType]:
        """The functions of a definition that is gone, though another one has its name."""
        if step.old is None or not step.old.registrars or step.old.binds <= set(step.names):
            return []
        edits, lines = self._reach.edits, range(step.old.first, step.old.last + 1)
        codes = [one for one in edits[step.unit.name].lost if one.co_firstlineno in lines]
        self._swap.search([step.unit], dict(edits))
        return [one for one in self._swap.living if any(one.__code__ is code for code in codes)]

    def retire(self, step: Step) -> Outcome:
        """The namespace stays, in most cases: somebody may still hold a function of the module."""
        package, _, child = step.unit.name.rpartition(".")
        if package in self._graph.units:  # which has lost the attribute by now
            self._books.keep(self._graph.units[package])
            self._before[package].setdefault(child, step.unit.module)
        returns.note(step.unit, self._births.gone)
        near = self._reach.near_before(step.unit)
        watch = Watch.over(near, self._own, self._journal)
        ran = self._graph.calls.on_behalf_of_lines(step.unit.name, 1, sys.maxsize)
        mine, place = watch.besides(step.unit.name, {*step.unit.namespace}), (step.unit.path, 1)
        values = [step.unit.namespace.get(name) for name in step.names]
        functions = [one for one in values if is_a(one, FunctionType)]
        self._books.relics.note(ran, mine, place, functions)
        for name in step.names:
            made = step.unit.namespace.get(name)
            defined = is_a(made, (FunctionType, type)) and made.__module__ == step.unit.name
            if defined or is_single(made):
                self._drop(watch, made)
            if defined:
                self._note_named(watch, step.unit, name, near)
        self._lose_heirs(step.unit)
        return Outcome(filled=watch.changed())

    def _lose_heirs(self, unit: Unit) -> None:
        """Classes of a lost module, that are not even to be found as subclasses."""
        lost = [cls for cls, _ in kin.derived_elsewhere(self._graph, unit)]
        for name, value in list(unit.namespace.items()):
            if any(value is cls for cls in lost):
                self._journal.del_item(unit.namespace, name)
                self.lost = True

    @staticmethod
    def _drop(watch: Watch, gone: Any) -> bool:
        dropped = watch.drop(gone)
        if library := still_has(gone):
            raise NeedsRestart(f"{library} still has {getattr(gone, '__name__', gone)!s:.60}")
        return dropped

    def _unregister(self, step: Step, name: str, gone: Any) -> set[tuple[str, str]]:
        """
        What a statement had entered goes with it; the name of a definition may be anybody's.
        Gives the names of the containers that have changed.
        """
        if step.status == "object" and not is_single(gone):
            return set()
        near = self._reach.near_before(step.unit)
        watch = Watch.over(near, self._own, self._journal)
        dropped = self._drop(watch, gone)
        if step.old is not None:
            ran, place = self._reach.ran_before(step), (step.unit.path, step.old.first)
            mine = watch.besides(step.unit.name, step.old.binds)
            self._books.relics.note(ran, mine, place, [gone])
        if step.status == "object":
            self._refuse_entered(step, gone)
            return watch.changed()
        calls = (call.code for each in near for call in self._graph.calls.in_file(each.path))
        written = Written(self._books).forget_made(calls, lambda: {id(gone)})
        if (
            not dropped
            and is_a(gone, (FunctionType, type))
            and (not step.old or step.old.registrars)
        ):
            self._refuse_disordered(step, watch)
        if name:
            self._note_named(watch, step.unit, name, near)
        self._note_given(step, gone)
        return watch.changed() | {(key.module, key.name) for key in written}

    def _note_given(self, step: Step, gone: Any) -> None:
        space = self._before.get(step.unit.name, step.unit.namespace)
        effects = step.old.effects if step.old is not None else ()
        if any(may_enter(effect, space, self._own) for effect in effects):
            self._refuse_entered_by_name(step)
            inner = (one for one in reached_from(gone) if one.__globals__ is step.unit.namespace)
            self._given.append((step, [gone, *(one for one in inner if one is not gone)]))

    def _refuse_entered_by_name(self, step: Step) -> None:
        assert step.old is not None
        found = list(self._reach.handled(step.unit, step.old, ()))
        watch = Watch.over((), self._own, self._journal, foreign=found)
        for name in step.names:
            named = naming(watch.watched.values(), step.unit.name, name)
            if named is not None:
                place, where = (step.old.path, step.old.first), named.container.where
                raise NeedsRestart(f"{where} still has {name!r}, which is gone", place)

    def check_held(self) -> None:
        """
        What is gone must not live on in the books of a library, nor by its name.

        Raises:
            NeedsRestart: It does.
        """
        for found, near in self._named:
            if found.stands(near, self._own):
                where = found.container.where
                raise NeedsRestart(f"{where} still has {found.text!r}, which is gone")
        for step, gone in self._given:
            if holders.are_held(gone) or any(map(holders.is_hidden, gone)):
                assert step.old is not None
                place = (step.old.path, step.old.first)
                raise NeedsRestart(f"{step.old.title} is gone, and somebody still has it", place)

    def _refuse_disordered(self, step: Step, watch: Watch) -> None:
        """What is gone may have entered a key first, where somebody else's value is by now."""
        for one in watch.disordered(self._graph.precedes):
            if self._is_made_later(step, watch.tops.get(id(one.container))):
                continue
            names = {getattr(value, "__name__", "") for _, value in one.before}
            units = list(self._graph.units.values())
            makers = (each for each in units if one.where.startswith(f"{each.name}."))
            if not any(self._graph.names_in(each, one.where, names) for each in makers):
                raise NeedsRestart(f"the order of the keys of {one.where} cannot be told")

    def _is_made_later(self, step: Step, top: tuple[str, str] | None) -> bool:
        """Whether a container of another module was not there yet when a definition was made."""
        place = self._graph.made_at(*top) if top is not None else None
        if place is None or step.old is None or place[0] == step.unit.name:
            return False
        if any(site.module == place[0] for site in step.unit.within):
            return self._graph.precedes((step.unit.name, step.old.first), place)
        return step.unit.order < self._graph.units[place[0]].order

    def _note_named(self, watch: Watch, unit: Unit, name: str, near: list[Unit]) -> None:
        """A line that executes yet may make a container anew."""
        found = naming(watch.watched.values(), unit.name, name)
        if found is not None:
            quoted = [f"{quote}{found.text}{quote}".encode() for quote in "'\""]
            sources = [self.old_data.get(one.name, one.data) for one in near]
            if not any(one in source for one in quoted for source in sources):
                self._named.append((found, near))

    def _refuse_entered(self, step: Step, gone: Any) -> None:
        """What a library's object did besides, when it was given something, is not known."""
        assert step.old is not None
        handled = self._reach.handled(step.unit, step.old, ())
        for where, one in handled:
            watch = Watch.over((), self._own, self._journal, foreign=[(where, one)])
            if one is not gone and watch.drop(gone):
                place = (step.old.path, step.old.first)
                raise NeedsRestart(f"{where} cannot forget {', '.join(step.names)}", place)
