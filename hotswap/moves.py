"""Which class has moved from one module to another within a batch?"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hotswap.effects import NeedsRestart
from hotswap.values import is_a

if TYPE_CHECKING:
    from hotswap.detect import Edit
    from hotswap.source import Unit
    from hotswap.statements import Outline, Statement


@dataclass(eq=False)
class Moved:
    """A class that a module no longer defines."""

    cls: type
    statement: Statement
    """What defined it."""
    module: str


class Moves:
    """
    The classes that left a module with this batch, and who may define them from now on.

    A class that left exactly one module and came to exactly one other is the same class.

    Args:
        units: All modules, with those that are imported for the first time later on.
        gone: Modules whose file is gone, with their statements.
    """

    def __init__(
        self,
        units: Mapping[str, Unit],
        edits: Mapping[str, Edit],
        gone: Iterable[tuple[Unit, Outline]],
    ) -> None:
        self._units, self._known = units, frozenset(units)
        self._left: dict[str, list[Moved]] = {}
        self._came: dict[str, list[str]] = {}
        for edit in edits.values():
            if edit.alignment is not None:
                old, new = _classes(edit.old_outline), _classes(edit.new_outline)
                self._leave(edit.unit, {name: old[name] for name in old.keys() - new.keys()})
                for name in new.keys() - old.keys():
                    self._came.setdefault(name, []).append(edit.unit.name)
        for unit, outline in gone:
            self._leave(unit, _classes(outline))

    def _leave(self, unit: Unit, statements: dict[str, Statement]) -> None:
        for name, statement in statements.items():
            cls = unit.namespace.get(name)
            if is_a(cls, type) and (cls.__module__, cls.__qualname__) == (unit.name, name):
                self._left.setdefault(name, []).append(Moved(cls, statement, unit.name))

    def to(self, namespace: dict[str, Any], name: str) -> Moved | None:
        """The class that moved into the module with this namespace."""
        left = self._left.get(name, ())
        if len(left) != 1 or left[0].cls.__module__ != left[0].module:
            return None
        module = namespace.get("__name__", "")
        unit = self._units.get(module)
        if unit is None or unit.namespace is not namespace or module == left[0].module:
            return None
        is_new = module not in self._known
        return left[0] if self._came.get(name, [module] if is_new else []) == [module] else None

    def check(self, has_successor: Callable[[type], bool]) -> None:
        """
        Refuse what would leave instances of a class behind.

        Args:
            has_successor: Class → whether what holds it goes over to another one.

        Raises:
            NeedsRestart: Another class took the place of one that has instances or subclasses.
        """
        for name, left in self._left.items():
            for other in self._places(name):
                cls = self._units[other].namespace.get(name)
                for moved in (one for one in left if not has_successor(one.cls)):
                    if cls is not moved.cls and is_a(cls, type) and _is_in_use(moved.cls):
                        place = (moved.statement.path, moved.statement.first)
                        reason = f"{name} moved from {moved.module} to {other}, and is in use"
                        raise NeedsRestart(reason, place)

    def _places(self, name: str) -> Iterator[str]:
        """The modules that define a class of this name for the first time."""
        for module in (*self._came.get(name, ()), *(self._units.keys() - self._known)):
            cls = self._units[module].namespace.get(name)
            if is_a(cls, type) and cls.__module__ == module:
                yield module


def _classes(outline: Outline) -> dict[str, Statement]:
    """What defines the classes of a module, by their names."""
    return {name: one for one in outline.statements if one.is_class for name in one.binds}


def _is_in_use(cls: type) -> bool:
    """Whether there are instances of a class, or classes derived from it."""
    subclasses: list[type] = type.__subclasses__(cls)
    return bool(subclasses) or any(type(one) is cls for one in gc.get_referrers(cls))
