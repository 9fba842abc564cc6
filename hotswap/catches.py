"""A module fails: does somebody who imports it catch that, so that a fresh start goes on?"""

from __future__ import annotations

import ast
import builtins
from opcode import opmap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

    from hotswap.graph import Graph
    from hotswap.source import Unit
    from hotswap.statements import Statement

_HANDLERS = {opmap[name] for name in ("SETUP_FINALLY", "SETUP_WITH") if name in opmap}  # 3.10


def caught_at(graph: Graph, module: str, error: BaseException) -> tuple[str, int] | None:
    """
    A line that catches (or may catch) the failure of a module, if all who import it are saved
    by such a line; None: a fresh start fails.
    """
    place, todo, seen = None, [module], {module}
    while todo:
        name = todo.pop()
        importers = list(_importers(graph, name))
        if not importers:
            return None
        for unit, statement, inside in importers:
            if inside or may_catch(statement, error):
                place = (statement.path, statement.first)
            elif unit.name not in seen:
                seen.add(unit.name)
                todo.append(unit.name)
    return place


def _importers(graph: Graph, module: str) -> Iterator[tuple[Unit, Statement, bool]]:
    """Statements that import a module; and whether a function does it that may catch errors."""
    for unit in graph.importers(module):
        for statement in graph.outline(unit).statements:
            if statement.inert or "import" not in statement.text or statement.is_definition:
                continue
            if any(one.name == module for one in graph.imports_of(unit, statement)):
                yield unit, statement, False
    for code in graph.calls.importing:
        for site in graph.calls.of(code):
            caller = graph.units.get(site.module)
            found = graph.outline(caller).at(site.line) if caller is not None else None
            if caller is not None and found is not None and _imports(graph, code, module):
                yield caller, found, _has_handlers(code)


def _imports(graph: Graph, code: CodeType, module: str) -> bool:
    reads = graph.function_reads(code)
    return any(
        module in graph.looks(unit, reads).modules
        for unit in graph.units.values()
        if unit.path == code.co_filename
    )


def _has_handlers(code: CodeType) -> bool:
    table: bytes | None = getattr(code, "co_exceptiontable", None)  # 3.11
    return bool(table) if table is not None else not _HANDLERS.isdisjoint(code.co_code[::2])


def may_catch(statement: Statement, error: BaseException) -> bool:
    """Whether a `try` of a statement catches an error; a `with` may."""
    nodes = [one for node in statement.nodes for one in ast.walk(node)]
    handlers = [one for node in nodes if isinstance(node, ast.Try) for one in node.handlers]
    suppresses = any(isinstance(node, ast.With) for node in nodes)
    return suppresses or any(_takes(one, error) for one in handlers)


def _takes(handler: ast.ExceptHandler, error: BaseException) -> bool:
    if any(isinstance(one, ast.Raise) for one in handler.body):
        return False
    kind = handler.type
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(one is None or _is_of(error, one) for one in kinds)


def _is_of(error: BaseException, kind: ast.expr) -> bool:
    """Of a class that is not Python's own it cannot be told."""
    known = getattr(builtins, kind.id, None) if isinstance(kind, ast.Name) else None
    return not isinstance(known, type) or isinstance(error, known)
