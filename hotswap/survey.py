"""Which modules are in a folder, and what do they read of each other? None is imported for it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from types import CodeType, ModuleType
from typing import Any

from hotswap import source
from hotswap.bytecode import Reads, absolute
from hotswap.calls import Calls
from hotswap.compare import children, walk
from hotswap.folders import Scope
from hotswap.graph import Graph
from hotswap.scan import Import
from hotswap.source import Unit


class Survey:
    """
    The modules below a folder, with stand-ins for what they would hold.

    Args:
        folder: Where a program is started, or the root of its sources.
        instead: What to take for the content of some files, by absolute path.
    """

    def __init__(
        self, folder: str, instead: Mapping[str, bytes] | None = None, exclude: Iterable[str] = ()
    ) -> None:
        self._folder = os.path.abspath(folder)
        self._instead = instead or {}
        self.units = {unit.name: unit for unit in self._found(Scope(exclude))}
        self.calls = Calls()
        self.graph = Graph(self.units, self.calls)
        self._order()
        for unit in self.units.values():
            self._bind(unit)
        for unit in self.units.values():
            self._suppose_calls(unit)

    def at(self, path: str) -> Unit | None:
        """The module whose file is at an absolute path."""
        return next((unit for unit in self.units.values() if unit.path == path), None)

    def imports(self, unit: Unit) -> set[str]:
        """The modules of the survey that a module imports when it is imported."""
        return self.graph.dependencies(unit) & self.units.keys()

    @staticmethod
    def own(value: Any) -> bool:
        """Whether a stand-in stands for something that the project defines."""
        return isinstance(value, (_Defined, ModuleType))

    # -- files ------------------------------------------------------------------------------

    def _found(self, scope: Scope) -> Iterator[Unit]:
        for folder, listing in scope.walk(self._folder):
            for file in sorted(listing.files):
                if file.endswith(".py"):
                    unit = self._unit(os.path.join(folder, file))
                    if unit is not None:
                        yield unit

    def _unit(self, path: str) -> Unit | None:
        name = self._name(path)
        module = ModuleType(name)
        if os.path.basename(path) == "__init__.py":
            module.__path__ = [os.path.dirname(path)]
        try:
            data = self._instead[path] if path in self._instead else source.read(path)[0]
            unit = Unit(name, path, module, None, data, None)
            unit.code = source.compile_source(unit, data)
        except (OSError, SyntaxError):  # Nobody can import it as it is.
            return None
        unit.tracked = False
        return unit

    def _name(self, path: str) -> str:
        """As it is imported: from the folder above its outermost package, or from the root."""
        root = folder = os.path.dirname(path)
        while os.path.exists(os.path.join(folder, "__init__.py")):
            root = folder = os.path.dirname(folder)
        if root == os.path.dirname(path):
            root = self._folder
        stem = os.path.relpath(path, root).removesuffix(".py").replace(os.sep, ".")
        return stem.removesuffix(".__init__")

    def _order(self) -> None:
        """Dependencies first; in a cycle, as the names are sorted."""
        known = {name: self.imports(unit) for name, unit in self.units.items()}
        try:
            order = list(TopologicalSorter(known).static_order())
        except CycleError:
            order = list(_depth_first(known))
        for place, name in enumerate(order):
            self.units[name].place = place

    # -- stand-ins --------------------------------------------------------------------------

    def _bind(self, unit: Unit) -> None:
        """Put into a module's namespace what is known to be there."""
        parent, _, child = unit.name.rpartition(".")
        if parent in self.units:
            self.units[parent].namespace[child] = unit.module
        unit.namespace.update({one.name: one for one in self._defined(unit)})
        for imported in self.graph.reads(unit).imports:
            value = self._imported(unit, imported)
            if value is not None and imported.bound:
                unit.namespace[imported.bound] = value

    def _imported(self, unit: Unit, imported: Import) -> Any:
        target = absolute(imported.level, imported.target, unit.package)
        if imported.name is None:
            top = target.partition(".")[0]
            found = self.units.get(top if imported.bound == top else target)
            return found and found.module
        submodule = self.units.get(f"{target}.{imported.name}")
        if submodule is not None:
            return submodule.module
        source = self.units.get(target)
        return next((one for one in self._defined(source) if one.name == imported.name), None)

    def _defined(self, unit: Unit | None) -> list[_Defined]:
        codes = children(self.graph.code(unit)) if unit else ()
        return [_Defined(code.co_name, unit, code) for code in codes if unit]

    # -- calls ------------------------------------------------------------------------------

    def _suppose_calls(self, unit: Unit) -> None:
        """A statement that calls anything may call all that it names, and what that names."""
        for statement in self.graph.outline(unit).statements:
            if statement.inert or statement.is_guard or not statement.reads.calls:
                continue
            site = self.calls.site(unit.name, statement.first)
            for code in self._reached(unit, statement.reads):
                self.calls.add(code, site)

    def _reached(self, unit: Unit, reads: Reads) -> set[CodeType]:
        found: set[CodeType] = set()
        todo = list(self._named(unit, reads))
        while todo:
            defined = todo.pop()
            for code in walk(defined.code):
                if code not in found:
                    found.add(code)
                    todo += self._named(defined.unit, self.graph.function_reads(code))
        return found

    def _named(self, unit: Unit, reads: Reads) -> Iterator[_Defined]:
        for chain in (*((name,) for name in reads.bare), *reads.chains):
            value = unit.namespace.get(chain[0])
            for attribute in chain[1:]:
                if isinstance(value, ModuleType):
                    value = vars(value).get(attribute)
            if isinstance(value, _Defined):
                yield value
        for imported in reads.imports:
            value = self._imported(unit, imported)
            if isinstance(value, _Defined):
                yield value


@dataclass(frozen=True)
class _Defined:
    """Stands for a function or class of the project's."""

    name: str
    unit: Unit
    code: CodeType


def _depth_first(known: Mapping[str, set[str]]) -> Iterator[str]:
    seen: set[str] = set()

    def visit(name: str) -> Iterator[str]:
        if name not in seen:
            seen.add(name)
            for other in sorted(known[name]):
                yield from visit(other)
            yield name

    for name in sorted(known):
        yield from visit(name)
