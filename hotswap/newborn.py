"""How is code made that hands over each function when it is born, and tells what it has set?"""

from __future__ import annotations

import ast
from types import CodeType

from hotswap.compare import runs_at_definition
from hotswap.syntax import chain_of, first_line, parts_of

_BORN = "hotswap: born"
_BORN_DECORATED = "hotswap: born decorated"
_SET = "hotswap: set"


def marked(text: str, first: int) -> list[ast.stmt]:
    """
    The syntax of a statement, with a place for a decorator at each function that it makes, and
    for a call after each attribute that it sets in a block.

    Args:
        first: Its first line.
    """
    tree, births = ast.parse("\n" * (first - 1) + text), _Births()
    return [births.visit(node) for node in map(_Stores().in_blocks, tree.body)]


def put_in(code: CodeType, born: object, born_decorated: object, was_set: object) -> CodeType:
    """Put what is called in its place: as constants, so no name is taken."""
    values = {_BORN: born, _BORN_DECORATED: born_decorated, _SET: was_set}
    return _with_constants(code, values)


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


class _Stores(ast.NodeTransformer):
    """Adds a call after each assignment to an attribute, but in functions and classes."""

    def in_blocks(self, node: ast.stmt) -> ast.stmt:
        """The same statement, if it is no assignment itself."""
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
            return node
        changed: ast.stmt = self.visit(node)
        return changed

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return node

    def visit_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        return self._told(node, node.targets)

    def visit_AugAssign(self, node: ast.AugAssign) -> list[ast.stmt]:
        return self._told(node, [node.target])

    def visit_AnnAssign(self, node: ast.AnnAssign) -> list[ast.stmt]:
        return self._told(node, [node.target] if node.value else [])

    def _told(self, node: ast.stmt, targets: list[ast.expr]) -> list[ast.stmt]:
        set_on = [one for one in parts_of(targets) if isinstance(one, ast.Attribute)]
        calls = [
            ast.Expr(ast.Call(ast.Constant(_SET), [ast.Constant(".".join(chain_of(one)))], []))
            for one in set_on
        ]
        return [node, *(ast.fix_missing_locations(ast.copy_location(one, node)) for one in calls)]
