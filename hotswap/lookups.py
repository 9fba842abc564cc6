"""Does a piece of a module's code look up one of these names?"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

from hotswap.bytecode import Reads
from hotswap.chains import leads_to, named
from hotswap.offers import Offers
from hotswap.scan import Import

if TYPE_CHECKING:
    from hotswap.source import Unit


class Key(NamedTuple):
    """A name of a module."""

    module: str
    name: str


class Keys(dict[str, set[str]]):
    """Names, by their module."""

    def __init__(self, keys: Iterable[Key] = ()) -> None:
        super().__init__()
        self.enter(keys)

    def enter(self, keys: Iterable[Key]) -> None:
        """Let these be among them."""
        for module, name in keys:
            self.setdefault(module, set()).add(name)


class Lookups(Offers):
    """What the code of a module means by the names that it looks up."""

    def _resolve(self, name: str) -> str:
        """The module that is meant, where another one offers it under a name of its own."""
        if name not in self.units:
            parent, _, child = name.rpartition(".")
            value = sys.modules.get(name)
            if value is None and parent in self.units:
                value = self.units[parent].namespace.get(child)
            if (meant := named(value)) in self.units:
                return meant
        return name

    def reads_key(self, unit: Unit, reads: Reads, key: Key) -> bool:
        """Whether a piece of a module's code looks up `key`."""
        return self.reads_any(unit, reads, Keys([key]))

    def reads_any(self, unit: Unit, reads: Reads, keys: Keys) -> bool:
        """
        Whether a piece of a module's code looks up one of these.

        An attribute of an object that cannot be known is taken to be the name's, if the code
        imports the module by itself or the module was imported dynamically.
        """
        own = keys.get(unit.name)
        if own and (reads.namespace or not own.isdisjoint(reads.names)):
            return True
        for module, name in self.looks(unit, reads).bound:
            for one in (module, self._resolve(module)):
                if one in keys and (name == "*" or name in keys[one]):
                    return True
        return self.reads_any_attribute(unit, reads, keys)

    def reads_attribute(self, unit: Unit, reads: Reads, key: Key) -> bool:
        """The same as `reads_key`, but for what is imported by `from`."""
        return self.reads_any_attribute(unit, reads, Keys([key]))

    def reads_any_attribute(self, unit: Unit, reads: Reads, keys: Keys) -> bool:
        """The same as `reads_any`, but for what is imported by `from`."""
        if any(
            module in keys and not keys[module].isdisjoint(reads.attributes)
            for module in (self._at_hand(unit, reads) if reads.attributes else ())
        ):
            return True
        if any(one in keys for imported in reads.given for one in self._given(unit, imported)):
            return True
        meant = self._meanings(unit)
        return any(
            leads_to(value, chain, keys)
            for chain in (*reads.chains, *((name,) for name in reads.bare))
            for value in meant(chain[0])
        )

    def _at_hand(self, unit: Unit, reads: Reads) -> Iterator[str]:
        """The modules that an object which nobody knows may be."""
        names = self.looks(unit, reads).modules
        yield from names
        yield from unit.targets
        yield from map(self._resolve, names)

    def _given(self, unit: Unit, imported: Import) -> tuple[str, ...]:
        """The module that an import within a function or class gives to a variable there."""
        target = self.target(unit, imported)
        if imported.name is None:
            return target, target.partition(".")[0]
        return (self._resolve(f"{target}.{imported.name}"),)

    def _meanings(self, unit: Unit) -> Callable[[str], Iterator[object]]:
        """What a name of a module holds, and the module before it was bound anew or deleted."""
        space, reads = unit.namespace, self.reads(unit)
        rebinds, imports = frozenset(reads.rebinds), self.looks(unit, reads).by_name

        def meant(name: str) -> Iterator[object]:
            value = space.get(name, unit)
            if value is not unit:
                yield value
            if (value is unit or name in rebinds) and name in imports:
                yield self._imported_module(unit, imports[name])

        return meant

    def _imported_module(self, unit: Unit, imported: Import) -> ModuleType | None:
        target = self.target(unit, imported)
        if imported.name is not None:
            found = sys.modules.get(f"{target}.{imported.name}")
            return found or vars(sys.modules.get(target, unit.module)).get(imported.name)
        top = target.partition(".")[0]
        return sys.modules.get(top if imported.bound == top else target)
