"""Where does a reload start: what does an edit itself make execute?"""

from __future__ import annotations

from functools import partial
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from hotswap.chains import public_names
from hotswap.compare import title
from hotswap.copied import CLASS_BOOKS
from hotswap.effects import NeedsRestart
from hotswap.lookers import COPIED, LINES, OVERLOADS, SOURCES, words_for
from hotswap.lookups import Key
from hotswap.sight import Methods, Sight
from hotswap.steps import Change
from hotswap.values import is_a

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hotswap.alignment import Alignment
    from hotswap.compare import Pair
    from hotswap.detect import Edit
    from hotswap.graph import Graph
    from hotswap.marks import Marks
    from hotswap.source import Unit
    from hotswap.statements import Statement
    from hotswap.waiting import Module
    from hotswap.wakes import Wakes


class Starts:
    """
    The first marks.

    Args:
        whole: Modules of which every statement has to execute.
        gone: Modules whose file is gone.
    """

    def __init__(
        self,
        graph: Graph,
        marks: Marks,
        wakes: Wakes,
        whole: frozenset[str],
        gone: Iterable[Unit],
    ) -> None:
        self._graph, self._marks, self._wakes, self._whole = graph, marks, wakes, whole
        self._gone = {unit.name: unit for unit in gone}
        self._stars: dict[str, frozenset[str]] = {}
        self._methods: Methods = {}
        """Those of all classes: until every edit is started nothing executes."""

    def start(self, edit: Edit) -> None:
        """Mark and wake what an edit concerns directly."""
        module = self._marks.module(edit.unit)
        self._start_bodies(edit)
        for statement in edit.starts:
            self._marks.mark(module, statement, "changed", "what it looked for changed")
        if edit.unit.name in self._whole:
            for statement in self._graph.outline(edit.unit).statements:
                self._marks.mark(module, statement, "repeated", "the whole module executes")
        if edit.alignment is not None:
            self._start_statements(edit, edit.alignment)
        for pair in edit.bodies:
            sight = Sight(partial(_has_code, codes=(pair.old, pair.new)), self._methods)
            self._wakes.looked_at(words_for(pair), sight, title(pair.new))
        self._start_texts(edit)

    def _start_texts(self, edit: Edit) -> None:
        """Definitions whose text is another one, or stands at another line."""
        for words, differ in _TEXTS.items():
            if edit.data is not edit.old_data and self._wakes.lookers.any_of(words):
                meant = partial(_is_defined_in, unit=edit.unit, statements=list(differ(edit)))
                self._wakes.looked_at(words, Sight(meant), f"the text of {edit.unit.name}")
        for pair in list(self._wakes.lookers.of_frames(edit.unit, edit.pairs)):
            for code in (pair.old, pair.new):
                self._wakes.callers(code, f"{code.co_name} looked at its line, which is another")

    def _start_statements(self, edit: Edit, alignment: Alignment) -> None:
        module = self._marks.module(edit.unit)
        for statement in alignment.added:
            self._marks.mark(module, statement, "added", "new")
        for statement in [one for one in alignment.added if not one.is_definition]:
            self._marks.came_between(edit.unit, statement)
        for index in sorted(alignment.changed):
            self._marks.mark(module, alignment.new[index], "changed", "changed")
        for statement in alignment.removed:
            self._remove(module, statement, edit.gone)
            self._wake_below(module, alignment, statement)
        for first, second in alignment.crossed:
            pair = alignment.new[first], alignment.new[second]
            self._marks.in_order(edit.unit, *pair)
            self._start_stars(module, *pair)
            self._start_cycles(edit.unit, *pair)
            self._start_cycles(edit.unit, *reversed(pair))
        self._start_names(edit, module)

    def _start_stars(self, module: Module, first: Statement, second: Statement) -> None:
        """One of them takes all names of a module, and stands on the other side of the other."""
        if not (first.is_star or second.is_star):
            return
        bound, below = (one.binds | self._offered(module, one) for one in (first, second))
        if bound & (below | {*second.reads.names}):
            self._marks.mark(module, second, "repeated", f"{first.title} stands above it now")
        outline = self._graph.outline(module.unit)
        for name in below.intersection(first.reads.names):
            above = [index for index in outline.binders(name) if index < first.index]
            for one in (*(outline.statements[index] for index in above[-1:]), first):
                self._marks.mark(module, one, "repeated", f"{second.title} stands below it now")

    def _offered(self, module: Module, statement: Statement) -> set[str]:
        reads = statement.reads
        return {*self._graph.offered(module.unit, reads)} if statement.is_star else set()

    def _start_cycles(self, unit: Unit, statement: Statement, other: Statement) -> None:
        """An import has passed a line: the modules that it leads to find other names here."""
        if "import" not in statement.text:
            return
        for one in self._graph.units.values():
            lines = [site.line for site in one.within if site.module == unit.name]
            if any(statement.first <= line <= statement.last for line in lines):
                for name in other.binds:
                    self._marks.looks_again(one, Key(unit.name, name))

    def _start_bodies(self, edit: Edit) -> None:
        for site, line in edit.dropped.items():
            codes = self._graph.calls.on_behalf_of(site)
            self._marks.no_longer_calls(codes)
            old = edit.old_outline.at(line)
            if old is not None and old in edit.aligned.removed:
                self._marks.no_longer_counts(old, codes)
        for code in edit.lost:
            self._wakes.callers(code, f"{code.co_name} is gone")
        for pair in edit.pairs:
            if pair.differs and pair.new.co_name == "<lambda>":
                self._start_lambda(edit, pair)
            if pair.differs:
                self._wakes.callers(pair.old, f"{pair.old.co_name} changed")
                self._wakes.callers(pair.new, f"{pair.new.co_name} changed")
            if pair.outside and pair.new.co_name in self._graph.reads(edit.unit).binds:
                self._wakes.changed(Key(edit.unit.name, pair.new.co_name), Change.SHOWN)

    def _start_lambda(self, edit: Edit, pair: Pair) -> None:
        """Whoever was given a lambda that ran at import may remember what it returned."""
        statement = self._graph.outline(edit.unit).at(pair.new.co_firstlineno)
        ran = self._graph.calls.of(pair.new) or self._graph.calls.of(pair.old)
        if ran and statement is not None and not statement.is_definition:
            module = self._marks.module(edit.unit)
            self._marks.mark(module, statement, "repeated", "a lambda of it changed")

    def _start_names(self, edit: Edit, module: Module) -> None:
        """Names that are gone, or may be; a star-import that is still there may offer them."""
        statements = self._graph.outline(edit.unit).statements
        for name in edit.unsure:
            for index in self._graph.outline(edit.unit).binders(name):
                self._marks.mark(module, statements[index], "repeated", f"{name} may be gone")
        gone = edit.gone | edit.unsure | self.star_names(edit)
        for statement in statements if gone else ():
            if statement.is_star and gone & self._graph.offered(edit.unit, statement.reads).keys():
                self._marks.mark(module, statement, "repeated", "a name that it offers is gone")
        for name in gone:
            self._wakes.changed(Key(edit.unit.name, name), Change.VALUE)

    def _remove(self, module: Module, statement: Statement, gone: frozenset[str]) -> None:
        if statement.inert:
            return
        if statement.is_guard:
            raise NeedsRestart("the main block is gone", (statement.path, statement.first))
        self._marks.judge(module, statement, "removed", gone)

    def _wake_below(self, module: Module, alignment: Alignment, removed: Statement) -> None:
        """What stood below a statement reads now what one above it had bound."""
        above = [index for index, old in alignment.counterpart.items() if old.index < removed.index]
        for name in removed.binds & self._graph.outline(module.unit).rebinds:
            reason = f"{name} is no longer bound above"
            key, after = Key(module.unit.name, name), max(above, default=-1)
            self._marks.mark_below(module.unit, key, Change.VALUE, reason, after, stays=True)

    def returning(self, edit: Edit) -> list[tuple[Unit, tuple[str, ...]]]:
        """Names that are gone, and would come back: others give them whence they came."""
        found, space = [], edit.unit.namespace
        for unit in self._graph.star_circle(edit.unit) if edit.gone else ():
            both, outline = (
                edit.gone & unit.namespace.keys() & space.keys(),
                self._graph.outline(unit),
            )
            same = sorted(name for name in both if unit.namespace[name] is space[name])
            names = [name for name in same if not outline.binders(name)]
            found += [(unit, tuple(names))] if names else []
        return found

    def star_names(self, edit: Edit) -> frozenset[str]:
        """Names that came by a star-import which is no longer there, before all purges."""
        known = self._stars.get(edit.unit.name)
        if known is None:
            known = self._stars[edit.unit.name] = self._find_star_names(edit)
        return known

    def _find_star_names(self, edit: Edit) -> frozenset[str]:
        assert edit.alignment is not None
        dropped = list(edit.alignment.removed)
        dropped += [edit.alignment.counterpart[index] for index in edit.alignment.changed]
        bound = {name for statement in edit.alignment.new for name in statement.binds}
        found: set[str] = set()
        for statement in dropped:
            if "*" in statement.text:
                found |= self._graph.star_names(edit.unit, statement.reads) - bound
                found |= self._left_by_gone(edit.unit, statement) - bound
        return frozenset(found)

    def _left_by_gone(self, unit: Unit, statement: Statement) -> set[str]:
        """What a star-import had brought from a module whose file is gone."""
        targets = [self._graph.target(unit, one) for one in statement.reads.imports]
        spaces = [self._gone[name].namespace for name in targets if name in self._gone]
        return {
            name
            for space in spaces
            for name in public_names(space)
            if name in unit.namespace and unit.namespace[name] is space[name]
        }


def _has_code(value: Any, codes: tuple[CodeType, ...]) -> bool:
    return is_a(value, FunctionType) and any(value.__code__ is code for code in codes)


def _is_defined_in(value: Any, unit: Unit, statements: list[Statement]) -> bool:
    """Whether one of these statements defines a function or class."""
    if is_a(value, FunctionType) and value.__globals__ is unit.namespace:
        line = value.__code__.co_firstlineno
        return any(one.first <= line <= one.last for one in statements)
    if is_a(value, type) and value.__module__ == unit.name:
        return any(value.__qualname__.partition(".")[0] in one.binds for one in statements)
    return False


def _read_otherwise(edit: Edit) -> Iterator[Statement]:
    """Statements that have another text, or another one above them."""
    before = _with_what_is_above(edit.old_data, edit.old_outline.statements)
    after = _with_what_is_above(edit.data, edit.new_outline.statements)
    for index, old in edit.aligned.counterpart.items():
        if before[old.index] != after[index]:
            yield edit.new_outline.statements[index]


def _with_what_is_above(data: bytes, statements: list[Statement]) -> list[list[bytes]]:
    lines = data.split(b"\n")
    ends = [0, *(one.last for one in statements)]
    return [lines[end : one.last] for end, one in zip(ends, statements, strict=False)]


def _stand_elsewhere(edit: Edit) -> Iterator[Statement]:
    """Statements that have another text, or stand at another line."""
    for index, old in edit.aligned.counterpart.items():
        new = edit.new_outline.statements[index]
        if old.text != new.text or old.first != new.first:
            yield new


def _overloaded(edit: Edit) -> Iterator[Statement]:
    """Statements that define what may have other overloads by now."""
    if edit.alignment is not None and b"overload" in edit.data + edit.old_data:
        new, former = edit.alignment.new, edit.alignment.counterpart
        differ = [*edit.alignment.removed, *edit.alignment.added]
        differ += [one for at in edit.alignment.changed for one in (new[at], former[at])]
        names = {name for one in differ if "overload" in one.text for name in one.binds}
        yield from (one for one in new if not names.isdisjoint(one.binds))


_TEXTS = {
    SOURCES: _read_otherwise,
    LINES: _stand_elsewhere,
    CLASS_BOOKS: _stand_elsewhere,
    COPIED: _stand_elsewhere,
    OVERLOADS: _overloaded,
}
"""What has to be named to see it → the statements that somebody sees to be others."""
