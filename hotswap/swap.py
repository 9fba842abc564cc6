"""
Which living functions get the code of an edit, and what else knew the old one?
"""

from __future__ import annotations

import gc
import sys
from itertools import starmap
from types import CodeType, FrameType, FunctionType
from typing import TYPE_CHECKING, Any

from hotswap import dotted, functions, remembered
from hotswap.compare import class_books, definition_scopes, title
from hotswap.copied import wrapped_by
from hotswap.forgetting import Forgetting
from hotswap.journal import refill
from hotswap.lineage import recognise
from hotswap.lookups import Key, Keys
from hotswap.values import MISSING, is_a

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hotswap.books import Books
    from hotswap.bytecode import Reads
    from hotswap.detect import Edit
    from hotswap.source import Unit
    from hotswap.steps import Outcome


class Swap:
    """
    The functions of the modules that were edited. Nothing of the user's executes here.

    Args:
        books: Those of the transaction.
    """

    def __init__(self, books: Books) -> None:
        self._tracker, self._graph = books.tracker, books.graph
        self._lineage = books.lineage
        self._journal, self._births, self._done = books.journal, books.births, books.done
        self._hashes, self._former = books.hashes, books.former
        self.living: list[FunctionType] = []
        """Functions that were found."""
        self.results = Forgetting(books)
        self._all_keys = Keys()
        self._others = Keys()
        """Of these, names that hold another object, or a class that has changed."""
        self._classes: set[str] = set()
        """The files in which classes have changed."""
        self._all_codes: set[int] = set()
        """Of functions, also what the caches were asked about before."""
        self._reached_from: set[str] = set()
        self._searched: set[str] = set()
        self._born_again: set[int] = set()
        """By id, code that functions get as what defines them executes."""
        self._named: set[str] = set()
        """Modules whose functions were all found by their names."""

    def changed(self, unit: Unit, outcome: Outcome) -> None:
        """Names have other values by now, and functions other code."""
        keys, ids = [Key(unit.name, name) for name in outcome.names], list(map(id, outcome.codes))
        self._others.enter(key for key in keys if self._is_another(unit, key, outcome))
        if any(is_a(unit.namespace.get(key.name), type) for key in keys):
            self._classes.add(unit.path)
        held = [*keys, *outcome.stored, *starmap(Key, outcome.filled)]
        self.results.note(held, ids, outcome.otherwise)
        self._all_keys.enter(keys)
        self._all_codes.update(ids)

    def do_otherwise(self, codes: Iterable[CodeType]) -> bool:
        """Whether any function with one of these codes does something else by now."""
        for code in codes:
            reads = self._graph.function_reads(code)
            if id(code) in self._all_codes or any(
                self._graph.reads_any(unit, reads, self._all_keys)
                for unit in self._graph.owners(code)
            ):
                return True
        return False

    def may_choose(
        self, unit: Unit, reads: Reads, before: Iterable[CodeType], ran: Iterable[CodeType]
    ) -> bool:
        """
        Whether a statement, or functions that ran for it, read anything by which they may come
        to call others than before: not a function that stayed. A class that has changed may have
        what ran before under other names.
        """
        if not self._classes.isdisjoint(code.co_filename for code in before):
            return True
        mine = [(one, code) for code in ran for one in self._graph.owners(code)]
        both = [(unit, reads), *((one, self._graph.function_reads(code)) for one, code in mine)]
        return any(self._graph.reads_any(one, each, self._others) for one, each in both)

    @staticmethod
    def _is_another(unit: Unit, key: Key, outcome: Outcome) -> bool:
        value = unit.namespace.get(key.name)
        return key.name not in outcome.in_place or is_a(value, type) or not callable(value)

    def swap(self, edits: dict[str, Edit]) -> None:
        """Give every living function of the edited modules its new code."""
        left = [edit for name, edit in edits.items() if edit.pairs and name not in self._named]
        moved = [edit for edit in left if any(pair.moved for pair in edit.pairs)]
        self.search([edit.unit for edit in moved], edits)
        self._lineage.set_lagging(
            {edit.unit.name for edit in left if edit not in moved},
            {edit.unit.name for edit in moved},
            self._journal,
        )
        self._born_again = {id(code) for edit in edits.values() for code in _born_again(edit)}
        living = [one for one in self.living if not self._will_be_born(one)]
        self._done.notes += functions.swap(living, self._lineage, self._journal)
        for edit in edits.values():
            self._note_bodies(edit)
            self._warn_of_running(edit)
            self._renew_class_books(edit)
        self._renew_held_codes(edits)

    def _note_bodies(self, edit: Edit) -> None:
        names = [title(pair.new) for pair in edit.bodies]
        self.results.note((), (id(pair.new) for pair in edit.bodies))
        self._former.update((id(pair.new), pair.old) for pair in edit.bodies)
        self._all_codes |= self.results.codes
        self._done.names += [name for name in names if name not in self._done.names]
        if names:
            self._done.swapped.append(edit.unit.name)
        for pair in edit.bodies:
            if pair.new.co_name in ("__subclasshook__", "__subclasscheck__"):
                remembered.forget_all_subclass_checks()
            if pair.new.co_name in ("__hash__", "__eq__"):
                self._note_hash(edit, pair.new)

    def _will_be_born(self, function: FunctionType) -> bool:
        return id(self._lineage.latest(function.__code__)) in self._born_again

    def swap_rest(self) -> None:
        """Those that were to get their new code with what is executed, and did not."""
        left = [one for one in self.living if self._will_be_born(one)]
        self._done.notes += functions.swap(left, self._lineage, self._journal)

    def _note_hash(self, edit: Edit, code: CodeType) -> None:
        for scope in definition_scopes(edit.code):
            if any(const is code for const in scope.co_consts):
                name = getattr(scope, "co_qualname", scope.co_name)  # 3.11+
                self._hashes.changed(dotted.find(edit.unit.namespace, name))

    def _renew_class_books(self, edit: Edit) -> None:
        """`inspect.getsource` of a class goes by the line that the class knows (3.13)."""
        scopes = list(definition_scopes(edit.code))
        names = [getattr(code, "co_qualname", "") for code in scopes]
        for code, qualname in zip(scopes, names, strict=True):
            owner = wrapped_by(dotted.find(edit.unit.namespace, qualname))
            if code is edit.code or not is_a(owner, type):
                continue
            if not self._is_made_by(owner, code, twins=names.count(qualname) > 1):
                continue
            for name, value in class_books(code).items():
                if name in owner.__dict__ and owner.__module__ == edit.unit.name:
                    self._journal.set_class_attr(owner, name, value)

    def _is_made_by(self, cls: type, code: CodeType, *, twins: bool) -> bool:
        """Whether this class body made it, not another one of that name, nor a decorator."""
        if cls.__qualname__ != getattr(code, "co_qualname", ""):
            return False
        if not twins:
            return True
        inner = set(map(id, code.co_consts))
        methods = [value for value in vars(cls).values() if is_a(value, FunctionType)]
        known = [self._lineage.latest(one.__code__) for one in methods]
        return not known or any(id(one) in inner for one in known)

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

    def look_by_name(self, edits: dict[str, Edit]) -> None:
        """Before the books change, since they hold references, too: spare the heap a pass."""
        for name, edit in edits.items():
            if edit.pairs and edit.unit.tracked and name not in self._lineage.lagging:
                space, code = edit.unit.namespace, edit.before
                found = functions.by_name(space, code, edit.pairs, self._references)
                if found is not None:
                    self._named.add(name)
                    self.living += found

    def _references(self, code: CodeType) -> int:
        return self._lineage.holds(code) + self._tracker.calls.holds(code)

    def found(self, unit: Unit, name: str) -> Any:
        """The one living function that a definition of a module made, if it has been found."""
        mine = [one for one in self.living if one.__globals__ is unit.namespace]
        named = [one for one in mine if one.__qualname__ == name]
        return named[0] if len(named) == 1 else MISSING

    def search(self, units: list[Unit], edits: dict[str, Edit]) -> None:
        """One pass over the heap for the functions of all these modules."""
        units = [unit for unit in units if unit.name not in self._searched]
        self._searched |= {unit.name for unit in units}
        found = functions.living(unit.namespace for unit in units)
        for unit in units:
            edit = edits.get(unit.name)
            if edit is not None and not unit.tracked:
                mine = [one for one in found if one.__globals__ is unit.namespace]
                recognise(mine, edit.before, self._lineage, self._journal)
        self.living += found
        self._births.expect(found)

    def _warn_of_running(self, edit: Edit) -> None:
        changed = {id(pair.old) for pair in edit.bodies}
        names = _running(changed) if changed else set()
        self._done.notes += [
            f"{name} runs since before the edit, "
            "and goes on with its old code until it is called again"
            for name in sorted(names)
        ]

    def forget_results(self, edits: dict[str, Edit] | None) -> None:
        """Clear each cache that remembers results of what has changed so far."""
        if not self.results.keys and not self.results.codes:
            return
        modules = {key.module for key in self.results.keys}
        modules |= {*self._done.swapped, *self._done.executed}
        self.reach(modules)
        units = self._tracker.units
        concerned = units.keys() & (self._done.reached | modules)
        self.results.forget([units[name] for name in concerned])
        if edits is None:
            self.results.end()

    def reach(self, modules: set[str]) -> None:
        """These modules changed: what depends on them is reached."""
        new = modules - self._done.reached - self._reached_from
        if new:
            self._reached_from |= new
            self._done.reached |= self._graph.dependents(new)


def _born_again(edit: Edit) -> Iterator[CodeType]:
    """
    Functions that take other arguments, and whose definition executes: that gives them code and
    defaults together, so that a thread which calls them meanwhile gets the one with the other.
    """
    changed = edit.alignment.changed if edit.alignment is not None else ()
    for pair in edit.pairs if changed else ():
        if pair.outside:
            statement = edit.new_outline.at(pair.new.co_firstlineno)
            if statement is not None and statement.index in changed:
                yield pair.new


def _running(codes: set[int]) -> set[str]:
    """The names of functions with one of these codes (by id) that are on some stack."""
    found = set()
    for frame in sys._current_frames().values():
        at: FrameType | None = frame
        while at is not None:
            if id(at.f_code) in codes:
                found.add(at.f_code.co_name)
            at = at.f_back
    del frame  # a frame that holds itself lives on, with all that its callers hold
    return found
