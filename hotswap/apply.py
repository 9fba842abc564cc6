"""
How is a set of edits carried out, all of it or nothing?

Every write goes through the journal; whatever is raised, everything is as before.
"""

from __future__ import annotations

import builtins
import functools
import gc
import sys
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from hotswap import births, caches, classes, functions, source
from hotswap.compare import class_books, definition_scopes
from hotswap.effects import NeedsRestart, Watch
from hotswap.graph import Key, public_names
from hotswap.journal import Journal, refill
from hotswap.plan import Change, Outcome, Step, Wave
from hotswap.values import attributes, is_a

if TYPE_CHECKING:
    from hotswap.detect import Edit
    from hotswap.functions import Lineage
    from hotswap.graph import Graph
    from hotswap.source import Unit
    from hotswap.statements import Statement
    from hotswap.tracking import Tracker

Purged = dict[tuple[str, str], "weakref.ref[Any]"]
"""Functions and classes whose definition was deleted, by module and name."""

_MISSING: Any = object()


@dataclass(eq=False)
class Done:
    """What a transaction did."""

    swapped: list[str] = field(default_factory=list)
    """Modules whose functions got new code."""
    executed: list[str] = field(default_factory=list)
    """Modules of which something executed or was bound anew, in that order."""
    notes: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


class StatementFailed(Exception):  # noqa: N818 - carries the user's error
    """Executing a statement raised; the cause is the user's exception."""

    def __init__(self, step: Step, error: BaseException) -> None:
        super().__init__(str(error))
        self.step, self.error = step, error


class Transaction:
    """
    One batch of edits on its way into the process.

    Args:
        own: Object → whether the project's own code made or defines it.
    """

    def __init__(
        self,
        tracker: Tracker,
        graph: Graph,
        lineage: Lineage,
        purged: Purged,
        own: Callable[[Any], bool],
    ) -> None:
        self._tracker, self._graph, self._lineage, self._own = tracker, graph, lineage, own
        self._purged = purged
        self._journal = Journal()
        self._births = births.Births(lineage, self._journal)
        self._living: list[FunctionType] = []
        self._saved: dict[str, dict[str, tuple[int, Any]]] = {}
        self._kept: set[str] = set()
        self._changed_keys: set[Key] = set()
        self._changed_codes: set[int] = set()
        self._made: dict[int, Any] = {}
        """By id, containers that this transaction made."""
        self._degrees: dict[int, Change] = {}
        """By id, objects that stayed the same but changed."""
        self._searched: set[str] = set()
        self._before: dict[str, dict[str, Any]] = {}
        """Namespaces as they were; of a module that only binds imports anew, those names."""
        self.done = Done()

    def run(self, edits: dict[str, Edit], whole: Iterable[str]) -> Done:
        """
        Apply the edits.

        Raises:
            NeedsRestart: They cannot be applied in process.
            StatementFailed: Executing one of them raised.
        """
        self._remember_imports()
        for edit in edits.values():
            self._take_over(edit)
        self._swap(edits)
        wave = Wave(self._graph, edits, self._own, whole=whole)
        births.begin(self._births)
        try:
            self._drive(wave)
        finally:
            births.end()
        self._refresh_prompt()
        self._forget_results(edits)
        for edit in edits.values():
            self._renew_cached(edit)
        return self.done

    def roll_back(self) -> list[str]:
        """Take everything back; returns what could not be."""
        return self._journal.roll_back()

    def note(self, undo: Callable[[], object]) -> None:
        """Have something else taken back with the rest."""
        self._journal.note(undo)

    # -- books ----------------------------------------------------------------------------

    def _remember_imports(self) -> None:
        units, modules = dict(self._tracker.units), dict(sys.modules)
        failed = dict(self._tracker.failed)

        def undo() -> None:
            for name in [name for name in sys.modules if name not in modules]:
                module = sys.modules.pop(name)
                parent, _, child = name.rpartition(".")
                space = vars(modules[parent]) if parent in modules else {}
                if space.get(child) is module:
                    del space[child]
            for mine, before in ((self._tracker.units, units), (self._tracker.failed, failed)):
                mine.clear()
                mine.update(before)  # type: ignore[arg-type]

        self._journal.note(undo)

    def _take_over(self, edit: Edit) -> None:
        """The unit's books say from now on what the file says."""
        unit = edit.unit
        before = (unit.data, unit.code, unit.stamp)

        def undo() -> None:
            unit.data, unit.code, unit.stamp = before

        self._journal.note(undo)
        sites = self._tracker.calls.sites_of(unit.name)
        lines = {site.line: edit.new_line(site.line) for site in sites}
        unit.data, unit.code, unit.stamp = edit.data, edit.code, edit.stamp
        functions.register(edit.pairs, self._lineage, self._journal)
        self._tracker.calls.renew(self._lineage, unit.path, self._journal)
        self._tracker.calls.move(unit.name, lines, self._journal)

    def _swap(self, edits: dict[str, Edit]) -> None:
        units = [edit.unit for edit in edits.values() if any(pair.moved for pair in edit.pairs)]
        self._search(units, edits)
        self.done.notes += functions.swap(self._living, self._lineage, self._journal)
        for edit in edits.values():
            names = [_title(pair.new) for pair in edit.bodies]
            self._changed_codes |= {id(pair.new) for pair in edit.bodies}
            self.done.names += [name for name in names if name not in self.done.names]
            if names:
                self.done.swapped.append(edit.unit.name)
            self._warn_of_running(edit)
            self._renew_class_books(edit)
            for pair in edit.bodies:
                if pair.new.co_name in ("__subclasshook__", "__subclasscheck__"):
                    classes.forget_all_subclass_checks()
        self._renew_held_codes(edits)

    def _renew_class_books(self, edit: Edit) -> None:
        """`inspect.getsource` of a class goes by the line that the class knows (3.13)."""
        if not edit.pairs:
            return
        for code in definition_scopes(edit.code):
            owner = classes.find(edit.unit.namespace, getattr(code, "co_qualname", ""))
            if code is edit.code or not is_a(owner, type):
                continue
            for name, value in class_books(code).items():
                if name in owner.__dict__ and owner.__module__ == edit.unit.name:
                    self._journal.set_class_attr(owner, name, value)

    def _renew_held_codes(self, edits: dict[str, Edit]) -> None:
        """A decorator may have kept the code object of a function: keep it the present one."""
        renewed = {
            id(pair.old): (pair.old, pair.new) for edit in edits.values() for pair in edit.pairs
        }
        if not renewed or not self._tracker.calls.took_codes:
            return
        for holder in gc.get_referrers(*(old for old, _ in renewed.values())):
            if type(holder) in (set, list) and any(id(one) in renewed for one in holder):
                self._journal.keep_container(holder)
                refill(holder, [renewed.get(id(one), (one, one))[1] for one in holder])

    def _search(self, units: list[Unit], edits: dict[str, Edit]) -> None:
        """One pass over the heap for the functions of all these modules."""
        units = [unit for unit in units if unit.name not in self._searched]
        self._searched |= {unit.name for unit in units}
        found = functions.living(unit.namespace for unit in units)
        for unit in units:
            edit = edits.get(unit.name)
            if edit is not None and not unit.tracked:
                mine = [one for one in found if one.__globals__ is unit.namespace]
                functions.recognise(mine, edit.before, self._lineage, self._journal)
        self._living += found
        self._births.expect(found)

    def _warn_of_running(self, edit: Edit) -> None:
        changed = {id(pair.old): pair.old for pair in edit.bodies}
        for frame in sys._current_frames().values():
            at: Any = frame
            while at is not None:
                if id(at.f_code) in changed:
                    self.done.notes.append(
                        f"{at.f_code.co_name} runs since before the edit, "
                        "and goes on with its old code until it is called again"
                    )
                    del changed[id(at.f_code)]
                at = at.f_back

    def _renew_cached(self, edit: Edit) -> None:
        """What a `cached_property` remembers is no answer of its new code."""
        changed = {id(pair.new) for pair in edit.bodies}
        for function in [one for one in self._living if id(one.__code__) in changed]:
            path, _, name = function.__qualname__.rpartition(".")
            owner = classes.find(edit.unit.namespace, path) if path else None
            held: Any = owner.__dict__.get(name) if is_a(owner, type) else None
            if owner is None or not is_a(held, functools.cached_property):
                continue
            if held.func is not function:
                continue
            for instance in gc.get_referrers(owner):
                if issubclass(type(instance), owner) and name in attributes(instance):
                    self._journal.del_item(attributes(instance), name)

    # -- the wave -------------------------------------------------------------------------

    def _forget_results(self, edits: dict[str, Edit] | None) -> None:
        """Clear each `lru_cache` that remembers results of what has changed so far."""
        if not self._changed_keys and not self._changed_codes:
            return
        modules = {key.module for key in self._changed_keys}
        modules |= {*self.done.swapped, *self.done.executed}
        self._graph.renew()
        names = self._graph.dependents(modules) | modules
        units = [self._tracker.units[name] for name in names if name in self._tracker.units]
        for name, cache in caches.stale(
            self._graph, units, self._changed_keys, self._changed_codes
        ):
            cache.cache_clear()
            self.done.notes.append(f"the cache of {name} was cleared")
        if edits is None:
            self._changed_keys, self._changed_codes = set(), set()

    def _drive(self, wave: Wave) -> None:
        steps = wave.steps()
        try:
            step = next(steps)
            while True:
                outcome = self._carry_out(step)
                self._changed_keys |= {Key(step.unit.name, name) for name in outcome.names}
                self._changed_codes |= {id(code) for code in outcome.codes}
                step = steps.send(outcome)
        except StopIteration:
            pass
        for name in list(self._saved):
            self._restore_bound_below(self._tracker.units[name], sys.maxsize)

    def _carry_out(self, step: Step) -> Outcome:
        if step.unit.name not in self.done.executed:
            self.done.executed.append(step.unit.name)
        self.done.notes.append(str(step))
        if step.action == "rebind":
            return self._rebind(step)
        self._keep(step.unit)
        return self._purge(step) if step.action == "purge" else self._execute(step)

    def _keep(self, unit: Unit) -> None:
        if unit.name not in self._kept:
            self._kept.add(unit.name)
            self._before[unit.name] = {**unit.namespace, **self._before.get(unit.name, {})}
            self._journal.keep_dict(unit.namespace)

    def _purge(self, step: Step) -> Outcome:
        space = step.unit.namespace
        for name in step.names:
            if sys.modules.get(f"{step.unit.name}.{name}", _MISSING) is space.get(name):
                continue  # a submodule that stays imported stays an attribute
            gone = space.pop(name, _MISSING)
            annotations = space.get("__annotations__")
            if is_a(annotations, dict) and name in annotations:
                self._journal.del_item(annotations, name)
            if is_a(gone, (FunctionType, type)):
                self._purged[step.unit.name, name] = weakref.ref(gone)
            if gone is not _MISSING and (step.status == "decorated" or is_a(gone, type)):
                units = self._near(step.unit, ())
                Watch.over(units, self._own, self._journal).drop(gone)
        if "__doc__" in step.names:
            space["__doc__"] = None
        return Outcome()

    def _rebind(self, step: Step) -> Outcome:
        module, name = step.source
        (bound,) = step.names
        space = step.unit.namespace
        at_prompt = step.unit.is_main and not step.unit.script
        old = space.get(bound, _MISSING)
        if at_prompt and old is not self._before.get(module, {}).get(name, _MISSING):
            return Outcome()  # the user's own by now
        try:
            value = _imported(module, name)
        except ImportError as error:
            if at_prompt:
                return Outcome()
            raise StatementFailed(step, error) from error
        if old is not value:
            self._before.setdefault(step.unit.name, {}).setdefault(bound, old)
            self._journal.set_item(space, bound, value)
        return Outcome({bound: Change.VALUE})

    def _refresh_prompt(self) -> None:
        """Names that were imported at a prompt: no statement of the main file binds them."""
        main = self._tracker.units.get("__main__")
        if main is None or main.script:
            return
        bound = self._graph.reads(main).binds
        for module, before in list(self._before.items()):
            space = vars(sys.modules[module]) if module in sys.modules else {}
            for name, old in before.items():
                new = space.get(name, _MISSING)
                mine = main.namespace.get(name, _MISSING)
                if mine is old and new is not old and new is not _MISSING and name not in bound:
                    self._journal.set_item(main.namespace, name, new)

    def _execute(self, step: Step) -> Outcome:
        unit, statement = step.unit, step.statement
        assert statement is not None
        self._restore_bound_below(unit, statement.index)
        if statement.is_function or statement.is_class or "lambda" in statement.text:
            self._search([unit], {})
        revived = self._revive(unit, statement)
        before = {name: unit.namespace.get(name, _MISSING) for name in statement.binds}
        watch = self._watch(step, statement)
        if statement.reads.calls and step.status == "repeated":
            self._forget_results(edits=None)
        stars = self._star_names(step, statement)
        quiet = statement.is_import or statement.is_definition or not statement.reads.calls
        before_all = None if quiet else dict(unit.namespace)
        self._tracker.calls.forget(unit.name, statement.first, statement.last, self._journal)
        statement.former = step.old
        self._run(step, statement)
        outcome = self._settle(step, statement, before, watch, revived=revived)
        outcome.names.update(self._settle_stars(step, stars))
        if stars is None and before_all is not None:
            outcome.names.update(_bound_besides(before_all, unit.namespace, statement.binds))
        return outcome

    def _revive(self, unit: Unit, statement: Statement) -> bool:
        """A definition that vanished and comes back, as by a save in two writes, is the same."""
        if not statement.is_definition:
            return False
        (name,) = statement.binds
        ref = self._purged.get((unit.name, name))
        gone = ref() if ref is not None else None
        if gone is None or name in unit.namespace:
            return False
        unit.namespace[name] = gone
        return True

    def _run(self, step: Step, statement: Statement) -> None:
        unit = step.unit
        self._births.begin(unit, self._graph.code(unit), statement)
        code = statement.executable(births.born, births.born_decorated)
        _make_room_for_submodules(unit, statement, self._graph)
        for name in statement.binds.intersection(statement.reads.names):
            if (
                hasattr(builtins, name)
                and self._graph.outline(unit).binders(name)[0] == statement.index
            ):
                unit.namespace.pop(name, None)  # a fresh start would find Python's own
        try:
            with self._tracker.on_behalf_of(unit, code):
                if statement.is_compound:
                    self._run_block(unit, statement, code)
                else:
                    exec(code, unit.namespace)  # noqa: S102
        except NeedsRestart:
            raise
        except BaseException as error:
            raise StatementFailed(step, error) from error
        if sys.modules.get(unit.name) is not unit.module:
            raise NeedsRestart(f"{unit.name} puts something else in its own place")

    def _run_block(self, unit: Unit, statement: Statement, code: CodeType) -> None:
        """What another branch of an `if` had bound goes, if nothing else binds it."""
        space = unit.namespace
        stores = _Stores(space)
        exec(code, space, stores)  # type: ignore[arg-type]  # noqa: S102
        outline = self._graph.outline(unit)
        for name in statement.binds - stores.names:
            first = outline.binders(name)[0] == statement.index
            if first and name not in statement.reads.names and not statement.reads.namespace:
                space.pop(name, None)

    def _watch(self, step: Step, statement: Statement) -> Watch | None:
        self._keep_stored(step.unit, statement)
        decorated = statement.decorated or (step.old is not None and step.old.decorated)
        acts = statement.reads.calls or decorated or statement.effects
        if statement.is_import or not acts:
            return None
        sites = [
            site
            for site in self._tracker.calls.sites_of(step.unit.name)
            if statement.first <= site.line <= statement.last
        ]
        files = {path for site in sites for path in site.files}
        near = self._near(step.unit, files)
        watch = Watch.over(near, self._own, self._journal, self._made)
        watch.ignore(step.unit, statement.binds)
        for holder, name in self._stored(step.unit, statement):
            watch.ignore_attribute(holder, name)
        return watch

    def _keep_stored(self, unit: Unit, statement: Statement) -> None:
        """Attributes that a statement sets on objects come back if the transaction fails."""
        for holder, name in self._stored(unit, statement):
            self._journal.keep_attribute(holder, name)

    @staticmethod
    def _stored(unit: Unit, statement: Statement) -> Iterator[tuple[Any, str]]:
        for effect in statement.effects:
            first, *path = effect.chain or ("",)
            holder: Any = unit.namespace.get(first)
            for name in path[:-1]:
                holder = getattr(holder, name, None)
            if effect.kind == "store" and path and holder is not None:
                yield holder, path[-1]

    def _near(self, unit: Unit, files: Iterable[str]) -> list[Unit]:
        """The modules whose containers a statement may reach."""
        names = {unit.name} | self._graph.dependencies(unit)
        wanted = set(files)
        return [
            other
            for other in self._tracker.units.values()
            if other.name in names or other.path in wanted
        ]

    def _settle(
        self,
        step: Step,
        statement: Statement,
        before: dict[str, Any],
        watch: Watch | None,
        *,
        revived: bool,
    ) -> Outcome:
        alias = self._settle_names(step, statement, before, revived=revived)
        self._forward_bare(step)
        self._births.settle_temporary()
        if watch is not None:
            for gone in self._births.removed:
                watch.drop(gone)
            watch.settle(alias, new=step.status == "added", fresh=self._births.fresh)
        self._refuse_left_behind(step, statement, before, watch)
        outcome = self._tell(step, dict.fromkeys(before, _MISSING) if revived else before)
        self._save_bound_below(step.unit, statement, before)
        self._births.end()
        return outcome

    def _settle_names(
        self, step: Step, statement: Statement, before: dict[str, Any], *, revived: bool
    ) -> dict[int, Any]:
        """Let held objects follow; gives, by id, what is dropped for what was there before."""
        space, alias = step.unit.namespace, {}
        old_defined = revived or (step.old is not None and step.old.is_definition)
        for name, old in before.items():
            new = space.get(name, _MISSING)
            if old is _MISSING or new is _MISSING:
                continue
            defined = (
                (statement.is_definition and old_defined and self._is_last(step, name, old))
                or self._is_fresh_closure(step, statement, name, old, new)
                or self._is_replaced(step, statement, name, old)
            )
            kept = self._births.settle(old, new, defined=defined)
            if kept is not new:
                alias[id(new)] = kept
                space[name] = kept
        return alias

    def _is_last(self, step: Step, name: str, old: Any) -> bool:
        """Of several definitions of a name, the last one made what the name holds."""
        outline = self._graph.outline(step.unit)
        if name not in outline.rebinds or is_a(old, type) or step.statement is None:
            return True
        mine = self._before[step.unit.name].get(name) is old
        return mine and outline.binders(name)[-1] == step.statement.index

    def _tell(self, step: Step, before: dict[str, Any]) -> Outcome:
        """What the wave has to know of the names that a statement binds."""
        space, outcome = step.unit.namespace, Outcome()
        for name, old in before.items():
            new = space.get(name, _MISSING)
            if type(new) in (list, dict, set) and new is not old:
                self._made[id(new)] = new
            change = self._change(old, new, step)
            if change is not None:
                outcome.names[name] = change
                if old is new:
                    outcome.in_place.add(name)
            if change is Change.VALUE:
                outcome.others.update(self._subclasses(new))
        outcome.codes += self._births.changed
        return outcome

    @staticmethod
    def _refuse_left_behind(
        step: Step, statement: Statement, before: dict[str, Any], watch: Watch | None
    ) -> None:
        """A decorator that was taken off may have entered what it decorated somewhere."""
        if step.old is None or not _decorators(step.old) - _decorators(statement):
            return
        for old in before.values():
            if watch is not None and watch.holds(old):
                place = (statement.path, statement.first)
                raise NeedsRestart("what a decorator had registered stays registered", place)

    def _is_fresh_closure(
        self, step: Step, statement: Statement, name: str, old: Any, new: Any
    ) -> bool:
        """Whether `name = make()` gave a function of the same making, held under that name only."""
        if not (is_a(old, FunctionType) and is_a(new, FunctionType)):
            return False
        if statement.is_definition or step.old is None or len(statement.binds) > 1:
            return False
        latest = self._lineage.latest
        if latest(old.__code__) is not latest(new.__code__) and not _same_place(old, new):
            return False
        if any(new is one for one in self._living):
            return False
        values = [value for key, value in step.unit.namespace.items() if key != name]
        return not any(old is value for value in values)

    def _is_replaced(self, step: Step, statement: Statement, name: str, old: Any) -> bool:
        """Whether `def name` of this module made `old`, and no other name holds it."""
        if type(old) is not FunctionType or old.__globals__ is not step.unit.namespace:
            return False
        if old.__qualname__ != name and (step.status == "repeated" or old.__name__ != "<lambda>"):
            return False
        space = step.unit.namespace
        if any(old is value for key, value in space.items() if key != name):
            return False
        return self._graph.outline(step.unit).binders(name) == [statement.index]

    def _forward_bare(self, step: Step) -> None:
        for old, qualname in self._births.bare:
            target = classes.find(step.unit.namespace, qualname)
            if callable(target) and not functions.reaches(target, old):
                functions.forward(old, target, self._journal)

    def _change(self, old: Any, new: Any, step: Step) -> Change | None:
        if old is _MISSING or new is _MISSING:
            return Change.VALUE if old is not new else None
        if old is new:
            if step.statement is not None and step.statement.is_augmented:
                return Change.VALUE
            return self._change_of_kept(new)
        if classes.same_value(old, new):
            return None
        if step.rebuild:
            self._check_rebuilt(step, old)
        return Change.VALUE

    def _change_of_kept(self, value: Any) -> Change | None:
        """It is the same object as before: a name that is bound to it has changed as it has."""
        picture = self._births.pictures.get(id(value))
        if picture is not None:
            degree = classes.degree(picture[1], value)
            change = {"value": Change.VALUE, "methods": Change.METHODS}.get(degree)
            if change is not None:
                self._degrees[id(value)] = max(change, self._degrees.get(id(value), change))
            return change
        if id(value) in self._births.refilled:
            self._degrees[id(value)] = Change.VALUE
        return self._degrees.get(id(value))

    def _subclasses(self, changed: Any) -> dict[Key, Change]:
        """Classes inherit what changed: whoever read their attributes has to know."""
        found: dict[Key, Change] = {}
        todo: list[type] = []
        if is_a(changed, type) and id(changed) in self._degrees:
            todo.append(changed)
        while todo:
            subclasses: list[type] = type.__subclasses__(todo.pop())
            for cls in subclasses:
                unit = self._tracker.units.get(cls.__module__)
                if unit is not None and unit.namespace.get(cls.__name__) is cls:
                    found[Key(unit.name, cls.__name__)] = Change.VALUE
                    self._degrees[id(cls)] = Change.VALUE
                    todo.append(cls)
        return found

    def _check_rebuilt(self, step: Step, old: Any) -> None:
        """An object that is made anew must not live on in somebody's hands."""
        statement = step.statement
        assert statement is not None
        if type(old) in (list, dict, set, tuple):
            return
        spaces = {id(unit.namespace) for unit in self._tracker.units.values()}
        spaces |= {id(space) for space in self._before.values()}
        for holder in gc.get_referrers(old):
            if is_a(holder, dict) and id(holder) not in spaces and holder is not sys.modules:
                owner = [one for one in gc.get_referrers(holder) if one is not old]
                if any(getattr(one, "__dict__", None) is holder for one in owner):
                    place = (statement.path, statement.first)
                    names = ", ".join(sorted(statement.binds))
                    raise NeedsRestart(f"{names} has to be made anew, and is in use", place)

    # -- names that are bound more than once ------------------------------------------------

    def _save_bound_below(self, unit: Unit, statement: Statement, before: dict[str, Any]) -> None:
        outline = self._graph.outline(unit)
        for name in statement.binds & outline.rebinds:
            later = [index for index in outline.binders(name) if index > statement.index]
            saved = self._saved.setdefault(unit.name, {})
            if later:
                saved.setdefault(name, (later[0], before[name]))
            else:
                saved.pop(name, None)

    def _restore_bound_below(self, unit: Unit, index: int) -> None:
        """A later statement that does not execute had given the name another value."""
        saved = self._saved.get(unit.name, {})
        for name, (later, value) in list(saved.items()):
            if later < index:
                del saved[name]
                if value is _MISSING:
                    unit.namespace.pop(name, None)
                else:
                    unit.namespace[name] = value
            elif later == index:
                del saved[name]

    # -- star imports -----------------------------------------------------------------------

    def _star_names(self, step: Step, statement: Statement) -> dict[str, Any] | None:
        if "*" in statement.text and any(one.name == "*" for one in statement.reads.imports):
            return dict(step.unit.namespace)
        return None

    def _settle_stars(self, step: Step, before: dict[str, Any] | None) -> dict[str, Change]:
        """Names that the imported module no longer offers go; the others may have changed."""
        if before is None:
            return {}
        assert step.statement is not None
        space, index = step.unit.namespace, step.statement.index
        self._drop_former(step)
        outline = self._graph.outline(step.unit)
        below: set[str] = set()
        for statement in outline.statements[index + 1 :]:
            below |= statement.binds
            if statement.is_import and "*" in statement.text:
                below |= self._graph.offered(step.unit, statement.reads).keys()
        below |= self._own_names(step, before)
        for name in below:  # what stands below has given it its value
            if name in before and space.get(name, _MISSING) is not before[name]:
                space[name] = before[name]
        return {
            name: Change.VALUE
            for name in before.keys() | space.keys()
            if before.get(name, _MISSING) is not space.get(name, _MISSING)
        }

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

    def _drop_former(self, step: Step) -> None:
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
                    space.pop(name, None)


def _decorators(statement: Statement) -> set[tuple[str, ...]]:
    return {effect.chain for effect in statement.effects if effect.kind == "decorator"}


class _Stores:
    """The local namespace of a block: stores go to the module's, and are noted."""

    def __init__(self, space: dict[str, Any]) -> None:
        self._space = space
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        raise KeyError(name)  # then Python looks in the module's namespace

    def __setitem__(self, name: str, value: Any) -> None:
        self.names.add(name)
        self._space[name] = value

    def __delitem__(self, name: str) -> None:
        self.names.discard(name)
        del self._space[name]


def _bound_besides(
    before: dict[str, Any], space: dict[str, Any], binds: frozenset[str]
) -> dict[str, Change]:
    """Names that changed though the statement does not bind them: by `exec`, by `global`."""
    return {
        name: Change.VALUE
        for name in before.keys() | space.keys()
        if before.get(name, _MISSING) is not space.get(name, _MISSING)
        and name not in binds
        and not name.startswith("__")
        and not is_a(space.get(name), ModuleType)
    }


def _same_place(old: FunctionType, new: FunctionType) -> bool:
    """Whether two functions were made by code that was itself made at run time, as by `exec`."""
    one, other = old.__code__, new.__code__
    return one.co_filename.startswith("<") and (one.co_filename, one.co_name) == (
        other.co_filename,
        other.co_name,
    )


def _imported(module: str, name: str) -> Any:
    """What `from module import name` gives, without importing anything for the first time."""
    space = vars(sys.modules[module]) if module in sys.modules else {}
    if name in space:
        return space[name]
    if (found := sys.modules.get(f"{module}.{name}")) is not None:
        return found
    with suppress(AttributeError):
        return getattr(sys.modules[module], name)
    raise ImportError(f"cannot import name {name!r} from {module!r}", name=module)


def _make_room_for_submodules(unit: Unit, statement: Statement, graph: Graph) -> None:
    """`from . import x` finds an attribute before it looks for the submodule."""
    for imported in statement.reads.imports:
        if imported.name and graph.target(unit, imported) == unit.name:
            value = unit.namespace.get(imported.name)
            if imported.name in unit.namespace and not is_a(value, ModuleType):
                del unit.namespace[imported.name]


def _title(code: CodeType) -> str:
    name: str = getattr(code, "co_qualname", code.co_name)
    return name.replace(".<locals>", "")


def show_lines(edits: Iterable[Edit]) -> None:
    """Let tracebacks and `inspect` read the files anew; no new process takes stale bytecode."""
    for edit in edits:
        source.show_lines(edit.unit.path)
        source.forget_bytecode(edit.unit.path)
