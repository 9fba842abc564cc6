"""How does a module's source split into statements, and which of them bind or mention a name?"""

from __future__ import annotations

import ast
import importlib.util
from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate

from hotswap import syntax
from hotswap.statements import Statement


@dataclass(eq=False)
class Outline:
    """A module's statements."""

    statements: list[Statement]
    rebinds: frozenset[str] = frozenset()
    """Names that are bound more than once, or may be: below a star-import."""
    stars: tuple[int, ...] = ()
    """The star-imports."""

    def at(self, line: int) -> Statement | None:
        """The statement that a line belongs to."""
        above = bisect(self.statements, line, key=lambda one: one.first)
        found = self.statements[above - 1] if above else None
        return found if found is not None and line <= found.last else None

    @property
    def annotates(self) -> frozenset[str]:
        """Names that are in the module's `__annotations__`."""
        return frozenset(name for one in self.statements for name in one.annotates)

    def binders(self, name: str) -> list[int]:
        """The statements that bind or delete a name, in order."""
        return list(self._binders.get(name, ()))

    def mentioning(self, words: Iterable[str]) -> list[Statement]:
        """The statements in whose text one of these words stands, and those with a star-import."""
        text, starts = self._text
        found = set(self._takers_of_all)
        for word in words:
            at = text.find(word)
            while at >= 0:
                end = at + len(word)
                if not (_in_word(text[at - 1 : at]) or _in_word(text[end : end + 1])):
                    index = bisect(starts, at) - 1
                    found.add(index)
                    end = starts[index + 1]
                at = text.find(word, end)
        return [self.statements[index] for index in sorted(found)]

    @cached_property
    def _takers_of_all(self) -> list[int]:
        """The statements with a star-import, be it within a block."""
        takers = [one for one in self.statements if "*" in one.text and "import" in one.text]
        return [one.index for one in takers if any(each.name == "*" for each in one.reads.imports)]

    @cached_property
    def _text(self) -> tuple[str, list[int]]:
        """All statements' text, and where each one's begins, and the end."""
        texts = [one.text for one in self.statements]
        return "\0".join(texts), list(accumulate((len(one) + 1 for one in texts), initial=0))

    @cached_property
    def _binders(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for index, name in ((one.index, name) for one in self.statements for name in one.binds):
            found.setdefault(name, []).append(index)
        return found


@lru_cache(maxsize=16)
def outline(data: bytes, path: str, *, is_main: bool) -> Outline:
    """
    Split a module's source into statements; what is asked for again is at hand for a while.

    Raises:
        SyntaxError: The source does not parse.
    """
    text = importlib.util.decode_source(data)
    tree = ast.parse(text, path)
    lines = text.split("\n")
    flags = syntax.future_flags(tree)
    groups = _groups(tree.body)
    statements = []
    for index, nodes in enumerate(groups):
        first, last = syntax.first_line(nodes[0]), nodes[-1].end_lineno or nodes[-1].lineno
        segment = "\n".join(lines[first - 1 : last])
        statement = Statement(index, nodes, segment, first, last, path, flags)
        statement.is_docstring = index == 0 and syntax.is_text(nodes[0])
        statement.inert = _is_inert(statement, is_main=is_main)
        statements.append(statement)
    bound: set[str] = set()
    rebinds: set[str] = set()
    below_star = False
    for statement in statements:
        rebinds |= statement.binds if below_star else bound & statement.binds
        bound |= statement.binds
        below_star = below_star or statement.is_star
    stars = tuple(statement.index for statement in statements if statement.is_star)
    return Outline(statements, frozenset(rebinds), stars)


def _in_word(character: str) -> bool:
    return character == "_" or character.isalnum()


def _groups(body: Sequence[ast.stmt]) -> Iterator[list[ast.stmt]]:
    group: list[ast.stmt] = []
    for node in body:
        if group and syntax.first_line(node) > (group[-1].end_lineno or 0):
            yield group
            group = []
        group.append(node)
    if group:
        yield group


def _is_inert(statement: Statement, *, is_main: bool) -> bool:
    node = statement.nodes[0]
    if len(statement.nodes) > 1 or statement.is_docstring:
        return False
    if isinstance(node, ast.Pass) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    ):
        return True
    if syntax.is_guard(node):
        return not is_main
    return isinstance(node, ast.If) and not node.orelse and syntax.is_type_checking(node.test)
