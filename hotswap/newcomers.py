"""
What do modules import that a line is about to import for the first time?

What they ask for has to be there before. They are read, and their parents' names; nothing runs.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from hotswap import bytecode, source, texts
from hotswap.registries import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hotswap.graph import Graph
    from hotswap.journal import Journal
    from hotswap.source import Unit
    from hotswap.statements import Statement


def imported_by_new(graph: Graph, unit: Unit, statement: Statement) -> Iterator[Unit]:
    """The followed modules that are imported by such files, and by those that they lead to."""
    todo = list(graph.looks(unit, statement.reads).modules)
    found: dict[str, str] = {}
    while todo:
        name = todo.pop(0)
        if name in found or not _may_be_new(name):
            continue
        path = found[name] = _file_of(name, found)
        if path.endswith(".py") and _is_beside(graph, name, path):
            names = _imported(name, path)
            yield from (graph.units[one] for one in names if one in graph.units)
            todo += names


def keep_from(
    graph: Graph,
    unit: Unit,
    statement: Statement,
    own: Callable[[Any], bool],
    journal: Journal,
) -> None:
    """A module that is imported for the first time may enter something anywhere."""
    names = graph.looks(unit, statement.reads).modules
    tops = {name.partition(".")[0] for name in names if not _is_there(name)}
    if tops - sys.stdlib_module_names:
        Watch.over(list(graph.units.values()), own, journal)


def _is_there(name: str) -> bool:
    """Whether a module is imported, or what may be one is an attribute of its package."""
    parent, _, child = name.rpartition(".")
    return name in sys.modules or (parent in sys.modules and child in vars(sys.modules[parent]))


def _may_be_new(name: str) -> bool:
    """Not what is an attribute of a module that there is: that is what an import would take."""
    parent, _, child = name.rpartition(".")
    if name in sys.modules or name.partition(".")[0] in sys.stdlib_module_names:
        return False
    space = vars(sys.modules[parent]) if parent in sys.modules else {"__path__": None}
    return "__path__" in space and child not in space


def _file_of(name: str, found: dict[str, str]) -> str:
    parent, _, child = name.rpartition(".")
    if parent in found:
        folder = os.path.join(os.path.dirname(found[parent]), child)
        ways = (f"{folder}.py", os.path.join(folder, "__init__.py"))
        is_package = os.path.basename(found[parent]) == "__init__.py"
        return next((way for way in ways if is_package and os.path.exists(way)), "")
    try:
        return source.found_at(name) or ""
    except (ImportError, ValueError):
        return ""


def _is_beside(graph: Graph, name: str, path: str) -> bool:
    """Whether a file is most likely the project's own: it is where others are."""
    if name.partition(".")[0] in graph.units:
        return True
    folder = os.path.dirname(path)
    folders = {os.path.dirname(unit.path) for unit in graph.units.values()}
    return folder in folders or os.path.dirname(folder) in folders


def _imported(name: str, path: str) -> tuple[str, ...]:
    """Absolute names of what may be modules."""
    try:
        code = compile(source.read(path)[0], path, "exec", dont_inherit=True)
    except (OSError, SyntaxError, ValueError):
        return ()  # its import will say so
    is_package = os.path.basename(path) == "__init__.py"
    package = name if is_package else name.rpartition(".")[0]
    return texts.look(bytecode.read(code), package).modules
