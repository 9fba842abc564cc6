"""Whom may a changed name concern? What each module reads, the other way round."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from hotswap.source import Unit

Name = tuple[str, str]
"""A module and a name in it."""
Units = dict["Unit", None]

_K = TypeVar("_K")


@dataclass(frozen=True, slots=True)
class Entry:
    """What one module is found by. Tuples of strings, which the garbage collector passes by."""

    imports: tuple[str, ...] = ()
    """The modules that it imports, or what may be one."""
    named: tuple[Name, ...] = ()
    """What it imports by `from`."""
    holds: tuple[Name, ...] = ()
    """The modules that it has in hands as objects, each with the name that it has them under."""
    chained: tuple[str, ...] = ()
    """Attributes that it, or a function of it that ran, takes from what a name holds."""
    loose: tuple[str, ...] = ()
    """Attributes that it takes from anything else."""
    stores: tuple[str, ...] = ()
    """Attributes that its own lines set on anything."""


_EMPTY = Entry()


class Index:
    """Modules by what they read."""

    def __init__(self) -> None:
        self._entries: dict[Unit, Entry] = {}
        self._importers: dict[str, Units] = {}
        self._named: dict[Name, Units] = {}
        self._holders: dict[str, dict[Unit, tuple[str, ...]]] = {}
        self._chained: dict[str, Units] = {}
        self._loose: dict[str, Units] = {}
        self._stores: dict[str, Units] = {}

    def enter(self, unit: Unit, entry: Entry) -> None:
        """Let a module be found by this, and by nothing that it was found by before."""
        self.forget(unit)
        self._entries[unit] = entry
        _put(self._importers, entry.imports, unit)
        _put(self._named, entry.named, unit)
        _put(self._chained, entry.chained, unit)
        _put(self._loose, entry.loose, unit)
        _put(self._stores, entry.stores, unit)
        for module, name in entry.holds:
            holders = self._holders.setdefault(module, {})
            holders[unit] = (*holders.get(unit, ()), name)

    def forget(self, unit: Unit) -> None:
        """Let a module be found no more."""
        entry = self._entries.pop(unit, _EMPTY)
        _drop(self._importers, entry.imports, unit)
        _drop(self._named, entry.named, unit)
        _drop(self._chained, entry.chained, unit)
        _drop(self._loose, entry.loose, unit)
        _drop(self._stores, entry.stores, unit)
        for module, _ in entry.holds:
            self._holders[module].pop(unit, None)

    def importers(self, module: str) -> Units:
        """Who imports a module when it is imported."""
        return self._importers.get(module, {})

    def dependents(self, modules: Iterable[str]) -> set[Unit]:
        """Who imports one of these, directly or by way of others."""
        found: set[Unit] = set()
        todo, importers = list(modules), self._importers
        while todo:
            if direct := importers.get(todo.pop()):
                new = direct.keys() - found
                found |= new
                todo += [unit.name for unit in new]
        return found

    def imports(self, unit: Unit) -> tuple[str, ...]:
        """The modules that one imports, or what may be one."""
        return self._entries.get(unit, _EMPTY).imports

    def held(self, unit: Unit) -> set[str]:
        """The modules that one has in hands as objects, and what may be one in these."""
        entry = self._entries.get(unit, _EMPTY)
        found = {module for module, _ in entry.holds}
        return found | {f"{module}.{name}" for module in found for name in entry.chained}

    def readers(self, module: str, name: str) -> Units:
        """Who imports a name, or all names, of a module by `from`."""
        return {**self._named.get((module, name), {}), **self._named.get((module, "*"), {})}

    def suspects(self, module: str, name: str) -> Units:
        """Who may come to a name of a module by way of the module as an object."""
        found = dict.fromkeys(self._holders.get(module, ()))
        for alias in self.aliases(module):
            if chained := self._chained.get(alias):
                found.update(chained)
        if loose := self._loose.get(name):
            found.update(dict.fromkeys(self._importers.get(module, {}).keys() & loose))
        return found

    def mentioning(self, words: Iterable[str], modules: Iterable[str]) -> Units:
        """Who takes such an attribute of anything, or imports it by that name from a module."""
        found: Units = {}
        modules = tuple(modules)
        for word in words:
            found |= self._chained.get(word, {})
            found |= self._loose.get(word, {})
            for module in modules:
                found |= self._named.get((module, word), {})
        return found

    def storers(self, attribute: str) -> Units:
        """Who sets such an attribute when it is imported."""
        return self._stores.get(attribute, {})

    def concerns_nobody(self, module: str, name: str) -> bool:
        """Whether there is neither a reader nor a suspect, told in a few look-ups."""
        return not (
            self._named.get((module, name))
            or self._holders.get(module)
            or self._chained.get(module.rpartition(".")[2])
            or self._named.get((module, "*"))
            or self._loose.get(name)
        )

    def aliases(self, module: str) -> set[str]:
        """The names under which anybody has a module."""
        tail = module.rpartition(".")[2]
        holders = self._holders.get(module)
        return {tail}.union(*set(holders.values())) if holders else {tail}


def _put(table: dict[_K, Units], keys: Iterable[_K], unit: Unit) -> None:
    for key in keys:
        table.setdefault(key, {})[unit] = None


def _drop(table: dict[_K, Units], keys: Iterable[_K], unit: Unit) -> None:
    for key in keys:
        table[key].pop(unit, None)
