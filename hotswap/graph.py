"""Who imports whom, and who reads which name of whom while it is imported?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import _lru_cache_wrapper
from types import CodeType
from typing import TYPE_CHECKING, NamedTuple

from hotswap import bytecode
from hotswap.bytecode import Reads
from hotswap.chains import named
from hotswap.files import Files
from hotswap.index import Entry, Index
from hotswap.lookups import Key, Lookups
from hotswap.texts import names_in, with_parents
from hotswap.values import is_a

if TYPE_CHECKING:
    from hotswap.calls import Calls
    from hotswap.source import Unit
    from hotswap.statements import Statement


class _State(NamedTuple):
    """What a module's entry in the index was made from."""

    code: CodeType | None
    targets: frozenset[str]
    ran: int
    order: int


class Graph(Lookups):
    """The followed modules, and what they read of each other."""

    def __init__(self, units: dict[str, Unit], calls: Calls) -> None:
        super().__init__(units)
        self.calls = calls
        self._index = Index()
        self._states: dict[Unit, _State] = {}
        self._touched: set[Unit] = set()
        self._seen = (0, 0)
        self._files = Files(units)

    # -- modules ------------------------------------------------------------------------

    def imported(self, unit: Unit, reads: Reads) -> Iterator[Unit]:
        """The own modules that a piece of a module's code imports, parents first."""
        for name in self.looks(unit, reads).modules:
            if name in self.units:
                yield self.units[name]

    def ran_for(self, unit: Unit, statement: Statement) -> list[CodeType]:
        """The functions that ran for a statement when it executed."""
        return self.calls.on_behalf_of_lines(unit.name, statement.first, statement.last)

    def owners(self, code: CodeType) -> list[Unit]:
        """The modules of the file that a piece of code is from."""
        return self._files.made_from(code.co_filename)

    def is_cached(self, code: CodeType) -> bool:
        """Whether a name of a module has what `functools` makes of a function, to remember it."""
        values = (unit.namespace.get(code.co_name) for unit in self.owners(code))
        return any(is_a(one, _lru_cache_wrapper) for one in values)

    def imports_of(self, unit: Unit, statement: Statement) -> Iterator[Unit]:
        """The own modules that a statement imports, also those that it names by a string."""
        yield from self.imported(unit, statement.reads)
        for name in self.calls.asked_on_behalf_of(unit.name, statement.first, statement.last):
            if name in self.units:
                yield self.units[name]

    def dependencies(self, unit: Unit) -> set[str]:
        """The modules (or what may be one) that a module imports when it is imported."""
        names = set(self.looks(unit, self.reads(unit)).modules) | unit.targets
        names.update(self._imported_by_functions(unit))
        found = {*names, *map(self._resolve, names)}  # either may be followed later
        found.discard(unit.name)
        return found

    def touch(self, unit: Unit) -> None:
        """A module reads other things than before, or is about to."""
        self._touched.add(unit)

    def renew(self, *, wholly: bool = False) -> None:
        """
        Enter what is new into the index.

        Args:
            wholly: Look at every module, also where none seems to have come or gone.
        """
        for unit in self._touched:
            self._states.pop(unit, None)
        units, self._touched = self._touched, set()
        seen = (len(self.units), self.calls.version)
        if wholly or seen != self._seen:
            self._seen, units = seen, set(self.units.values())
            for unit in self._states.keys() - units:
                self._index.forget(unit)
                del self._states[unit]
        for unit in self._new(units) if units else ():
            self._index.enter(unit, self._entry(unit))
            ran = self.calls.count(unit.path)
            self._states[unit] = _State(unit.code, unit.targets, ran, unit.order)

    def _new(self, units: set[Unit]) -> list[Unit]:
        """Those of which the index does not know what they read by now."""
        states, ran = self._states, self.calls.counts()
        return [
            unit
            for unit in units
            if (state := states.get(unit)) is None
            or state.code is not unit.code
            or state.ran != ran.get(unit.path, 0)
            or state.targets is not unit.targets
            or state.order != unit.order
        ]

    def _entry(self, unit: Unit) -> Entry:
        reads = self.reads(unit)
        chained = {name for chain in reads.chains for name in chain[1:]}
        chained.update({"vars", "dir"}.intersection(reads.bare))
        for call in self.calls.in_file(unit.path):
            chained.update(names_in(call.code))
        held = self._held(unit, reads)
        if not reads.namespace:  # else a package never looks at submodules that it does not name
            named = chained.union(reads.names, self._imported_by_functions(unit))
            held = {one for one in held if {*one} & named or one[0] != f"{unit.name}.{one[1]}"}
        return Entry(
            tuple(self.dependencies(unit)),
            tuple(self._bound(unit, reads)),
            tuple(held),
            tuple(chained),
            reads.attributes,
            tuple(bytecode.attributes_set(self.code(unit))),
        )

    def _bound(self, unit: Unit, reads: Reads) -> Iterator[tuple[str, str]]:
        """What it imports by `from`, also from a module that is known by another name."""
        for module, name in self.looks(unit, reads).bound:
            yield module, name
            if (meant := self._resolve(module)) != module:
                yield meant, name

    def _held(self, unit: Unit, reads: Reads) -> set[tuple[str, str]]:
        """The modules that a module has in hands as objects, or may have."""
        found = {
            (meant, name) for name, value in list(unit.namespace.items()) if (meant := named(value))
        }
        names = set(unit.targets)
        for imported in reads.imports:
            target = self.target(unit, imported)
            if imported.name is None:
                names.update(with_parents(target))
            elif f"{target}.{imported.name}" in self.units or target in self.units:
                full = f"{target}.{imported.name}"
                if (module := self._resolve(full)) in self.units:
                    found.add((module, imported.name))
        names.update(map(self._resolve, self._imported_by_functions(unit)))
        return found | {(name, name.rpartition(".")[2]) for name in names}

    def _imported_by_functions(self, unit: Unit) -> Iterator[str]:
        """The modules (or what may be one) that functions of a module import, of those that ran."""
        for code in self.calls.importing_in(unit.path):
            yield from self.looks(unit, self.function_reads(code)).modules

    def held(self, units: Iterable[Unit]) -> set[str]:
        """The names of the modules (or what may be one) that some have in hands as objects."""
        return {name for unit in units for name in self._index.held(unit)}

    def readers(self, key: Key) -> list[Unit]:
        """Who imports a name by `from`, or by a star."""
        return self._followed(self._index.readers(*key))

    def suspects(self, key: Key) -> list[Unit]:
        """Who may read a name otherwise: as an attribute, or from a module that it is given."""
        return self._followed(self._index.suspects(*key))

    def storers(self, attribute: str) -> list[Unit]:
        """The modules whose own lines set such an attribute."""
        return self._followed(self._index.storers(attribute))

    def mentioning(self, words: Iterable[str], modules: Iterable[str]) -> list[Unit]:
        """
        The modules that, or functions of which that ran, mention one of these words.

        Args:
            modules: Where such a word may be imported from, too.
        """
        return self._followed(self._index.mentioning(words, modules))

    def is_read_by_nobody(self, key: Key) -> bool:
        """Whether no module but its own can have read a name."""
        return self._index.concerns_nobody(*key)

    def aliases(self, module: str) -> set[str]:
        """The names under which anybody has a module."""
        return self._index.aliases(module)

    def _followed(self, units: Iterable[Unit]) -> list[Unit]:
        return [unit for unit in units if self.units.get(unit.name) is unit]

    def importers(self, name: str) -> list[Unit]:
        """The modules that import a module when they are imported, in topological order."""
        self.renew()
        return sorted(self._index.importers(name), key=lambda unit: unit.place)

    def dependents(self, names: set[str]) -> set[str]:
        """Every module that imports one of these, directly or by way of others."""
        self.renew()
        return {unit.name for unit in self._index.dependents(names)} - names

    def below(self, unit: Unit) -> set[str]:
        """Every module that one imports, directly or by way of others."""
        self.renew()
        found: set[str] = set()
        todo = [unit]
        while todo:
            new = set(self._index.imports(todo.pop())) - found
            found |= new
            todo += [self.units[name] for name in new if name in self.units]
        return found

    def may_mention(self, module: str, names: Iterable[str] = ()) -> list[Unit]:
        """A cheap first look: the modules that mention another one (and one of these names)."""
        parts = module.split(".")
        wanted = {".".join(parts[at:]) for at in range(len(parts))} | {""}
        found = []
        for unit in list(self.units.values()):
            mentioned = self.mentioned(unit)
            meant = not wanted.isdisjoint(mentioned) or module in unit.targets
            if meant and (not names or not set(names).isdisjoint(mentioned)):
                found.append(unit)
        return found

    def precedes(self, one: tuple[str, int], other: tuple[str, int]) -> bool:
        """Whether a line of a module executes before one of another, in a fresh start."""
        first, second = (self.units.get(module) for module, _ in (one, other))
        if first is None or second is None or first is second:
            return first is second and one[1] < other[1]
        for site in second.within:
            if site.module == first.name and site.line:
                return bool(one[1] < site.line)
        for site in first.within:
            if site.module == second.name and site.line:
                return bool(other[1] >= site.line)
        return first.place < second.place
