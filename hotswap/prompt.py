"""Which names that somebody has typed follow what was imported by them?"""

from __future__ import annotations

import sys
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any

from hotswap.repl import typed
from hotswap.values import MISSING, is_a

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hotswap.books import Books


class Prompt:
    """
    The namespace of who types, if anybody does.

    Args:
        books: Those of the transaction.
    """

    def __init__(self, books: Books) -> None:
        self._tracker, self._graph = books.tracker, books.graph
        self._journal, self._before = books.journal, books.before

    def refresh(self) -> None:
        """Names that were imported at a prompt: no statement of a file binds them."""
        for origins in (self._tracker.typed, *self._tracker.typed_in.values()):
            typed.settle(origins)
        prompt, bound = self._namespace()
        if prompt is not None:
            self._follow(prompt, bound, self._typed)
        for module, origins in list(self._tracker.typed_in.items()):
            if module in sys.modules:
                unit = self._tracker.units.get(module)
                bound = frozenset(self._graph.reads(unit).binds) if unit else frozenset()
                self._follow(vars(sys.modules[module]), bound, partial(_imported, origins))

    def _follow(
        self,
        prompt: dict[str, Any],
        bound: frozenset[str],
        typed_as: Callable[[str, str, Any], set[str]],
    ) -> None:
        for module, before in list(self._before.items()):
            space = vars(sys.modules[module]) if module in sys.modules else {}
            for name, old in before.items():
                new = space.get(name, MISSING)
                if new is old or new is MISSING:
                    continue
                for mine in typed_as(module, name, old) - bound:
                    if prompt.get(mine, MISSING) is old:
                        self._journal.set_item(prompt, mine, new)

    def _namespace(self) -> tuple[dict[str, Any] | None, frozenset[str]]:
        """The namespace of a prompt, if there may be one, and the names that a file binds there."""
        main = self._tracker.units.get("__main__")
        if main is None:
            return typed.namespace(), frozenset()
        return (None if main.script else main.namespace), frozenset(self._graph.reads(main).binds)

    def _typed(self, module: str, name: str, old: Any) -> set[str]:
        """
        The names under which somebody who types may have imported it; a module has most likely
        been imported as such.
        """
        origins = self._tracker.typed
        found = _imported(origins, module, name, old)
        return found if name in origins or is_a(old, ModuleType) else found | {name}


def _imported(
    origins: Mapping[str, typed.Origin | None], module: str, name: str, _: Any
) -> set[str]:
    """The names under which it was imported, of those that were noted down."""
    return {mine for mine, origin in list(origins.items()) if origin == (module, name)}
