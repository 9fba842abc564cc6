"""
Who imports whom, and who reads which name of whom while it is imported?

Nothing is kept but what can be read off the code of each module; a module is looked into
when a change may concern it, and the answer is remembered with the module's code.
"""

from __future__ import annotations

from collections.abc import Iterator
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


@dataclass(eq=False)
class _Summary:
    code: CodeType
    mentioned: frozenset[str]
    reads: Reads | None = None
    imports: frozenset[str] | None = None
    """Absolute names of what may be modules."""


class Graph:
    """The followed modules, and what they read of each other."""

    def __init__(self, units: dict[str, Unit], calls: Calls) -> None:
        self.units = units
        self.calls = calls
        self._summaries: dict[str, _Summary] = {}
        self._outlines: dict[str, tuple[bytes, Outline]] = {}
        self._functions: dict[int, tuple[CodeType, Reads]] = {}

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

    def target(self, unit: Unit, imported: Import) -> str:
        """The absolute name of the module that an import names."""
        return absolute(imported.level, imported.target, unit.package)

    def imported(self, unit: Unit, reads: Reads) -> Iterator[Unit]:
        """The own modules that a piece of a module's code imports, parents first."""
        for name in self._import_names(unit, reads):
            if name in self.units:
                yield self.units[name]

    def _import_names(self, unit: Unit, reads: Reads) -> tuple[str, ...]:
        """Every name that may be a module's: each parent, and what is imported from it."""
        package, names = unit.package, {}
        for imported in reads.imports:
            target = absolute(imported.level, imported.target, package)
            parts = target.split(".")
            for count in range(1, len(parts) + 1):
                names[".".join(parts[:count])] = None
            if imported.name:
                names[f"{target}.{imported.name}"] = None
        return tuple(names)

    def dependencies(self, unit: Unit) -> set[str]:
        """The own modules that a module imports when it is imported."""
        summary = self._summary(unit)
        if summary.imports is None:
            summary.imports = frozenset(self._import_names(unit, self.reads(unit)))
        return {name for name in summary.imports | unit.targets if name in self.units} - {
            unit.name
        }

    def importers(self, name: str) -> list[Unit]:
        """The modules that import a module when they are imported, in topological order."""
        found = [unit for unit in self.may_concern(name) if name in self.dependencies(unit)]
        return sorted(found, key=lambda unit: unit.order)

    def dependents(self, names: set[str]) -> set[str]:
        """Every module that imports one of these, directly or by way of others."""
        importers: dict[str, list[str]] = {}
        for unit in list(self.units.values()):
            for name in self.dependencies(unit):
                importers.setdefault(name, []).append(unit.name)
        found: set[str] = set()
        todo = list(names)
        while todo:
            new = set(importers.get(todo.pop(), ())) - found - names
            found |= new
            todo += new
        return found

    def may_concern(self, module: str, name: str = "") -> list[Unit]:
        """A cheap first look: the modules that mention another one, or a name of it."""
        parts = module.split(".")
        wanted = {".".join(parts[at:]) for at in range(len(parts))} | {name, ""}
        return [
            unit
            for unit in list(self.units.values())
            if not wanted.isdisjoint(self._summary(unit).mentioned) or module in unit.targets
        ]

    # -- names --------------------------------------------------------------------------

    def keys(self, unit: Unit, reads: Reads) -> Iterator[Key]:
        """The names that a piece of a module's code looks up, as far as modules go."""
        for name in reads.bare:
            yield Key(unit.name, name)
            value = unit.namespace.get(name)
            if self._is_followed(value):
                yield Key(value.__name__, "*")
        for chain in reads.chains:
            yield from self._chain_keys(unit, chain)
        for imported in reads.imports:
            target = self.target(unit, imported)
            if imported.name:
                yield Key(target, imported.name)
        if reads.namespace:
            yield Key(unit.name, "*")

    def _chain_keys(self, unit: Unit, chain: tuple[str, ...]) -> Iterator[Key]:
        yield Key(unit.name, chain[0])
        value = unit.namespace.get(chain[0])
        for attribute in chain[1:]:
            if not self._is_followed(value):
                return
            yield Key(value.__name__, attribute)
            value = value.__dict__.get(attribute)
        if self._is_followed(value):
            yield Key(value.__name__, "*")

    def _is_followed(self, value: Any) -> bool:
        return type(value) is ModuleType and value.__name__ in self.units

    def reads_key(self, unit: Unit, reads: Reads, key: Key) -> bool:
        """
        Whether a piece of a module's code looks up `key`.

        An attribute of an object that cannot be known is taken to be the name's, if the code
        imports the module by itself or the module was imported dynamically.
        """
        if key.name in reads.attributes and self._may_hold(unit, reads, key.module):
            return True
        return any(
            read.module == key.module and read.name in (key.name, "*")
            for read in self.keys(unit, reads)
        )

    def _may_hold(self, unit: Unit, reads: Reads, module: str) -> bool:
        return module in unit.targets or any(
            other.name == module for other in self.imported(unit, reads)
        )
