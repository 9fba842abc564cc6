"""Who reloads which modules in IPython, if `%autoreload` is on, too?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_BOTH = (
    "hotswap: %autoreload is on, too. It leaves alone what hotswap follows, and reloads other "
    "modules in its own way. `%hotswap on --alone` turns it off."
)


class Autoreload:
    """What a shell has of it."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._told = False

    @property
    def is_on(self) -> bool:
        """Whether it reloads anything."""
        return bool(getattr(self._own, "enabled", False))

    def turn_off(self) -> None:
        """Have it reload nothing."""
        if self.is_on:
            self._shell.run_line_magic("autoreload", "0")

    def keep_out_of(self, modules: Callable[[], Iterable[str]]) -> None:
        """
        Have it leave alone these and no others, but for what it was told itself; whoever uses both
        is told so once.
        """
        if self._own is not None:
            skipped, mine = self._own.skip_modules, set(modules())
            for name in [name for name, by in skipped.items() if by is self and name not in mine]:
                del skipped[name]
            for name in mine:
                skipped.setdefault(name, self)
        if self.is_on and not self._told:
            print(_BOTH, file=sys.stderr)  # noqa: T201
        self._told = self.is_on

    @property
    def _own(self) -> Any:
        magics = self._shell.magics_manager.registry.get("AutoreloadMagics")
        return getattr(magics, "_reloader", None)
