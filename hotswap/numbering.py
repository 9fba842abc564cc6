"""Who has given a number to each thing that is entered, so that none can come or go between?"""

from __future__ import annotations

from opcode import opmap
from types import CodeType
from typing import TYPE_CHECKING

from hotswap.effects import NeedsRestart
from hotswap.entries import Entry
from hotswap.values import is_a

if TYPE_CHECKING:
    from hotswap.made import Made

_FILLING = frozenset({"append", "add", "extend", "insert", "setdefault", "update"})
_FILLS = opmap["STORE_SUBSCR"]


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
    name = where.rpartition(".")[2]
    for code in made.ran:
        if name in code.co_names and numbers_entries(code) and made.runs_below(code):
            raise _moved(where)


def numbers_entries(code: CodeType) -> bool:
    """Whether a function asks how many there are of something, and may fill it itself."""
    names = set(code.co_names)
    return "len" in names and bool(names & _FILLING or _FILLS in code.co_code[::2])


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
