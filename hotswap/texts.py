"""
What can be read off the code of each module?

Nothing is kept but that; a module is looked into when a change may concern it, and the answer is
remembered with the module's code.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from types import CodeType
from typing import TYPE_CHECKING

from hotswap import bytecode, source
from hotswap.bytecode import Reads, absolute
from hotswap.compare import CO_OPTIMIZED
from hotswap.copied import CLASS_BOOKS
from hotswap.identity import ByIdentity
from hotswap.outlines import Outline, outline
from hotswap.scan import Import

if TYPE_CHECKING:
    from hotswap.source import Unit

ASKING = frozenset({"getattr", "hasattr", "vars", "dir"})
"""What is asked for may be any name, and may not have been there."""


_OF_CLASSES = CLASS_BOOKS | {"__annotations__", "__doc__", "__module__", "__qualname__"}


@dataclass(eq=False, slots=True)
class _Summary:
    code: CodeType
    mentioned: tuple[str, ...]
    reads: Reads | None = None


@dataclass(eq=False, slots=True)
class Looks:
    """What a piece of code looks up, with the modules that it means."""

    modules: tuple[str, ...]
    """Absolute names of what may be modules: each parent, and what is imported from it."""
    bound: dict[tuple[str, str], tuple[Import, ...]]
    """What is imported by `from`."""
    by_name: dict[str, Import]
    """The imports by the name that they bind in the module."""


class Texts:
    """The code of modules and functions, and what it looks up."""

    def __init__(self) -> None:
        self._summaries: dict[str, _Summary] = {}
        self._outlines: dict[str, tuple[bytes, Outline]] = {}
        self._functions: ByIdentity[Reads] = ByIdentity()
        self._looked: ByIdentity[Looks] = ByIdentity()

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

    def take_outline(self, unit: Unit, known: Outline) -> None:
        """These are the statements for the bytes that a module runs from now on."""
        self._outlines[unit.name] = (unit.data, known)

    def reads(self, unit: Unit) -> Reads:
        """What a module looks up when it is imported."""
        summary = self._summary(unit)
        if summary.reads is None:
            summary.reads = bytecode.read(summary.code)
        return summary.reads

    def function_reads(self, code: CodeType) -> Reads:
        """What a function looks up when it runs."""
        known = self._functions.get(code)
        if known is None:
            known = bytecode.read(code)
            self._functions.set(code, known)
        return known

    def may_take(self, code: CodeType, name: str) -> bool:
        """Whether a piece of code takes this attribute of something, or one it is told to."""
        reads = self.function_reads(code)
        return (
            name in code.co_names
            or not ASKING.isdisjoint(reads.names)
            or "__dict__" in reads.attributes
            or any("__dict__" in chain for chain in reads.chains)
        )

    def mentioned(self, unit: Unit) -> tuple[str, ...]:
        """Every name that a module mentions in what runs when it is imported."""
        return self._summary(unit).mentioned

    def _summary(self, unit: Unit) -> _Summary:
        known = self._summaries.get(unit.name)
        code = self.code(unit)
        if known is None or known.code is not code:
            known = self._summaries[unit.name] = _Summary(code, bytecode.mentioned(code))
        return known

    def looks(self, unit: Unit, reads: Reads) -> Looks:
        """The reads of a piece of a module's code, with the modules that they mean."""
        known = self._looked.get(reads)
        if known is None:
            known = look(reads, unit.package)
            self._looked.set(reads, known)
        return known

    def target(self, unit: Unit, imported: Import) -> str:
        """The absolute name of the module that an import names."""
        return absolute(imported.level, imported.target, unit.package)


def names_in(code: CodeType) -> Collection[str]:
    """What a piece of code that ran names; not what every class body gives its class."""
    return code.co_names if code.co_flags & CO_OPTIMIZED else set(code.co_names) - _OF_CLASSES


def with_parents(module: str) -> Iterator[str]:
    """A module and the packages that it is in, outermost first."""
    parts = module.split(".")
    for count in range(1, len(parts) + 1):
        yield ".".join(parts[:count])


def look(reads: Reads, package: str) -> Looks:
    """What the code of a module in `package` means by the imports in it."""
    modules: dict[str, None] = {}
    bound: dict[tuple[str, str], tuple[Import, ...]] = {}
    by_name: dict[str, Import] = {}
    for imported in reads.imports:
        target = absolute(imported.level, imported.target, package)
        modules.update(dict.fromkeys(with_parents(target)))
        if imported.bound:
            by_name[imported.bound] = imported
        if imported.name:
            modules[f"{target}.{imported.name}"] = None
            key = (target, imported.name)
            bound[key] = (*bound.get(key, ()), imported)
    return Looks(tuple(modules), bound, by_name)
