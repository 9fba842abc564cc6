"""
Was what a line asks for made before the edit, and remembered by a variable since?

`if _settings is None: _settings = load()`: when `load` has changed, who asked for settings does so
again, and is given the former ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import CodeType
from typing import TYPE_CHECKING

from hotswap.compare import runs_at_definition
from hotswap.effects import NeedsRestart

if TYPE_CHECKING:
    from hotswap.statements import Statement

Otherwise = Callable[[Iterable[CodeType]], bool]


def recalled(
    statement: Statement,
    before: Iterable[CodeType],
    after: Iterable[CodeType],
    otherwise: Otherwise,
    remembers: Callable[[CodeType], bool],
) -> list[CodeType]:
    """
    The functions that a line rests on though they no longer run for it: those that name them do
    what they did, and did not call them.

    Args:
        before: The functions that ran for a statement when it was executed before.
        after: Those that ran for it now.
        remembers: Function → whether Python itself answers for it from memory.
        otherwise: Functions → whether any of them does something else by now.

    Raises:
        NeedsRestart: One of them does something else by now, and only a fresh start calls it.
    """
    after = list(after)
    ran = {(code.co_filename, code.co_name) for code in after}
    chosen = {name for code in after if otherwise([code]) for name in code.co_names}
    left = [
        code
        for code in before
        if (code.co_filename, code.co_name) not in ran
        and (code.co_name not in chosen or remembers(code))
        and not runs_at_definition(code)
    ]
    for code in left:
        if code.co_name not in chosen and otherwise([code]):
            reason = f"what {code.co_name} made is remembered, and asked for again"
            raise NeedsRestart(reason, (statement.path, statement.first))
    return left
