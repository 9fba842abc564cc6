"""How do the books, ours and Python's, come to say what an edited file says?"""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

from hotswap import kin
from hotswap.journal import reorder
from hotswap.lineage import register
from hotswap.values import is_a

if TYPE_CHECKING:
    from hotswap.alignment import Alignment
    from hotswap.books import Books
    from hotswap.detect import Edit


class Renewal:
    """
    The books of modules.

    Args:
        books: Those of the transaction.
    """

    def __init__(self, books: Books) -> None:
        self._tracker, self._graph = books.tracker, books.graph
        self._lineage, self._journal = books.lineage, books.journal

    def remember_imports(self) -> None:
        """What is imported, and from where, comes back if the transaction fails."""
        for paths in (sys.path, sys.meta_path, sys.path_hooks):
            self._journal.keep_container(paths)
        units, modules = dict(self._tracker.units), dict(sys.modules)
        failed = dict(self._tracker.failed)

        def undo() -> None:
            new = sys.modules.keys() - modules.keys()
            lost = new | (self._tracker.failed.keys() - failed.keys())
            for name in new:
                module = sys.modules.pop(name)
                parent, _, child = name.rpartition(".")
                space = vars(modules[parent]) if parent in modules else {}
                if space.get(child) is module:
                    del space[child]
            for mine, before in ((self._tracker.units, units), (self._tracker.failed, failed)):
                mine.clear()
                mine.update(before)  # type: ignore[arg-type]
            if lost:
                kin.forget(self._graph, lost)

        self._journal.note(undo)

    def take_over(self, edit: Edit) -> None:
        """The unit's books say from now on what the file says."""
        unit = edit.unit
        self._graph.touch(unit)
        self._journal.note(partial(self._graph.touch, unit))
        before = (unit.data, unit.code, unit.stamp)

        def undo() -> None:
            unit.data, unit.code, unit.stamp = before

        self._journal.note(undo)
        sites = self._tracker.calls.sites_of(unit.name)
        lines = {site.line: edit.new_line(site.line) for site in sites}
        edit.dropped = {site: site.line for site in sites if not lines[site.line]}
        unit.data, unit.code, unit.stamp = edit.data, edit.code, edit.stamp
        if edit.alignment is not None:
            self._graph.take_outline(unit, edit.new_outline)  # and what is prepared in it
        register(edit.pairs, self._lineage, self._journal)
        self._tracker.calls.renew(self._lineage, unit.path, self._journal)
        self._tracker.calls.move(unit.name, lines, self._journal)

    def take_annotations(self, edit: Edit) -> None:
        """
        Names that are annotated no more. A module without annotations has no book of them; one
        with any has, be they under `if TYPE_CHECKING:`, as its code says before all else.
        """
        if edit.alignment is None:
            return
        space, annotated = edit.unit.namespace, edit.new_outline.annotates
        book = space.get("__annotations__")
        if annotated and not edit.old_outline.annotates and book is None:
            self._journal.set_item(space, "__annotations__", {})
        lost = edit.old_outline.annotates - _annotated(edit.alignment)
        if not lost or not is_a(book, dict):
            return
        for name in lost:
            self._journal.del_item(book, name)
        if not book and not annotated:
            self._journal.del_item(space, "__annotations__")

    def order_annotations(self, edit: Edit) -> None:
        """In the order of the statements, also of those that have come later."""
        book = edit.unit.namespace.get("__annotations__")
        if edit.alignment is None or not is_a(book, dict):
            return
        statements = edit.alignment.new
        places = {name: one.index for one in reversed(statements) for name in one.annotates}
        keys = sorted(book, key=lambda name: places.get(name, len(statements)))
        if keys != list(book):
            self._journal.keep_container(book)
            reorder(book, keys)


def _annotated(alignment: Alignment) -> set[str]:
    """Names that are annotated where they were, or for sure: a block may not be entered."""
    found: set[str] = set()
    for statement in alignment.new:
        before = alignment.counterpart.get(statement.index)
        known = before.annotates if before is not None else frozenset()
        found |= statement.annotates & known if statement.is_compound else statement.annotates
    return found
