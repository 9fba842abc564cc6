"""Which class or function has moved within a batch: to another module, or to another name?"""

from __future__ import annotations

import ast
import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import TYPE_CHECKING, Any

from hotswap import functions, syntax
from hotswap.effects import NeedsRestart
from hotswap.values import is_a

if TYPE_CHECKING:
    from hotswap.detect import Edit
    from hotswap.journal import Journal
    from hotswap.outlines import Outline
    from hotswap.source import Unit
    from hotswap.statements import Statement


@dataclass(eq=False)
class Moved:
    """A class that a module no longer defines, or not by that name."""

    cls: type
    statement: Statement
    """What defined it."""
    module: str


class Moves:
    """
    The classes and functions that left a module with this batch, and who may define them from
    now on.

    What left exactly one module and came to exactly one other is the same. So is a class of a
    module that is the only one to go there, if the only one to come is like it.

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
        self._renamed: dict[tuple[str, str], Moved] = {}
        self._functions: dict[str, list[FunctionType]] = {}
        for edit in edits.values():
            if edit.alignment is not None:
                old, new = _definitions(edit.old_outline), _definitions(edit.new_outline)
                left = {name: old[name] for name in old.keys() - new.keys()}
                came = {name: new[name] for name in new.keys() - old.keys()}
                self._leave(edit.unit, left)
                for name in came:
                    self._came.setdefault(name, []).append(edit.unit.name)
                self._rename(edit.unit, left, came)
        for unit, outline in gone:
            self._leave(unit, _definitions(outline))

    def _leave(self, unit: Unit, statements: dict[str, Statement]) -> None:
        for name, statement in statements.items():
            value = unit.namespace.get(name)
            if is_a(value, FunctionType) and value.__globals__ is unit.namespace:
                self._functions.setdefault(name, []).append(value)
            if is_a(value, type) and (value.__module__, value.__qualname__) == (unit.name, name):
                self._left.setdefault(name, []).append(Moved(value, statement, unit.name))

    def _rename(self, unit: Unit, left: dict[str, Statement], came: dict[str, Statement]) -> None:
        """The one class that went, and the one that came, if they look the same."""
        went = [name for name, one in left.items() if one.is_class]
        here = [name for name, one in came.items() if one.is_class]
        if len(went) != 1 or len(here) != 1 or not _alike(left[went[0]], came[here[0]]):
            return
        found = [one for one in self._left.get(went[0], ()) if one.module == unit.name]
        if found:
            self._renamed[unit.name, here[0]] = found[0]

    def to(self, namespace: dict[str, Any], name: str) -> Moved | None:
        """The class that moved into the module with this namespace, or to this name in it."""
        renamed = self._renamed.get((namespace.get("__name__", ""), name))
        if renamed is not None and self._from_elsewhere(namespace, name) is None:
            return renamed if renamed.cls.__qualname__ != name else None
        return self._from_elsewhere(namespace, name)

    def _from_elsewhere(self, namespace: dict[str, Any], name: str) -> Moved | None:
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

    def forward(self, journal: Journal) -> None:
        """Whoever holds a function that has moved calls it where it is now."""
        for name, left in self._functions.items():
            came = self._came.get(
                name, [one for one in self._new_modules() if self._has(one, name)]
            )
            if len(left) != 1 or len(came) != 1:
                continue
            new = self._units[came[0]].namespace.get(name)
            if callable(new) and not functions.reaches(new, left[0]):
                functions.forward(left[0], new, journal)

    def _new_modules(self) -> Iterator[str]:
        yield from self._units.keys() - self._known

    def _has(self, module: str, name: str) -> bool:
        value = self._units[module].namespace.get(name)
        return is_a(value, FunctionType) and value.__module__ == module

    def _places(self, name: str) -> Iterator[str]:
        """The modules that define a class of this name for the first time."""
        for module in (*self._came.get(name, ()), *self._new_modules()):
            cls = self._units[module].namespace.get(name)
            if is_a(cls, type) and cls.__module__ == module:
                yield module


def _definitions(outline: Outline) -> dict[str, Statement]:
    """What defines the classes and functions of a module, by their names."""
    return {name: one for one in outline.statements if one.is_definition for name in one.binds}


def _alike(old: Statement, new: Statement) -> bool:
    """Whether two classes have the same bases, and most of what is in them by name."""
    one, other = old.nodes[0], new.nodes[0]
    assert isinstance(one, ast.ClassDef)
    assert isinstance(other, ast.ClassDef)
    heads = [
        [ast.dump(part) for part in (*node.bases, *node.keywords, *node.decorator_list)]
        for node in (one, other)
    ]
    mine, theirs = _members(one), _members(other)
    return heads[0] == heads[1] and 2 * len(mine & theirs) >= len(mine | theirs)


def _members(node: ast.ClassDef) -> set[str]:
    return {name for one in node.body for name in syntax.bound_names(one)}


def _is_in_use(cls: type) -> bool:
    """Whether there are instances of a class, or classes derived from it."""
    subclasses: list[type] = type.__subclasses__(cls)
    return bool(subclasses) or any(type(one) is cls for one in gc.get_referrers(cls))
