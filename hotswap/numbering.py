"""Who has given a number to each thing that is entered, so that none can come or go between?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from types import CodeType
from typing import TYPE_CHECKING, Any

from hotswap.effects import NeedsRestart
from hotswap.entries import Entry
from hotswap.fills import counted_by
from hotswap.values import is_a

if TYPE_CHECKING:
    from hotswap.made import Made


def check(where: str, before: list[Entry], now: list[Entry]) -> None:
    """
    Refuse to leave gaps or doubles in what is numbered.

    Raises:
        NeedsRestart: There would be some.
    """
    if _is_numbered(before) and not _is_numbered(now):
        raise _moved(where)


def check_below(where: str, made: Made) -> None:
    """
    Refuse to enter what is not the last, for a function that asks how many there are.

    Raises:
        NeedsRestart: One that ran for the statement does, and ran for a later line, too.
    """
    if any(made.runs_below(code) for code in _counting(where, made)):
        raise _moved(where)


def check_again(where: str, container: Any, made: Made) -> None:
    """
    Refuse what is counted, and goes on from what an earlier run has left.

    Raises:
        NeedsRestart: It is made for that, or a function does so that ran for the statement.
    """
    if is_a(container, Counter) or any(_counting(where, made)):
        raise NeedsRestart(f"{where} would be changed once more by what executes again")


def _counting(where: str, made: Made) -> Iterator[CodeType]:
    name = where.partition("[")[0].rpartition(".")[2]
    return (code for code in made.ran if name in code.co_names and name in counted_by(code))


def _is_numbered(entries: list[Entry]) -> bool:
    """Whether each has its place in it: `rows.append((len(rows), f))`, `rows[len(rows)] = f`."""
    if entries and all(type(key) is int and key == at for at, (key, _) in enumerate(entries)):
        return True
    return bool(entries) and all(
        is_a(value, (list, tuple)) and any(type(one) is int and one == index for one in value[:16])
        for index, (_, value) in enumerate(entries)
    )


def _moved(where: str) -> NeedsRestart:
    return NeedsRestart(f"{where} numbers what is entered, and others have moved")
