"""What did a statement make when it ran, and which others use it?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from hotswap import degrees
from hotswap.containers import Watched, containers_of, entries_of, is_container
from hotswap.effects import resolve
from hotswap.entered import is_memory
from hotswap.entries import is_single, mentioned
from hotswap.functions import reached_from
from hotswap.harmless import is_free
from hotswap.lookups import Key
from hotswap.made import Made, Places, ordering_of
from hotswap.values import is_a

if TYPE_CHECKING:
    from types import CodeType

    from hotswap.books import Books
    from hotswap.entries import Entry, Place
    from hotswap.registries import Watch
    from hotswap.running import Site
    from hotswap.source import Unit
    from hotswap.statements import Statement
    from hotswap.steps import Step


class Makers:
    """
    The statements of a transaction, as those who make things.

    Args:
        books: Those of the transaction.
    """

    def __init__(self, books: Books) -> None:
        self._graph, self._births, self._before = books.graph, books.births, books.before
        self._books = books

    def made_by(
        self, step: Step, statement: Statement, alias: dict[int, Any], watch: Watch
    ) -> Made:
        """What a statement made when it ran: `alias` by id, what is dropped for what there was."""
        old = step.old.registrars if step.old is not None else ()
        ran = self._graph.ran_for(step.unit, statement)
        return Made(
            alias,
            self._own(step, statement) | self._births.fresh | self._births.pictures.keys(),
            new=step.status == "added" or step.enters_first,
            at=(step.unit.name, statement.first),
            differs=step.status == "repeated" or old != statement.registrars,
            fewer=bool(_heads(old) - _heads(statement.registrars)),
            otherwise=watch.otherwise,
            ran=ran,
            ordering=ordering_of(ran) or watch.ordering,
            alike=self._is_alike(step, statement, watch),
            given_otherwise=watch.given_otherwise,
            by_name=watch.by_name,
            places=lambda: self._places(step.unit),
            named=cache(lambda: self._named(ran)),
            others=lambda: not statement.is_definition or self._others_enter(step),
            belongs=lambda container: self._belongs(step, container, watch),
            fillers=lambda one: [
                *self._fillers(step, one.container, watch),
                *self._unnamed(statement, one, ran),
            ],
            is_overridden=lambda one, low: self._is_overridden(step, one, ran, low),
            runs_below=lambda code: self._runs_below(step.unit, statement, code),
            precedes=self._graph.precedes,
        )

    def _is_overridden(
        self, step: Step, one: Watched, ran: list[CodeType], low: Place | None
    ) -> bool:
        rows = [*entries_of(one.container), *one.hidden]
        if any(is_container(value) for _, value in rows):
            return False  # under a key there is what all have entered
        there = {each for entry in rows for each in mentioned(entry)}
        name, calls = one.where.rpartition(".")[2], self._graph.calls
        sites = {site for code in ran if name in code.co_names for site in calls.of(code)}
        for site in [one for one in sites if self._is_between(step, one, low)]:
            unit = self._graph.units.get(site.module)
            found = self._graph.outline(unit).at(site.line) if unit is not None else None
            if unit is None or found is None or not found.is_definition:
                continue
            made = [unit.namespace.get(name) for name in found.binds]
            inner = [function for value in made for function in reached_from(value)]
            if there.isdisjoint(map(id, (*made, *inner))):
                return True
        return False

    def _is_between(self, step: Step, site: Site, low: Place | None) -> bool:
        """Whether a line comes below a place and above a statement."""
        assert step.statement is not None
        place, precedes = (site.module, site.line), self._graph.precedes
        above = not precedes((step.unit.name, step.statement.first), place)
        mine = site.module == step.unit.name and site.line >= step.statement.first
        return above and not mine and not (low and precedes(place, low))

    def _runs_below(self, unit: Unit, statement: Statement, code: CodeType) -> bool:
        mine = (unit.name, statement.last)
        sites = self._graph.calls.of(code)
        return any(self._graph.precedes(mine, (site.module, site.line)) for site in sites)

    def _is_alike(self, step: Step, statement: Statement, watch: Watch) -> bool:
        """Whether what it defines looks as before to who takes it, methods aside."""
        if step.status != "changed" or step.old is None or watch.otherwise:
            return False
        pictures = self._births.pictures.values()
        return step.old.registrars == statement.registrars and not any(
            degrees.degree(picture, cls) == "value" for cls, picture in pictures
        )

    def _own(self, step: Step, statement: Statement) -> set[int]:
        """By id, what it has made itself, or modules that it was the first to import."""
        made = [step.unit.namespace.get(name) for name in statement.binds]
        made += [new for _, new in self.replaced(step.unit, statement)]
        own = {id(one) for one in made if statement.is_definition or is_single(one)}
        own.discard(id(None))  # which is the key of whatever has none
        return own | {id(one) for one in (*self._births.born, *self._by_newcomers())}

    def _by_newcomers(self) -> Iterator[Any]:
        """What modules have under a name that it was the first to import, as it executed."""
        for unit in self._books.tracker.imported_since(self._books.moment):
            yield from self._graph.made_in(unit)

    def _belongs(self, step: Step, container: Any, watch: Watch) -> bool:
        """
        Whether a container is what those make who use what a statement makes; or was a part of
        that, and another one has taken its place; or the statement cannot have known it.
        """
        top = watch.tops.get(id(container))
        if self._is_replaced(step, container, top) or self._is_behind(step, top):
            return True
        return self._is_made_with(step, top) or any(
            top == (unit.name, name) or unit.namespace.get(name) is container
            for unit, one in self._users_of_users(step)
            if not one.is_import
            for name in one.binds
        )

    def _is_replaced(self, step: Step, container: Any, top: tuple[str, str] | None) -> bool:
        assert step.statement is not None
        if top is None or top[0] != step.unit.name or top[1] not in step.statement.binds:
            return False
        now = containers_of(step.unit.namespace.get(top[1]), self._books.own)
        return all(container is not one for one in now)

    def _is_behind(self, step: Step, top: tuple[str, str] | None) -> bool:
        """Whether it is about to be imported anew, or was not there, or in use, when it ran."""
        unit = self._graph.units.get(top[0]) if top is not None else None
        if unit is None or top is None or step.statement is None:
            return False
        source, name = self._graph.origin(unit, top[1])
        if source.namespace.get(name) is not unit.namespace.get(top[1]) or is_memory(unit, top[1]):
            return True
        mine, place = (step.unit.name, step.statement.first), self._graph.made_at(*top)
        return place is not None and place != mine and self._graph.precedes(mine, place)

    def _fillers(self, step: Step, container: Any, watch: Watch) -> Iterator[tuple[str, int]]:
        """Module and line of what enters something in a container, and is no definition."""
        top = watch.tops.get(id(container))
        unit = self._graph.units.get(top[0]) if top is not None else None
        if top is None or unit is None:
            return
        owner, name = self._graph.origin(unit, top[1])
        key = Key(owner.name, name)
        for other in {owner, *self._graph.readers(key), *self._graph.suspects(key)}:
            for one in self._graph.outline(other).statements:
                if one is not step.statement and _fills(other, one, container):
                    yield other.name, one.first

    def _sites(self, codes: Iterable[CodeType]) -> Iterator[tuple[Unit, Statement]]:
        """For which statements such functions ran."""
        for site in {site for code in codes for site in self._graph.calls.of(code) if site.line}:
            unit = self._graph.units.get(site.module)
            found = self._graph.outline(unit).at(site.line) if unit is not None else None
            if unit is not None and found is not None:
                yield unit, found

    def _fill_by(
        self, statement: Statement, one: Watched, ran: list[CodeType]
    ) -> Iterator[tuple[Unit, Statement]]:
        """Other statements for which functions ran that name a container, and ran for this one."""
        name = one.where.rpartition(".")[2]
        for unit, other in self._sites(code for code in ran if name in code.co_names):
            if other is not statement:
                yield unit, other

    def _unnamed(
        self, statement: Statement, one: Watched, ran: list[CodeType]
    ) -> Iterator[tuple[str, int]]:
        """Module and line of those of which nothing is there that says so."""
        there = _there(one)
        for unit, other in () if _has_inner(one) else self._fill_by(statement, one, ran):
            known = {*other.binds, *_defined(unit, other)} if other.is_definition else set()
            if there.isdisjoint(known):
                yield unit.name, other.first

    def _named(self, ran: list[CodeType]) -> dict[str, tuple[str, int]]:
        """The definitions for which functions ran, unless two of them have the same name."""
        found: dict[str, set[tuple[str, int]]] = {}
        for unit, one in self._sites(ran):
            for name in one.binds if one.is_definition else ():
                found.setdefault(name, set()).add((unit.name, one.first))
        return {name: min(places) for name, places in found.items() if len(places) == 1}

    def _is_made_with(self, step: Step, top: tuple[str, str] | None) -> bool:
        """Whether functions that ran as a container was made name what a statement binds."""
        unit = self._graph.units.get(top[0]) if top is not None else None
        if unit is None or top is None or step.statement is None:
            return False
        outline = self._graph.outline(unit)
        makers = [outline.statements[index] for index in outline.binders(top[1])[:1]]
        return any(
            code.co_filename == step.unit.path
            and not step.statement.binds.isdisjoint(code.co_names)
            for one in makers
            for code in self._graph.ran_for(unit, one)
        )

    def _places(self, unit: Unit) -> Places:
        """By id, where the objects are made that have a name in a module."""
        outline, found = self._graph.outline(unit), {}
        for name, value in unit.namespace.items():
            defined = is_a(value, type) and value.__module__ == unit.name  # 3.12 has no line of it
            binders = outline.binders(name) if defined or is_single(value) else ()
            if binders and not outline.statements[binders[0]].is_import:
                found[id(value)] = (unit.name, outline.statements[binders[0]].first)
        return found

    def replaced(self, unit: Unit, statement: Statement) -> list[tuple[Any, Any]]:
        """Objects that a call had been given, and what they were replaced by meanwhile."""
        before, space = self._before.get(unit.name, {}), unit.namespace
        names = () if statement.is_definition else statement.reads.names
        both = [(before[name], space[name]) for name in names if name in before and name in space]
        return [(old, new) for old, new in both if old is not new and is_single(old)]

    def _others_enter(self, step: Step) -> bool:
        return any(one.effects for _, one in self._users(step))

    def _users(self, step: Step) -> Iterator[tuple[Unit, Statement]]:
        """Other statements that read what this one binds."""
        assert step.statement is not None
        for other, one in self._readers(step.unit, step.statement):
            if one is not step.statement:
                yield other, one

    def _users_of_users(self, step: Step) -> Iterator[tuple[Unit, Statement]]:
        """Also those who read the values that these make of it: a list of a list."""
        todo = list(self._users(step))
        seen = {id(step.statement), *(id(one) for _, one in todo)}
        while todo:
            unit, statement = todo.pop(0)
            yield unit, statement
            more = () if statement.is_definition else self._readers(unit, statement)
            todo += [row for row in more if id(row[1]) not in seen]
            seen.update(id(one) for _, one in todo)

    def _readers(self, unit: Unit, statement: Statement) -> Iterator[tuple[Unit, Statement]]:
        for key in [Key(unit.name, name) for name in statement.binds]:
            for other in (unit, *self._graph.readers(key), *self._graph.suspects(key)):
                for one in self._graph.outline(other).statements:
                    if self._graph.reads_key(other, one.reads, key):
                        yield other, one


def _rows(one: Watched) -> list[Entry]:
    return [*entries_of(one.container), *one.hidden]


def _has_inner(one: Watched) -> bool:
    return any(is_container(value) for _, value in _rows(one))


def _there(one: Watched) -> set[object]:
    """What a container mentions: objects, by id, and texts."""
    return {each for entry in _rows(one) for each in mentioned(entry)}


def _defined(unit: Unit, statement: Statement) -> set[int]:
    """By id, what the names of a definition hold, and the functions in that."""
    made = [unit.namespace.get(name) for name in statement.binds]
    inner = [function for value in made for function in reached_from(value)]
    return set(map(id, (*made, *inner)))


def _fills(unit: Unit, statement: Statement, container: Any) -> bool:
    effects = [] if statement.is_definition else [one for one in statement.effects if one.chain]
    return any(
        resolve(one, unit.namespace) is container and not is_free(one, container) for one in effects
    )


def _heads(registrars: Iterable[tuple[str, str]]) -> Counter[str]:
    return Counter(head for head, _ in registrars)
