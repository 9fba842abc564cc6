"""Which followed modules differ from their files, and in what?"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from types import CodeType
from typing import TYPE_CHECKING

from hotswap import bytecode
from hotswap.alignment import Alignment, align
from hotswap.compare import (
    Pair,
    children,
    pair_by_name,
    runs_at_definition,
    same_definitions,
    walk,
)
from hotswap.outlines import Outline, outline
from hotswap.statements import Statement

if TYPE_CHECKING:
    from hotswap.bytecode import Reads
    from hotswap.running import Site
    from hotswap.source import Stamp, Unit


@dataclass(eq=False)
class Edit:
    """A module whose file has changed: the unit as it runs, and what it is to become."""

    unit: Unit
    data: bytes
    code: CodeType
    before: CodeType
    stamp: Stamp | None = None
    pairs: list[Pair] = field(default_factory=list)
    alignment: Alignment | None = None
    """None: nothing that runs at import differs."""
    starts: list[Statement] = field(default_factory=list)
    """Statements that have to execute though they did not change: what they looked for did."""
    old_data: bytes = b""
    dropped: dict[Site, int] = field(default_factory=dict)
    """Lines that are gone, and had functions run on their behalf; and which they were."""

    @property
    def bodies(self) -> list[Pair]:
        """The functions that do something else."""
        return [pair for pair in self.pairs if pair.differs]

    @cached_property
    def old_outline(self) -> Outline:
        """The statements of what runs."""
        return outline(self.old_data, self.unit.path, is_main=self.unit.is_main)

    @cached_property
    def new_outline(self) -> Outline:
        """The statements of the file."""
        return outline(self.data, self.unit.path, is_main=self.unit.is_main)

    @cached_property
    def aligned(self) -> Alignment:
        """Old statements against new ones."""
        return self.alignment or align(self.old_outline, self.new_outline)

    @cached_property
    def read_before(self) -> Reads:
        """What the module looked up when it was imported."""
        return bytecode.read(self.before)

    @property
    def lost(self) -> list[CodeType]:
        """Functions that are no more."""
        known = {id(pair.old) for pair in self.pairs}
        codes = walk(self.before) if self.alignment is not None else ()
        return [one for one in codes if id(one) not in known and not runs_at_definition(one)]

    @cached_property
    def gone(self) -> frozenset[str]:
        """Names that the module no longer binds."""
        if self.alignment is None:
            return frozenset()
        old = {name for statement in self.old_outline.statements for name in statement.binds}
        new = {name for statement in self.alignment.new for name in statement.binds}
        left = frozenset(old - new)
        if not left:
            return left
        # what functions bind now as before may be state that the program has made
        return left - (
            bytecode.global_binds(walk(self.code)) & bytecode.global_binds(walk(self.before))
        )

    @cached_property
    def unsure(self) -> frozenset[str]:
        """Names whose binding went, while a block that is still there may bind them or may not."""
        if self.alignment is None:
            return frozenset()
        dropped = [(statement, statement.binds) for statement in self.alignment.removed]
        for index, old in self.alignment.counterpart.items():
            if index in self.alignment.changed:
                dropped.append((old, old.binds - self.alignment.new[index].binds))
        found: set[str] = set()
        for statement, names in dropped:
            for name in names - self.gone:
                later = self.old_outline.binders(name)
                after = [one for one in later if one > statement.index]
                if all(self.old_outline.statements[one].is_compound for one in after):
                    found.add(name)
        return frozenset(found)

    def prepare(self) -> None:
        """Find out now what applying the edit will ask for, while calls wait."""
        _ = self._margins
        if self.alignment is not None:
            for statement in self.alignment.new:
                index = statement.index
                if index in self.alignment.changed or index not in self.alignment.counterpart:
                    statement.prepare()

    @cached_property
    def _margins(self) -> tuple[int, int, int]:
        """Lines that are equal at the top and at the bottom, and how many there were."""
        old, new = self.old_data.split(b"\n"), self.data.split(b"\n")
        top = 0
        while top < min(len(old), len(new)) and old[top] == new[top]:
            top += 1
        bottom = 0
        while bottom < min(len(old), len(new)) - top and old[-1 - bottom] == new[-1 - bottom]:
            bottom += 1
        return _without_decorators(old, top), bottom, len(old)

    def new_line(self, line: int) -> int:
        """Where a top-level line of the old source is in the new one; 0 if it is gone."""
        top, bottom, count = self._margins
        if line <= top:
            return line
        if line > count - bottom:
            return line + self.data.count(b"\n") - self.old_data.count(b"\n")
        old = self.old_outline.at(line)
        new = self.aligned.successor(old) if old else None
        return new.first if new else 0


def _without_decorators(lines: list[bytes], top: int) -> int:
    """Of lines at the top: not the decorators of what follows, which may be somebody else's."""
    for index in reversed(range(top)):
        if lines[index][:1].isspace() or lines[index][:1] in {b"", b")", b"]", b"}", b"#"}:
            continue
        if lines[index][:1] != b"@":
            break
        top = index
    return top


def compare(unit: Unit, before: CodeType, data: bytes, code: CodeType) -> Edit:
    """What differs between the code that a module runs and its new code."""
    edit = Edit(unit, data, code, before, old_data=unit.data)
    if same_definitions(before, code, edit.pairs) and not _looks_inside(edit):
        return edit
    edit.alignment = align(edit.old_outline, edit.new_outline)
    edit.pairs = _pairs(edit)
    return edit


def _looks_inside(edit: Edit) -> bool:
    """Whether a function changed in what its decorator may have looked at."""
    if not any(pair.outside for pair in edit.pairs):
        return False
    lines = {pair.new.co_firstlineno for pair in edit.pairs if pair.outside}
    statements = (edit.new_outline.at(line) for line in lines)
    return any(statement is None or statement.decorated for statement in statements)


def _pairs(edit: Edit) -> list[Pair]:
    """The functions of matching statements, as they are in the code of the whole modules."""
    assert edit.alignment is not None
    pairs: list[Pair] = []
    before = _by_statement(edit.before, edit.old_outline)
    after = _by_statement(edit.code, edit.new_outline)
    for index, statement in edit.alignment.counterpart.items():
        old, new = before.pop(statement.index, []), after.pop(index, [])
        pair_by_name(old, new, pairs)
        before[statement.index], after[index] = _without(old, new), _without(new, old)
    pair_by_name(_named(before), _named(after), pairs)  # as what was in an `if` before
    return pairs


def _named(left: dict[int, list[CodeType]]) -> list[CodeType]:
    """What may go on in another statement."""
    return [one for one in chain.from_iterable(left.values()) if one.co_name[:1] != "<"]


def _without(codes: list[CodeType], others: list[CodeType]) -> list[CodeType]:
    names = {code.co_name for code in others}
    return [code for code in codes if code.co_name not in names]


def _by_statement(code: CodeType, outline: Outline) -> dict[int, list[CodeType]]:
    found: dict[int, list[CodeType]] = {}
    for child in children(code):
        statement = outline.at(child.co_firstlineno)
        if statement is not None:
            found.setdefault(statement.index, []).append(child)
    return found
