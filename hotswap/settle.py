"""
What did a statement that ran again change, and what has to be put right after it?
"""

from __future__ import annotations

from functools import _lru_cache_wrapper as lru_cache_wrapper
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from hotswap import degrees, dotted, functions, holders, instead, state, stored, taken, unrepeatable
from hotswap.containers import containers_of
from hotswap.effects import NeedsRestart
from hotswap.entries import is_plain, is_single
from hotswap.heirs import Heirs
from hotswap.lookups import Key
from hotswap.makers import Makers
from hotswap.registries import Watch
from hotswap.steps import Change, Outcome, Step
from hotswap.threads import check_running
from hotswap.values import MISSING, is_a

if TYPE_CHECKING:
    from hotswap.books import Books
    from hotswap.statements import Statement


class Settlement:
    """
    Names, held objects and registries, after a statement has executed.

    Args:
        books: Those of the transaction.
        living: The functions that were found in it.
    """

    def __init__(self, books: Books, living: list[FunctionType]) -> None:
        self._tracker, self._graph, self._own = books.tracker, books.graph, books.own
        self._journal, self._births = books.journal, books.births
        self._below, self._before, self._degrees = books.below, books.before, books.degrees
        self._bound, self._heirs, self._record = books.done.bound, Heirs(books, living), books
        self._makers, self._hashes = Makers(books), books.hashes
        self.replaced = self._makers.replaced
        self._otherwise: set[int] = set()
        """By id, classes that have other attributes than before."""
        self.made: dict[int, Any] = {}
        """By id, containers that this transaction made."""
        self.lasting: set[tuple[int, str]] = set()
        """Attributes of classes, by id, that stayed as a class body ran again."""
        self._rebuilt: list[tuple[Statement, Any]] = []
        """What had to be made anew, and the object that there was."""
        self._left: list[tuple[Statement, Any]] = []
        """Functions, and the object of another kind that a decorator had made of each."""

    def settle(
        self, step: Step, statement: Statement, before: dict[str, Any], watch: Watch | None
    ) -> Outcome:
        """Put right what hangs on the names that it binds; tells what of them has changed."""
        alias = self._settle_names(step, statement, before)
        unrepeatable.check(self._births, self._graph, step, statement)
        self._forward_bare(step)
        self._births.settle_temporary()
        self._births.settle_replaced()
        if watch is not None:
            watch.settle(self._makers.made_by(step, statement, alias, watch))
            for gone in self._births.removed:
                watch.drop(gone)
            self._note_relics(step, statement, before, watch)
        self._births.successions.lead(self._books(before))
        outcome = self._tell(step, before)
        outcome.filled = watch.changed() if watch is not None else set()
        if self._otherwise and watch is not None:
            outcome.entered = watch.has_any(self._otherwise)
        self._below.save(step.unit, statement, before)
        self._births.end()
        return outcome

    def _note_relics(
        self, step: Step, statement: Statement, before: dict[str, Any], watch: Watch
    ) -> None:
        """What functions had entered that do not run for it any more."""
        ran = {(code.co_filename, code.co_name) for code in watch.ran}
        left = [one for one in watch.ran_before if (one.co_filename, one.co_name) not in ran]
        if left:
            made = [one for one in before.values() if not is_plain(one)]
            place = (statement.path, statement.first)
            mine = watch.besides(step.unit.name, statement.binds)
            self._record.relics.note(left, mine, place, made)

    def _settle_names(
        self, step: Step, statement: Statement, before: dict[str, Any]
    ) -> dict[int, Any]:
        """Let held objects follow; gives, by id, what is dropped for what was there before."""
        space, alias = step.unit.namespace, {}
        old_defined = step.old is not None and step.old.is_definition
        for name, old in before.items():
            new = space.get(name, MISSING)
            if new is MISSING:
                continue
            if id(new) in self._births.dropped:  # a function of Python's that we stand in for
                new = space[name] = self._births.dropped[id(new)]
            self._bound.add(Key(step.unit.name, name))
            replaced = self._heirs.is_replaced(step, statement, name, old)
            defined = replaced or self._heirs.is_again(step, statement, name, old, new)
            kept = self._births.settle(old, new, defined=defined)
            last = self._graph.outline(step.unit).binders(name)[-1] == statement.index
            if last and (statement.is_definition or id(new) in self._births.fresh):
                kept = self._births.settle_gone(step.unit.name, name, kept)
            lost = kept is not old and (replaced or (old_defined and last))
            if lost and not self._births.successions.has(old):
                self._births.gone.add(step.unit.name, name, old)
            if kept is not old and defined and statement.is_function and _decorates(old):
                self._left += [(statement, old)] if type(old) is not type(new) else []
            if kept is not new:
                alias[id(new)] = kept
                space[name] = kept
        return alias | self._births.dropped

    def _tell(self, step: Step, before: dict[str, Any]) -> Outcome:
        """What the wave has to know of the names that a statement binds."""
        space, outcome = step.unit.namespace, Outcome()
        born = set(map(id, self._births.born))  # with other defaults
        for name, old in before.items():
            new = space.get(name, MISSING)
            another = new is not old or id(new) in self._births.refilled or id(new) in born
            if another and not self._is_imported(step, name):
                self.made |= {id(one): one for one in containers_of(new, self._own)}
            change = self._change(name, old, new, step)
            if old is not new and step.statement is not None:
                check_running(old, [name], (step.statement.path, step.statement.first))
            if change is not None:
                outcome.names[name] = change
                if old is new:
                    outcome.in_place.add(name)
            outcome.codes += degrees.given(new, self._is_another) if self._degrees else []
            if change is Change.VALUE:
                outcome.others.update(self._subclasses(new))
                outcome.others.update(self._modules_of(new))
        for cls, _ in self._births.pictures.values():
            self._change_of_kept(cls)
        stored.tell(self._record, step, outcome)
        outcome.shown += self._births.shown
        self._tell_of_looks(outcome)
        self._note_lasting()
        outcome.codes += self._births.changed
        return outcome

    def _note_lasting(self) -> None:
        """A class body has run again, and left attributes as they were."""
        for cls, before in self._births.pictures.values():
            space = vars(cls)
            self.lasting |= {(id(cls), name) for name in space if space[name] is before.get(name)}

    def _is_imported(self, step: Step, name: str) -> bool:
        """Whether a name comes from a module that was there before."""
        if step.statement is None or not step.statement.is_import:
            return False
        new = self._tracker.imported_since(self._record.moment)
        return not new or self._graph.origin(step.unit, name)[0] not in new

    def _tell_of_looks(self, outcome: Outcome) -> None:
        """What has changed of classes and functions for who looks at them from outside."""
        for cls, picture in self._births.pictures.values():
            outcome.taken += [(cls, name) for name in degrees.bound_otherwise(picture, cls)]
            if another := degrees.set_otherwise(picture, cls):
                outcome.otherwise.append((cls, another))
                self._otherwise.add(id(cls))
            if degrees.is_hashed_otherwise(picture, cls):
                self._hashes.changed(cls)
            if degrees.degree(picture, cls) or picture.get("__doc__") != vars(cls).get("__doc__"):
                outcome.shown.append(cls)
        for function, face in self._births.faces.values():
            names = degrees.shown_otherwise(face, function)
            outcome.taken += [(function, name) for name in names]

    def _forward_bare(self, step: Step) -> None:
        for old, qualname in self._births.bare:
            target = dotted.find_function(step.unit.namespace, qualname)
            if callable(target) and not functions.reaches(target, old):
                functions.forward(old, target, self._journal)

    def _change(self, name: str, old: Any, new: Any, step: Step) -> Change | None:
        if old is MISSING or new is MISSING:
            return Change.VALUE if old is not new else None
        if old is new:
            augmented = step.statement is not None and step.statement.is_augmented
            all_names = new is step.unit.namespace  # as by `names = globals()`
            if augmented or all_names or instead.is_shown_by_another(new, step.unit):
                return Change.VALUE
            if name in step.rebuild:
                self._refuse_same(step, old)
                if is_a(new, FunctionType):
                    self._degrees[id(new)] = Change.VALUE
            return self._change_of_kept(new)
        if degrees.same_value(old, new):
            return Change.VALUE if degrees.holds(new, self._is_another) else None
        if name in step.rebuild and type(old) not in (list, dict, set, tuple):
            assert step.statement is not None
            self._rebuilt.append((step.statement, old))
        return Change.VALUE

    def _change_of_kept(self, value: Any) -> Change | None:
        """It is the same object as before: a name that is bound to it has changed as it has."""
        picture = self._births.pictures.get(id(value))
        if picture is not None:
            degree = degrees.degree(picture[1], value)
            change = {"value": Change.VALUE, "methods": Change.METHODS}.get(degree)
            refilled = any(id(one) in self._births.refilled for one in vars(value).values())
            if refilled or degrees.holds(value, self._is_another):
                change = Change.VALUE
            if change is not None:
                self._degrees[id(value)] = max(change, self._degrees.get(id(value), change))
            return change
        if id(value) in self._births.refilled:
            self._degrees[id(value)] = Change.VALUE
        return self._degrees.get(id(value))

    def _is_another(self, value: Any) -> bool:
        """Whether an object that stays the same is another thing by now, for who looks at it."""
        return self._degrees.get(id(value)) is Change.VALUE

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

    def _modules_of(self, changed: Any) -> dict[Key, Change]:
        """What modules have by a class of their own, as by `sys.modules[…].__class__ = …`."""
        if not is_a(changed, type) or not issubclass(changed, ModuleType):
            return {}
        units = [one for one in self._tracker.units.values() if is_a(one.module, changed)]
        names = [name for name in vars(changed) if name[:2] != "__"]
        return {Key(unit.name, name): Change.VALUE for unit in units for name in names}

    def _refuse_same(self, step: Step, value: Any) -> None:
        """What was done to an object stays done, if it cannot be made anew."""
        statement = step.statement
        assert statement is not None
        anew = any(value is one for one in self._births.born) or id(value) in self._births.became
        same = not (anew or statement.is_definition or is_plain(value))
        if same and not state.is_kept(value):
            place = (statement.path, statement.first)
            names = ", ".join(sorted(statement.binds))
            raise NeedsRestart(f"{names} is the same object each time it is made", place)

    def _books(self, *more: dict[str, Any]) -> list[Any]:
        """What says which objects there were before."""
        pictures = (picture for _, picture in self._births.pictures.values())
        return [*more, *self._before.values(), *pictures]

    def check_held(self) -> None:
        """What others took the place of must not live on in somebody's hands."""
        self._births.successions.check(self._books())
        for statement, old in self._rebuilt:
            if holders.is_in_use(old) and not instead.is_found(old):
                self._refuse_held(statement, "has to be made anew, and is in use")
        for statement, old in self._left:
            if holders.are_held([old]):
                self._refuse_held(statement, f"was a {type(old).__name__}, and is held as such")
        for statement, old, new in self._births.rebound:
            taken.check(statement, old, new)

    @staticmethod
    def _refuse_held(statement: Statement, why: str) -> None:
        names = ", ".join(sorted(statement.binds))
        raise NeedsRestart(f"{names} {why}", (statement.path, statement.first))


def _decorates(value: Any) -> bool:
    """Whether an object that was a function may do more than call that, or remember results."""
    return is_single(value) and not is_a(value, lru_cache_wrapper)
