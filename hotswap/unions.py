"""`typing` gives the first of equal unions for all of them: which one is it in a fresh start?"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from types import FunctionType
from typing import TYPE_CHECKING, Any

from hotswap import remembered
from hotswap.syntax import FUNCTIONS

if TYPE_CHECKING:
    from hotswap.detect import Edit
    from hotswap.statements import Statement
    from hotswap.steps import Step

Written = tuple[str, ...]
"""How a union is written, and its members in their order."""

_WORDS = ("Union", "Optional", "|")


class Unions:
    """What is given for unions while the statements of one transaction execute."""

    def __init__(self) -> None:
        self._rewritten: bool | None = None
        self._as_before: set[tuple[str, str]] = set()
        """Functions and parameters that the present statement annotates as it did before."""

    def begin(self, step: Step, statement: Statement, edits: Iterable[Edit]) -> None:
        """
        A statement is about to execute. For a union that is written in another way the equal
        former one would be given.
        """
        if self._rewritten is None:
            self._rewritten = are_rewritten(edits)
            if self._rewritten:
                remembered.forget_aliases()
        self._as_before = set()
        if self._rewritten or step.status != "changed" or step.old is None:
            return
        if any(written(step.old)):
            both = _annotations(step.old.nodes) & _annotations(statement.nodes)
            self._as_before = {(function, name) for function, name, _ in both}

    def keep(self, former: dict[str, Any], function: FunctionType) -> None:
        """
        A function has equal annotations again. What they were when its module was loaded they
        are in a fresh start, though `typing` may have made too many others since to know it.
        """
        for name, value in function.__annotations__.items() if self._as_before else ():
            old = former.get(name)
            if old is value or type(value).__module__ not in ("typing", "types"):
                continue
            if old == value and (function.__name__, name) in self._as_before:
                function.__annotations__[name] = old


def are_rewritten(edits: Iterable[Edit]) -> bool:
    """Whether a union that edits write was written in another way by what they replace."""
    aligned = [one.alignment for one in edits if one.alignment is not None]
    before = {
        union
        for one in aligned
        for old in (*one.removed, *(one.counterpart[index] for index in one.changed))
        for union in written(old)
    }
    now = {
        union
        for one in aligned
        for new in (*one.added, *(one.new[index] for index in one.changed))
        for union in (written(new) if before else ())
    }
    gone = {frozenset(members) for _, *members in before - now}
    return any(frozenset(members) in gone for _, *members in now - before)


def written(statement: Statement) -> Iterator[Written]:
    """The unions that a statement writes, outer ones with the members of those inside."""
    if any(word in statement.text for word in _WORDS):
        for node in statement.nodes:
            for one in ast.walk(node):
                if (kind := _kind(one)) and len(members := tuple(_members(one))) > 1:
                    yield kind, *members


def _kind(node: ast.AST) -> str:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return "|"
    named = isinstance(node, ast.Subscript) and _name(node.value) in ("Union", "Optional")
    return "Union" if named else ""


def _name(node: ast.expr) -> str:
    return str(getattr(node, "attr", getattr(node, "id", "")))


def _members(node: ast.AST) -> Iterator[str]:
    if not _kind(node):
        yield ast.unparse(node)
    elif isinstance(node, ast.BinOp):
        yield from (*_members(node.left), *_members(node.right))
    elif isinstance(node, ast.Subscript):
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        yield from (one for each in inner for one in _members(each))
        if _name(node.value) == "Optional":
            yield "None"


def _annotations(nodes: Iterable[ast.AST]) -> set[tuple[str, str, str]]:
    """Function, parameter (or "return"), and what is written there."""
    found: set[tuple[str, str, str]] = set()
    for node in (one for each in nodes for one in ast.walk(each)):
        if isinstance(node, FUNCTIONS):
            args = [one for one in ast.walk(node.args) if isinstance(one, ast.arg)]
            rows = [("return", node.returns), *((one.arg, one.annotation) for one in args)]
            found |= {(node.name, name, ast.unparse(one)) for name, one in rows if one is not None}
    return found
