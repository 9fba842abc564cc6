"""
Who imports whom, and who reads which name of whom while it is imported?

Nothing is kept but what can be read off the code of each module; a module is looked into
when a change may concern it, and the answer is remembered with the module's code.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from hotswap import bytecode, source
from hotswap.bytecode import Import, Reads, absolute
from hotswap.statements import Outline, outline

if TYPE_CHECKING:
    from hotswap.calls import Calls
    from hotswap.source import Unit


class Key(NamedTuple):
    """A name of a module; "*" means its whole namespace."""

    module: str
    name: str


@dataclass(eq=False, slots=True)
class _Summary:
    code: CodeType
    mentioned: tuple[str, ...]
    reads: Reads | None = None


@dataclass(eq=False, slots=True)
class _Looks:
    reads: Reads
    modules: tuple[str, ...]
    """Absolute names of what may be modules: each parent, and what is imported from it."""
    bound: dict[tuple[str, str], tuple[Import, ...]]
    """What is imported by `from`."""
    modular: tuple[tuple[str, ...], ...] | None = None
    """The chains that start with a name that holds a module."""


class _Row(NamedTuple):
    """What a module was entered into the index for."""

    code: CodeType
    targets: frozenset[str]
    importing: tuple[CodeType, ...] | None
    modules: tuple[str, ...]
    attributes: tuple[str, ...]


class _Index:
    """Imports the other way round; renewed for modules whose code is another one by now."""

    def __init__(self) -> None:
        self.importers: dict[str, dict[Unit, None]] = {}
        self.by_attribute: dict[str, dict[Unit, None]] = {}
        """Units that take an attribute of this name from something that a name holds."""
        self._known: dict[Unit, _Row] = {}
        self._seen = (0, 0)
        self.touched = False
        """Some module's code is another one since the last look."""

    def renew(self, graph: Graph) -> None:
        """Look at what is new; cheap where nothing is."""
        known, importing = self._known, graph.calls.importing
        seen = (len(graph.units), graph.calls.version)
        if seen == self._seen and not self.touched:
            return
        self._seen, self.touched = seen, False
        units = list(graph.units.values())
        changed = [
            unit
            for unit in units
            if (row := known.get(unit)) is None
            or row.code is not unit.code
            or row.targets is not unit.targets
            or row.importing is not importing.get(unit.path)
        ]
        for unit in changed:
            self._forget(unit)
            self._enter(unit, graph)
        if len(known) != len(units):
            for unit in set(known) - set(units):
                self._forget(unit)

    def _enter(self, unit: Unit, graph: Graph) -> None:
        code = graph.code(unit)
        modules = tuple(graph.dependencies(unit))
        chains = graph.reads(unit).chains
        attributes = tuple({name for chain in chains for name in chain[1:]})
        importing = graph.calls.importing.get(unit.path)
        self._known[unit] = _Row(code, unit.targets, importing, modules, attributes)
        for name in modules:
            self.importers.setdefault(name, {})[unit] = None
        for name in attributes:
            self.by_attribute.setdefault(name, {})[unit] = None

    def _forget(self, unit: Unit) -> None:
        row = self._known.pop(unit, None)
        if row is not None:
            for name in row.modules:
                self.importers[name].pop(unit, None)
            for name in row.attributes:
                self.by_attribute[name].pop(unit, None)


class Graph:
    """The followed modules, and what they read of each other."""

    def __init__(self, units: dict[str, Unit], calls: Calls) -> None:
        self.units = units
        self.calls = calls
        self._summaries: dict[str, _Summary] = {}
        self._outlines: dict[str, tuple[bytes, Outline]] = {}
        self._functions: dict[int, tuple[CodeType, Reads]] = {}
        self._looked: dict[int, _Looks] = {}
        self._index = _Index()

    def code(self, unit: Unit) -> CodeType:
        """A module's code, compiled if it was imported before it was followed."""
        if unit.code is None:
            unit.code = source.compile_source(unit, unit.data)
        return unit.code

    def outline(self, unit: Unit) -> Outline:
        """A module's statements, for the bytes that it runs."""
        known = self._outlines.get(unit.name)
        if known is None or known[0] is not unit.data:
            known = (unit.data, outline(unit.data, unit.path, is_main=unit.is_main))
            self._outlines[unit.name] = known
        return known[1]

    def reads(self, unit: Unit) -> Reads:
        """What a module looks up when it is imported."""
        summary = self._summary(unit)
        if summary.reads is None:
            summary.reads = bytecode.read(summary.code)
        return summary.reads

    def holds(self, code: CodeType) -> int:
        """How many references to a function's code are kept here."""
        return int(id(code) in self._functions)

    def function_reads(self, code: CodeType) -> Reads:
        """What a function looks up when it runs."""
        known = self._functions.get(id(code))
        if known is None:
            known = self._functions[id(code)] = (code, bytecode.read(code))
        return known[1]

    def _summary(self, unit: Unit) -> _Summary:
        known = self._summaries.get(unit.name)
        code = self.code(unit)
        if known is None or known.code is not code:
            known = self._summaries[unit.name] = _Summary(code, bytecode.mentioned(code))
        return known

    # -- modules ------------------------------------------------------------------------

    def looks(self, unit: Unit, reads: Reads) -> _Looks:
        """The reads of a piece of a module's code, with the modules that they mean."""
        known = self._looked.get(id(reads))
        if known is None or known.reads is not reads:
            known = self._looked[id(reads)] = _look(reads, unit.package)
        return known

    def target(self, unit: Unit, imported: Import) -> str:
        """The absolute name of the module that an import names."""
        return absolute(imported.level, imported.target, unit.package)

    def imported(self, unit: Unit, reads: Reads) -> Iterator[Unit]:
        """The own modules that a piece of a module's code imports, parents first."""
        for name in self.looks(unit, reads).modules:
            if name in self.units:
                yield self.units[name]

    def dependencies(self, unit: Unit) -> set[str]:
        """The modules (or what may be one) that a module imports when it is imported."""
        names = set(self.looks(unit, self.reads(unit)).modules) | unit.targets
        for code in self.calls.importing.get(unit.path, ()):
            names.update(self.looks(unit, self.function_reads(code)).modules)
        found = set(names)  # a module may be imported, and followed, later
        for name in (
            names - self.units.keys()
        ):  # a module that another one offers under its own name
            parent, _, child = name.rpartition(".")
            value = self.units[parent].namespace.get(child) if parent in self.units else None
            if value is not None and self._is_followed(value):
                found.add(value.__name__)
        found.discard(unit.name)
        return found

    def touch(self) -> None:
        """A module's code is, or is about to be, another one."""
        self._index.touched = True

    def renew(self) -> None:
        """Enter new modules, and those whose code is another one by now, into the index."""
        self._index.renew(self)

    def concerned(self, module: str) -> list[Unit]:
        """Who may read a name of a module: who imports it, or reaches it through a package."""
        found = dict.fromkeys(self._index.importers.get(module, ()))
        parent, _, tail = module.rpartition(".")
        if parent:
            found.update(dict.fromkeys(self._index.by_attribute.get(tail, ())))
        return [unit for unit in found if self.units.get(unit.name) is unit]

    def importers(self, name: str) -> list[Unit]:
        """The modules that import a module when they are imported, in topological order."""
        self._index.renew(self)
        return sorted(self._index.importers.get(name, ()), key=lambda unit: unit.order)

    def dependents(self, names: set[str]) -> set[str]:
        """Every module that imports one of these, directly or by way of others."""
        self._index.renew(self)
        found: set[str] = set()
        todo = list(names)
        while todo:
            importers = self._index.importers.get(todo.pop(), ())
            new = {unit.name for unit in importers} - found - names
            found |= new
            todo += new
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

    def mentioned(self, unit: Unit) -> tuple[str, ...]:
        """Every name that a module mentions in what runs when it is imported."""
        return self._summary(unit).mentioned

    def star_names(self, unit: Unit, reads: Reads) -> set[str]:
        """The names of a module that are what its star-imports offer."""
        space = unit.namespace
        offered = self.offered(unit, reads)
        return {name for name, value in offered.items() if space.get(name, offered) is value}

    def offered(self, unit: Unit, reads: Reads) -> dict[str, Any]:
        """What the star-imports of a piece of a module's code bind."""
        found: dict[str, Any] = {}
        for imported in reads.imports:
            module = sys.modules.get(self.target(unit, imported))
            if imported.name == "*" and module is not None:
                found.update((name, vars(module)[name]) for name in public_names(vars(module)))
        return found

    # -- names --------------------------------------------------------------------------

    def reads_key(self, unit: Unit, reads: Reads, key: Key) -> bool:
        """
        Whether a piece of a module's code looks up `key`.

        An attribute of an object that cannot be known is taken to be the name's, if the code
        imports the module by itself or the module was imported dynamically.
        """
        if key.module == unit.name:
            return key.name in reads.names or reads.namespace
        looks = self.looks(unit, reads)
        if key in looks.bound or (key.module, "*") in looks.bound:
            return True
        if key.name == "*" and any(module == key.module for module, _ in looks.bound):
            return True
        if key.name in reads.attributes and (
            key.module in looks.modules or key.module in unit.targets
        ):
            return True
        return self.through_module(unit, reads, key)

    def through_module(self, unit: Unit, reads: Reads, key: Key) -> bool:
        """By an attribute of a module, or by the module itself being handed to somebody."""
        looks = self.looks(unit, reads)
        if looks.modular is None:
            looks.modular = self._modular(unit, reads)
        for chain in looks.modular:
            if key.name in chain[1:] and self._chain_reads(unit, chain, key):
                return True
            value = self._chain_value(unit, chain)
            if type(value) is ModuleType and value.__name__ == key.module:
                return True
        return False

    @staticmethod
    def _modular(unit: Unit, reads: Reads) -> tuple[tuple[str, ...], ...]:
        chains = [*reads.chains, *((name,) for name in reads.bare)]
        return tuple(chain for chain in chains if type(unit.namespace.get(chain[0])) is ModuleType)

    def _chain_reads(self, unit: Unit, chain: tuple[str, ...], key: Key) -> bool:
        value = unit.namespace.get(chain[0])
        for attribute in chain[1:]:
            if type(value) is not ModuleType:
                return False
            if value.__name__ == key.module and attribute == key.name:
                return True
            value = value.__dict__.get(attribute)
        return False

    def _chain_value(self, unit: Unit, chain: tuple[str, ...]) -> object:
        value = unit.namespace.get(chain[0])
        for attribute in chain[1:]:
            if type(value) is not ModuleType:
                return None
            value = value.__dict__.get(attribute)
        return value

    def _is_followed(self, value: Any) -> bool:
        return type(value) is ModuleType and value.__name__ in self.units


def public_names(space: dict[str, Any]) -> list[str]:
    """What a star-import of a module with this namespace takes."""
    names = space.get("__all__")
    if isinstance(names, (list, tuple)):
        return [name for name in names if name in space]
    return [name for name in space if not name.startswith("_")]


def _look(reads: Reads, package: str) -> _Looks:
    modules: dict[str, None] = {}
    bound: dict[tuple[str, str], tuple[Import, ...]] = {}
    for imported in reads.imports:
        target = absolute(imported.level, imported.target, package)
        parts = target.split(".")
        for count in range(1, len(parts) + 1):
            modules[".".join(parts[:count])] = None
        if imported.name:
            modules[f"{target}.{imported.name}"] = None
            key = (target, imported.name)
            bound[key] = (*bound.get(key, ()), imported)
    return _Looks(reads, tuple(modules), bound)
