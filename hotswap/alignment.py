"""Which statement of a new source is which of the old one, and which of them did an edit change?"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from itertools import pairwise

from hotswap.compare import Pair, same_definitions
from hotswap.outlines import Outline
from hotswap.statements import Statement


@dataclass(eq=False)
class Alignment:
    """Which statement of the new source is which of the old one."""

    new: list[Statement]
    counterpart: dict[int, Statement]
    """Index in the new source → the old statement."""
    changed: set[int]
    """Indices in the new source whose import-time code differs from the counterpart's."""
    removed: list[Statement]
    crossed: list[tuple[int, int]] = field(default_factory=list)
    """Indices in the new source of statements that have changed places: the first, the second."""

    @property
    def added(self) -> list[Statement]:
        """Statements without a counterpart."""
        return [statement for statement in self.new if statement.index not in self.counterpart]

    def successor(self, old: Statement) -> Statement | None:
        """What an old statement has become; of an import, what leads to the same module now."""
        for index, statement in self.counterpart.items():
            if statement is old:
                return self.new[index]
        return next((one for one in self.added if _imports_same(old, one)), None)


def align(old: Outline, new: Outline) -> Alignment:
    """Align two versions: by equal text, by what they bind, by equal code."""
    result = Alignment(new.statements, {}, set(), [])
    waiting: dict[object, list[Statement]] = {}
    for statement in old.statements:
        waiting.setdefault((statement.text, statement.flags), []).append(statement)
    left = []
    for statement in new.statements:
        queue = waiting.get((statement.text, statement.flags))
        if queue and _same(queue[0], statement):
            result.counterpart[statement.index] = queue.pop(0)
        else:
            left.append(statement)
    matched = {id(statement) for statement in result.counterpart.values()}
    rest = [statement for statement in old.statements if id(statement) not in matched]
    left, rest = _match(result, left, rest, _same)
    left, rest = _match(result, left, rest, _binds_same)
    left, rest = _match(result, left, rest, _stores_same)
    left, rest = _match(result, left, rest, _acts_same)
    result.removed = rest
    result.changed |= _moved(result)
    return result


def _match(
    result: Alignment, left: list[Statement], rest: list[Statement], rule: object
) -> tuple[list[Statement], list[Statement]]:
    """From the end: of several definitions of one name (overloads), the last is the real one."""
    unmatched: list[Statement] = []
    for statement in reversed(left):
        for candidate in reversed(rest):
            if rule(candidate, statement):  # type: ignore[operator]
                rest.remove(candidate)
                result.counterpart[statement.index] = candidate
                if not _same(candidate, statement):
                    result.changed.add(statement.index)
                break
        else:
            unmatched.insert(0, statement)
    return unmatched, rest


def _binds_same(old: Statement, new: Statement) -> bool:
    if not new.binds or old.is_import != new.is_import:
        return False
    if new.is_import or len(new.binds) > 1 or len(old.binds) > 1:
        return bool(old.binds & new.binds)
    return old.binds == new.binds


def _stores_same(old: Statement, new: Statement) -> bool:
    """The same attribute or item of something gets another value."""
    targets = [
        [ast.dump(target) for node in one.nodes for target in getattr(node, "targets", ())]
        for one in (old, new)
    ]
    return not new.binds and bool(targets[0]) and targets[0] == targets[1]


def _acts_same(old: Statement, new: Statement) -> bool:
    """The same is called, with other arguments, or set in a block."""
    before, now = ([(one.kind, one.chain) for one in each.effects] for each in (old, new))
    dynamic = old.reads.namespace or new.reads.namespace or old.binds or new.binds
    return bool(now) and before == now and not dynamic


def _imports_same(old: Statement, new: Statement) -> bool:
    """The same module is imported in another way."""
    return old.is_import and new.is_import and not _imported(old).isdisjoint(_imported(new))


def _imported(statement: Statement) -> set[str]:
    """What it imports, without the packages that this is in."""
    found = ((one.target.rpartition(".")[2] or one.name) for one in statement.reads.imports)
    return {name for name in found if name}


def _same(old: Statement, new: Statement) -> bool:
    """Whether what runs at import is equal; bodies of functions may differ."""
    if old.binds != new.binds or old.inert != new.inert or old.is_docstring != new.is_docstring:
        return False
    if old.text == new.text and old.flags == new.flags:
        return True
    if new.inert and not new.is_guard:
        return True
    pairs: list[Pair] = []
    if not same_definitions(old.code, new.code, pairs):
        return False
    return not (new.decorated and any(pair.outside for pair in pairs))


def _moved(result: Alignment) -> set[int]:
    """Statements that now stand on the other side of one that binds what they read or bind."""
    order = [(index, result.counterpart[index].index) for index in sorted(result.counterpart)]
    if all(one[1] < other[1] for one, other in pairwise(order)):
        return set()
    moved: set[int] = set()
    for at, (index, before) in enumerate(order):
        names = result.new[index].binds.union(result.new[index].reads.names)
        for other, other_before in order[:at]:
            if other_before > before:
                result.crossed.append((other, index))
                if result.new[other].binds & names:
                    moved.add(index)
                if not result.new[index].binds.isdisjoint(result.new[other].reads.names):
                    moved.add(other)
    return moved
