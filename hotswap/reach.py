"""What may a statement get hold of, and change?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from hotswap.containers import CONTAINERS, is_container, is_foreign
from hotswap.effects import is_of_library, resolve
from hotswap.functions import defaults, reached_from
from hotswap.scan import operates
from hotswap.values import is_a

if TYPE_CHECKING:
    from hotswap.books import Books
    from hotswap.detect import Edit
    from hotswap.running import Site
    from hotswap.source import Unit
    from hotswap.statements import Statement
    from hotswap.steps import Step


class Reach:
    """
    Modules and objects that are within a statement's reach.

    Args:
        books: Those of the transaction.
    """

    def __init__(self, books: Books) -> None:
        self._tracker, self._graph, self._own = books.tracker, books.graph, books.own
        self.edits: Mapping[str, Edit] = {}

    def near(self, unit: Unit, files: Iterable[str]) -> list[Unit]:
        """The modules whose containers a statement may reach, itself or by others' functions."""
        names = {unit.name, *self._graph.dependencies(unit), *self._imported_before(unit)}
        wanted, units = set(files), self._tracker.units.values()
        found = [one for one in units if one.name in names or one.path in wanted]
        held = self._graph.held(found) - {one.name for one in found}
        return [*found, *(one for one in units if one.name in held)]

    def near_before(self, unit: Unit) -> list[Unit]:
        """The modules whose containers may have been reached by statements that are gone."""
        edit = self.edits.get(unit.name)
        sites = self._tracker.calls.sites_of(unit.name) if edit is None else edit.dropped
        return self.near(unit, {path for site in sites for path in site.files})

    def ran_before(self, step: Step) -> list[CodeType]:
        """The functions that ran for what a statement was before it changed, or went."""
        edit, old, now = self.edits.get(step.unit.name), step.old, step.statement
        if edit is None or old is None or step.status == "repeated":
            return []
        lines = range(old.first, old.last + 1)
        sites = [site for site, line in edit.dropped.items() if line in lines]
        ran = [code for site in sites for code in self._tracker.calls.on_behalf_of(site)]
        return [*ran, *(self._graph.ran_for(step.unit, now) if now is not None else ())]

    def _imported_before(self, unit: Unit) -> Iterable[str]:
        """What had been entered somewhere may be gone together with the import that led there."""
        edit = self.edits.get(unit.name)
        return () if edit is None else self._graph.looks(unit, edit.read_before).modules

    def operates(self, step: Step, statement: Statement) -> bool:
        """
        Whether functions of one's own may run for a statement that calls none, as by
        `Kinds["int"]` and `chain >> step`, or have run before it changed.
        """
        if statement.is_import or statement.is_definition:
            return False
        names = {*statement.reads.names} if operates(statement.code) else set()
        held = [step.unit.namespace[name] for name in names & step.unit.namespace.keys()]
        objects = [one for one in held if not is_a(one, (FunctionType, ModuleType))]
        return any(map(self._own, objects)) or bool(self.ran_before(step))

    @staticmethod
    def defaults(unit: Unit, statement: Statement) -> Iterator[Any]:
        """What functions fill that a statement names."""
        for name in statement.reads.names if statement.reads.calls else ():
            for function in reached_from(unit.namespace.get(name)):
                yield from (one for one in defaults(function) if type(one) in CONTAINERS)

    def handled(
        self, unit: Unit, statement: Statement, sites: Iterable[Site]
    ) -> Iterator[tuple[str, Any]]:
        """Objects of libraries that a statement names, or own code that it had run."""
        spaces = {other.path: other.namespace for other in self._tracker.units.values()}
        ran = [code for site in sites for code in self._tracker.calls.on_behalf_of(site)]
        named = [(spaces.get(code.co_filename, {}), {*code.co_names}) for code in ran]
        mine = {*statement.reads.names, *statement.code.co_names} - statement.binds
        named.append((unit.namespace, mine))
        for space, names in named:
            found = {name: space[name] for name in names & space.keys()}
            inner = {
                f"{name}.{attribute}": vars(value)[attribute]
                for name, value in found.items()
                if is_a(value, (type, ModuleType)) and self._own(value)
                for attribute in names & vars(value).keys()
            }
            both = {**found, **inner}
            yield from ((name, one) for name, one in both.items() if is_foreign(one, self._own))
        for effect in [one for one in statement.effects if one.chain]:
            target = resolve(effect, unit.namespace)
            if is_container(target) and is_of_library(effect, unit, self._own):
                yield ".".join(effect.chain[:-1]), target
