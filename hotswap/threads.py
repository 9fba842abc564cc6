"""Does a thread that a line had started run on, while the line starts another one?"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from hotswap.effects import NeedsRestart
from hotswap.values import is_a

if TYPE_CHECKING:
    from hotswap.statements import Statement


@contextlib.contextmanager
def started_once(
    statement: Statement, own: Callable[[Any], bool], *, again: bool
) -> Iterator[None]:
    """
    While the block runs, no thread starts of which there is one that does the same.

    Args:
        own: Object → whether the project's own code defines it.
        again: Whether the statement has executed before.

    Raises:
        NeedsRestart: One would.
    """
    if not again:
        yield
        return
    usual, mine = threading.Thread.start, threading.get_ident()

    def start(self: threading.Thread) -> None:
        does = _target(self) if type(self) is threading.Thread else type(self)
        others = threading.enumerate() if threading.get_ident() == mine and own(does) else ()
        if any(_does_the_same(one, self) for one in others):
            reason = "a thread runs that would be started once more"
            raise NeedsRestart(reason, (statement.path, statement.first))
        usual(self)

    threading.Thread.start = start  # type: ignore[method-assign]
    try:
        yield
    finally:
        threading.Thread.start = usual  # type: ignore[method-assign]


def check_running(value: Any, names: Iterable[str], place: tuple[str, int]) -> None:
    """
    Refuse to drop a thread that goes on.

    Raises:
        NeedsRestart: It does.
    """
    if is_a(value, threading.Thread) and value.is_alive():
        raise NeedsRestart(f"{', '.join(sorted(names))} is a thread that runs", place)


def _does_the_same(one: threading.Thread, other: threading.Thread) -> bool:
    if type(one) is not type(other):
        return False
    return type(one) is not threading.Thread or _target(one) is _target(other)


def _target(thread: threading.Thread) -> Any:
    target = getattr(thread, "_target", None)  # which goes once it has ended
    return getattr(target, "__func__", target)
