"""How does the code of a statement run, and what is found out meanwhile?"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator
from types import CodeType
from typing import TYPE_CHECKING

from hotswap import cradle, hearing, kin, libraries, notyet, schemas, stored
from hotswap.effects import NeedsRestart
from hotswap.namespaces import Stores, make_room_for_submodules, put_back_submodules
from hotswap.recalled import recalled
from hotswap.steps import Step
from hotswap.threads import started_once
from hotswap.written import Written

if TYPE_CHECKING:
    from hotswap.books import Books
    from hotswap.instead import Places
    from hotswap.source import Unit
    from hotswap.statements import Statement
    from hotswap.swap import Swap


class StatementFailed(Exception):  # noqa: N818 - carries the user's error
    """Executing a statement raised; the cause is the user's exception."""

    def __init__(self, step: Step, error: BaseException) -> None:
        super().__init__(str(error))
        self.step, self.error = step, error


class Runs:
    """
    The statements of a transaction.

    Args:
        books: Those of the transaction.
        places: What modules have put in their own place.
    """

    def __init__(self, books: Books, swap: Swap, places: Places) -> None:
        self._books, self._swap, self._places = books, swap, places
        self._tracker, self._graph, self._own = books.tracker, books.graph, books.own
        self._journal, self._births, self._stars = books.journal, books.births, books.stars
        self.written = Written(books)
        self.imported: Collection[str] | None = None
        """What the last one has imported, if that was heard."""

    def run(self, step: Step, statement: Statement) -> None:
        """
        Execute a statement in the namespace of its module.

        Raises:
            StatementFailed: It raised.
        """
        unit = step.unit
        self._graph.touch(unit)  # it may import something by another name
        outline = self._graph.outline(unit)
        self._births.begin(unit, self._graph.code(unit), statement)
        self._births.hooks = stored.hooks_of(self._books, unit, statement, step.rebuild)
        was_set: set[str] = set()
        code = statement.executable(cradle.born, cradle.born_decorated, was_set.add)
        make_room_for_submodules(unit, statement, self._graph)
        try:
            with (
                kin.as_there(self._graph, unit, statement, self._journal),
                libraries.same_names(),
                self._seen_anew(step, statement, code),
                notyet.half_done(self._graph, unit, statement),
                started_once(statement, self._own, again=step.status != "added"),
                schemas.another_version(unit, self._journal),
                self._places.kept(unit, statement, outline),
                self._imports_heard(statement, code) as self.imported,
            ):
                self._exec(unit, statement, code)
        except NeedsRestart:
            raise
        except BaseException as error:
            raise StatementFailed(step, error) from error
        if step.status != "added" and statement.is_compound:
            stored.refuse_unset(unit, step.old or statement, was_set, self._own)
        put_back_submodules(unit, statement, self._graph)

    def _imports_heard(
        self, statement: Statement, code: CodeType
    ) -> contextlib.AbstractContextManager[Collection[str] | None]:
        """What it imports in branches, and in functions that it calls."""
        if statement.is_import:
            return contextlib.nullcontext()
        return hearing.imports(lambda: getattr(self._tracker.running, "code", None) is code)

    @contextlib.contextmanager
    def _seen_anew(self, step: Step, statement: Statement, code: CodeType) -> Iterator[None]:
        """What runs for a statement is noted down; what ran for it before is forgotten."""
        unit, calls, swap = step.unit, self._tracker.calls, self._swap
        before = self._graph.ran_for(unit, statement)
        calls.forget(unit.name, statement.first, statement.last, self._journal)
        with self._tracker.on_behalf_of(unit, code):
            yield
        again = step.status == "repeated" and not statement.is_import
        after = self._graph.ran_for(unit, statement) if before and again else []
        if before and again and not swap.may_choose(unit, statement.reads, before, after):
            for one in recalled(statement, before, after, swap.do_otherwise, self._graph.is_cached):
                calls.add(one, calls.site(unit.name, statement.first))

    def _exec(self, unit: Unit, statement: Statement, code: CodeType) -> None:
        outline, self._births.dropped = self._graph.outline(unit), cradle.stand_ins()
        if notyet.asks_for_all(unit, statement):
            own = notyet.first_bound(outline, statement)
            self.written.forget(unit, own)
            with notyet.as_it_is_there(self._graph, unit, statement):
                exec(code, unit.namespace)  # noqa: S102
            for name in own - unit.namespace.keys():
                self._stars.fall_back(unit, name)
            return
        self.written.forget(unit, notyet.asked_too_early(outline, statement))
        if statement.is_compound:
            self._run_block(unit, statement, code)
        else:
            exec(code, unit.namespace)  # noqa: S102

    def _run_block(self, unit: Unit, statement: Statement, code: CodeType) -> None:
        """What another branch of an `if` had bound goes, if nothing else binds it."""
        space = unit.namespace
        stores = Stores(space)
        exec(code, space, stores)  # type: ignore[arg-type]  # noqa: S102
        outline = self._graph.outline(unit)
        for name in statement.binds - stores.names - stores.asked:
            if outline.binders(name)[0] == statement.index:
                self._stars.fall_back(unit, name)
