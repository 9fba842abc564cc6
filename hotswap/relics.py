"""What stays in containers that was entered for a line which does not enter it any more?"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from types import CodeType, FunctionType, MemberDescriptorType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from hotswap.containers import containers, entries_of, parts_of
from hotswap.effects import NeedsRestart
from hotswap.entries import mentions, place_of, texts_in
from hotswap.fills import added_to_by, counted_by, filled_by
from hotswap.lookups import Key
from hotswap.traces import classes_with
from hotswap.values import MISSING, attributes, instances_of, is_a, is_pile

if TYPE_CHECKING:
    from hotswap.containers import Watched
    from hotswap.entries import Entry, Place
    from hotswap.graph import Graph
    from hotswap.source import Unit
    from hotswap.statements import Statement

_NUMBERS = frozenset({int, float})
_SAID = _NUMBERS | {str}
_WORDS = re.compile(r"\w{3,}")


class _Filled(NamedTuple):
    """A container that functions have filled for a line, and do not any more."""

    container: Watched
    module: str
    codes: list[CodeType]
    place: Place


class Relics:
    """
    Entries that do not say who has made them: a text, a number.

    Args:
        own: Object → whether the project's own code made or defines it.
    """

    def __init__(self, graph: Graph, own: Callable[[Any], bool]) -> None:
        self._graph, self._own = graph, own
        self._found: list[_Filled] = []

    def note(
        self,
        codes: Iterable[CodeType],
        watched: Collection[tuple[Watched, str]],
        place: Place,
        made: Collection[Any] = (),
    ) -> None:
        """
        Functions with these codes ran for a line that is gone, or another one.

        Args:
            watched: Containers that they may have filled, each with its module.
            made: What the line had made; what that has itself is nobody else's.
        """
        apart = {name for one in made for name in attributes(one)}
        apart |= {name for one in made if is_a(one, type) for name in vars(one)}
        fill = {code: filled_by(code) - apart for code in codes}
        for code, names in fill.items():
            for name in names if "heappush" in code.co_names else ():
                raise NeedsRestart(f"{name} is kept in an order of its own", place)
            for name in [one for one in added_to_by(code) - apart if self._has_any(code, one)]:
                reason = f"what {code.co_name} has added to {name} stays there"
                raise NeedsRestart(reason, place)
            for name in (counted_by(code) - apart) & {one.name for one, _ in watched}:
                raise NeedsRestart(f"what {code.co_name} has counted in {name} stays there", place)
        paths = {code.co_filename for code in fill if "setattr" in code.co_names}
        self._check_attributes(paths, made, place)
        for one, module in watched if any(fill.values()) else ():
            mine = [code for code, names in fill.items() if one.name in names]
            if mine and is_pile(one.container):
                reason = f"what {mine[0].co_name} has put into {one.where} stays there"
                raise NeedsRestart(reason, place)
            if mine:
                self._found.append(_Filled(one, module, mine, place))

    def check(self) -> None:
        """
        Refuse what only such a line can have entered.

        Raises:
            NeedsRestart: It is still there.
        """
        living = self._living({one.module for one in self._found})
        for one in self._found:
            if id(one.container.container) in living:
                given = set(self._given(one))
                for entry in entries_of(one.container.container):
                    if not _is_vouched_for(entry, given):
                        reason = f"{one.container.where} may have what is not entered any more"
                        raise NeedsRestart(reason, one.place)

    def _has_any(self, code: CodeType, name: str) -> bool:
        """Whether anything lives that a method may have added to; a function may to anything."""
        kinds = [cls for unit in self._graph.owners(code) for cls in classes_with(unit, code)]
        found = [vars(base).get(name, MISSING) for cls in kinds for base in cls.__mro__]
        own = any(one is not MISSING and type(one) is not MemberDescriptorType for one in found)
        living = (one for cls in kinds for one in instances_of(cls))
        return not kinds or own or any(name in parts_of(one) for one in living)

    def _check_attributes(self, paths: set[str], made: Collection[Any], place: Place) -> None:
        """`setattr(api, f.__name__, f)`: what such modules have has it by such a name."""
        ids = {id(one) for one in made}
        units = [one for one in self._graph.units.values() if one.path in paths]
        rows = [(one.name, *row) for one in units for row in one.namespace.items()]
        for module, name, holder in rows:
            if id(holder) in ids or is_a(holder, (ModuleType, FunctionType)):
                continue
            space = vars(holder) if is_a(holder, type) else attributes(holder)
            if any(mentions((None, one), ids) for one in list(space.values())):
                raise NeedsRestart(f"{module}.{name} would keep what was set on it", place)

    def _living(self, modules: Iterable[str]) -> set[int]:
        """By id, the containers that modules have by now."""
        units = [self._graph.units[name] for name in modules if name in self._graph.units]
        return {id(one.container) for unit in units for one in containers(unit, self._own)}

    def _given(self, filled: _Filled) -> Iterator[object]:
        """What others enter there, or may do."""
        owner = self._graph.units[filled.module]
        top = filled.container.where.removeprefix(f"{owner.name}.").partition(".")[0]
        top = top.partition("[")[0]
        key = Key(owner.name, top)
        for unit in {owner, *self._graph.readers(key), *self._graph.suspects(key)}:
            for statement in self._graph.outline(unit).statements:
                if top in statement.text and not (statement.is_import or statement.is_definition):
                    yield from _written(statement, unit)
        calls = [call.code for call in self._graph.calls.in_file(owner.path)]
        for code in {
            *filled.codes,
            *(one for one in calls if filled.container.name in one.co_names),
        }:
            yield from self._given_to(code)

    def _given_to(self, code: CodeType) -> Iterator[object]:
        """What lines give to a function, and what it has itself, if it runs for any."""
        for site in self._graph.calls.of(code):
            unit = self._graph.units.get(site.module)
            statement = self._graph.outline(unit).at(site.line) if unit is not None else None
            if unit is not None and statement is not None:
                yield from (one for one in code.co_consts if type(one) in _SAID)
                yield from _written(statement, unit)


def _is_vouched_for(entry: Entry, given: set[object]) -> bool:
    """Whether it says where it comes from, or is about what others give."""
    if place_of(entry) is not None or any(is_a(one, type) for one in entry):
        return True  # a class has no line before 3.13, and tells its module
    record = entry[1] if entry[0] is None and type(entry[1]) is tuple else ()
    if not given.issuperset(one for one in record if type(one) in _NUMBERS):
        return False
    said = texts_in(entry)
    return any(one in given or not given.isdisjoint(_WORDS.findall(one)) for one in said)


def _written(statement: Statement, unit: Unit) -> Iterator[object]:
    """Texts and numbers in a statement, those that its names hold, and the names that it gives."""
    yield from statement.binds
    for node in (one for each in statement.nodes for one in ast.walk(each)):
        if isinstance(node, ast.Constant) and type(node.value) in _SAID:
            yield node.value
        elif isinstance(node, ast.Name):
            value = unit.namespace.get(node.id)
            yield value if type(value) in _SAID else node.id
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
