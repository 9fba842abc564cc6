"""`typing` gives the first of equal unions for all of them: which one is it in a fresh start?"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from types import FunctionType
from typing import TYPE_CHECKING, Any

from hotswap import remembered
from hotswap.syntax import FUNCTIONS

if TYPE_CHECKING:
    from hotswap.statements import Statement
    from hotswap.steps import Step


class Unions:
    """What is given for unions while the statements of one transaction execute."""

    def __init__(self) -> None:
        self._forgotten = False
        self._as_before: set[tuple[str, str]] = set()
        """Functions and parameters that the present statement annotates as it did before."""

    def begin(self, step: Step, statement: Statement) -> None:
        """
        A statement is about to execute. For a union that is written in another way the equal
        former one would be given, the first time.
        """
        self._as_before = set()
        if step.status != "changed" or step.old is None:
            return
        before, now = _unions(step.old.nodes), _unions(statement.nodes)
        if before - now and now - before and not self._forgotten:
            self._forgotten = True
            remembered.forget_aliases()
        if before & now:
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


def _unions(nodes: Iterable[ast.AST]) -> set[str]:
    """The unions of types that are written somewhere: `Union[int, str]`, `int | None`."""
    inner = (one for node in nodes for one in ast.walk(node))
    return {ast.unparse(one) for one in inner if _is_union(one)}


def _is_union(node: ast.AST) -> bool:
    if isinstance(node, ast.Subscript):
        name = getattr(node.value, "id", None) or getattr(node.value, "attr", None)
        return name in ("Union", "Optional")
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr)


def _annotations(nodes: Iterable[ast.AST]) -> set[tuple[str, str, str]]:
    """Function, parameter (or "return"), and what is written there."""
    found: set[tuple[str, str, str]] = set()
    for node in (one for each in nodes for one in ast.walk(each)):
        if isinstance(node, FUNCTIONS):
            args = [one for one in ast.walk(node.args) if isinstance(one, ast.arg)]
            rows = [("return", node.returns), *((one.arg, one.annotation) for one in args)]
            found |= {(node.name, name, ast.unparse(one)) for name, one in rows if one is not None}
    return found
