"""Which modules are made from which files?"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hotswap.source import Unit


class Files:
    """
    The files of modules, found by their base names: a path may lead through a link.

    Args:
        units: The modules, which come and go.
    """

    def __init__(self, units: dict[str, Unit]) -> None:
        self._units = units
        self._state: tuple[int, Unit | None] = (0, None)
        self._names: dict[str, list[str]] = {}
        """Of modules, by the base names of their files."""

    def modules(self, paths: frozenset[str]) -> list[Unit]:
        """Those made from these files."""
        self._renew()
        real = {os.path.realpath(path) for path in paths}
        return [
            unit
            for base in {_base(path) for path in paths}
            for name in self._names.get(base, ())
            if (unit := self._units.get(name)) is not None
            and (unit.path in paths or os.path.realpath(unit.path) in real)
        ]

    def made_from(self, path: str) -> list[Unit]:
        """Those whose code says that it is from this file."""
        self._renew()
        found = (self._units.get(name) for name in self._names.get(_base(path), ()))
        return [unit for unit in found if unit is not None and unit.path == path]

    def _renew(self) -> None:
        units = self._units.values()
        state = (len(units), next(reversed(units), None))  # one may have taken another's place
        if state == self._state:
            return
        self._state, self._names = state, {}
        for unit in list(units):
            self._names.setdefault(_base(unit.path), []).append(unit.name)


def _base(path: str) -> str:
    return path.rpartition(os.sep)[2]
