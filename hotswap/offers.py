"""What do star-imports offer, where does a name come from, and what is bound by nothing visible?"""

from __future__ import annotations

import sys
from collections.abc import Collection
from types import ModuleType
from typing import TYPE_CHECKING, Any

from hotswap import bytecode
from hotswap.bytecode import Reads
from hotswap.chains import public_names
from hotswap.compare import walk
from hotswap.entries import is_plain
from hotswap.texts import Texts

if TYPE_CHECKING:
    from hotswap.source import Unit


class Offers:
    """
    What modules bind, and where that comes from.

    Args:
        units: The followed modules, by name.
    """

    def __init__(self, units: dict[str, Unit]) -> None:
        self.units = units
        texts = Texts()
        self.code, self.outline, self.reads = texts.code, texts.outline, texts.reads
        self.function_reads, self.may_take = texts.function_reads, texts.may_take
        self.mentioned, self.looks, self.target = texts.mentioned, texts.looks, texts.target
        self.take_outline = texts.take_outline

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

    def star_circle(self, unit: Unit) -> list[Unit]:
        """The other modules that give all their names to this one, and get all of its own."""
        return [
            one for one in self._by_stars(unit) if one is not unit and unit in self._by_stars(one)
        ]

    def _by_stars(self, unit: Unit) -> list[Unit]:
        found: list[Unit] = []
        todo = [unit]
        while todo:
            one = todo.pop()
            targets = [
                self.target(one, each) for each in self.reads(one).imports if each.name == "*"
            ]
            new = [self.units[name] for name in targets if name in self.units]
            todo += [each for each in new if each not in found]
            found += [each for each in new if each not in found]
        return found

    def origin(
        self, unit: Unit, name: str, known: frozenset[tuple[str, str]] = frozenset()
    ) -> tuple[Unit, str]:
        """
        The own module that a name of a module comes from, and how it is called there.

        Args:
            known: Where it came by already: a package has its parts of itself.
        """
        known |= {(unit.name, name)}
        for imported in self.reads(unit).imports:
            source = self.units.get(self.target(unit, imported))
            if source is None:
                continue
            star = imported.name == "*" and name in public_names(source.namespace)
            there = name if star else imported.name or ""
            given = star or (imported.bound == name and there in source.namespace)
            if given and (source.name, there) not in known:
                return self.origin(source, there, known)
        return unit, name

    def made_at(self, module: str, name: str) -> tuple[str, int] | None:
        """Module and line where what a name of a module holds is bound first."""
        unit = self.units.get(module)
        if unit is None:
            return None
        source, name = self.origin(unit, name)
        outline = self.outline(source)
        lines = [outline.statements[index].first for index in outline.binders(name)[:1]]
        return (source.name, lines[0]) if lines else None

    def names_in(self, unit: Unit, where: str, names: Collection[str]) -> bool:
        """Whether the line that makes a container (`module.name[key]`) names what is in it."""
        top = where.removeprefix(unit.name + ".").partition(".")[0].partition("[")[0]
        outline = self.outline(unit)
        reads = [outline.statements[index].reads for index in outline.binders(top)]
        found = {part for one in reads for chain in one.chains for part in chain}
        return not found.union(*(one.names for one in reads)).isdisjoint(names)

    def made_in(self, unit: Unit) -> list[Any]:
        """What a module has under a name by a line of its own, not by an import."""
        made = (one for one in self.outline(unit).statements if not one.is_import)
        found = [unit.namespace.get(name) for one in made for name in one.binds]
        return [value for value in found if not is_plain(value)]

    def written_names(self, unit: Unit) -> set[str]:
        """Names of a module that none of its statements, stars and functions binds visibly."""
        statements = self.outline(unit).statements
        known = {name for one in statements for name in one.binds}
        for one in statements:
            if one.is_star:
                known |= self.offered(unit, one.reads).keys()
        known |= bytecode.global_binds(walk(self.code(unit)))
        return {
            name
            for name, value in unit.namespace.items()
            if name not in known and name[:2] != "__" and type(value) is not ModuleType
        }
