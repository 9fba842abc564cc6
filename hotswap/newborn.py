"""How is code made that hands over each function when it is born?"""

from __future__ import annotations

import ast
from types import CodeType

from hotswap.compare import runs_at_definition
from hotswap.syntax import first_line

_BORN = "hotswap: born"
_BORN_DECORATED = "hotswap: born decorated"


def marked(text: str, first: int) -> list[ast.stmt]:
    """
    The syntax of a statement, with a place for a decorator at each function that it makes.

    Args:
        first: Its first line.
    """
    tree, births = ast.parse("\n" * (first - 1) + text), _Births()
    return [births.visit(node) for node in tree.body]


def put_in(code: CodeType, born: object, born_decorated: object) -> CodeType:
    """Put the decorators in their places: as constants, so no name is taken."""
    return _with_constants(code, {_BORN: born, _BORN_DECORATED: born_decorated})


def _with_constants(code: CodeType, values: dict[str, object]) -> CodeType:
    """Put objects in place of constants, in the scopes that run at once."""

    def put(const: object) -> object:
        if isinstance(const, CodeType) and runs_at_definition(const):
            return _with_constants(const, values)
        return values.get(const, const) if isinstance(const, str) else const

    return code.replace(co_consts=tuple(put(const) for const in code.co_consts))


class _Births(ast.NodeTransformer):
    """Adds an innermost decorator to each function that a statement makes, and wraps lambdas."""

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        node.decorator_list = [self.visit(decorator) for decorator in node.decorator_list]
        node.args = self.visit(node.args)
        place = node.decorator_list[0] if node.decorator_list else node
        decorator = ast.Constant(_BORN_DECORATED if node.decorator_list else _BORN)
        ast.copy_location(decorator, place)
        decorator.lineno = decorator.end_lineno = first_line(node)
        node.decorator_list.append(decorator)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._function(node)

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        node.args = self.visit(node.args)
        call = ast.Call(ast.Constant(_BORN), [node], [])
        ast.copy_location(call.func, node)
        return ast.copy_location(call, node)
