"""What does a statement import while it executes again, also in branches and in functions?"""

from __future__ import annotations

import builtins
import contextlib
from threading import get_ident
from typing import TYPE_CHECKING, Any

from hotswap.bytecode import absolute
from hotswap.texts import with_parents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


@contextlib.contextmanager
def imports(mine: Callable[[], bool]) -> Iterator[dict[str, None]]:
    """
    While the block runs, the absolute names of what this thread imports, or what may be modules.

    Args:
        mine: Whether it is the statement that imports right now, not a module that it imported.
    """
    found: dict[str, None] = {}
    original, thread = builtins.__import__, get_ident()

    def hear(
        name: str,
        globals: Mapping[str, Any] | None = None,  # noqa: A002 - as `__import__` has it
        locals: Mapping[str, Any] | None = None,  # noqa: A002
        fromlist: Any = (),
        level: int = 0,
    ) -> Any:
        if get_ident() == thread and mine():
            package = (globals or {}).get("__package__") or ""
            target = absolute(level, name, package)
            found.update(dict.fromkeys(with_parents(target)))
            found.update((f"{target}.{each}", None) for each in fromlist or ())
        return original(name, globals, locals, fromlist, level)

    builtins.__import__ = hear
    try:
        yield found
    finally:
        if builtins.__import__ is hear:  # else somebody else listens by now, and calls it
            builtins.__import__ = original
