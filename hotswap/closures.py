"""Which functions share variables that they close over, so that none of them can change alone?"""

from __future__ import annotations

import dis
import gc
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from types import CellType, CodeType, FunctionType
from typing import TYPE_CHECKING

from hotswap.functions import become, contains

if TYPE_CHECKING:
    from hotswap.journal import Journal

Pair = tuple[FunctionType, FunctionType]
"""A living function, and the new one that it is to become."""

_STORE, _DELETE = dis.opmap["STORE_DEREF"], dis.opmap["DELETE_DEREF"]


def binds(code: CodeType) -> set[str]:
    """The variables of functions around it, or for those in it, that a function binds."""
    ops = dis.get_instructions(code) if {_STORE, _DELETE} & {*code.co_code[::2]} else ()
    return {one.argval for one in ops if one.opcode in (_STORE, _DELETE)}


def family(old: FunctionType, new: FunctionType, same: Callable[[Pair], bool]) -> list[Pair]:
    """
    Both, and what both have as an attribute that shares variables with them: `wrapper.reset`.

    Args:
        same: Whether two functions have the same code.
    """
    pairs = [(old, new)]
    for mine, theirs in pairs:
        for pair in _attributes(mine, theirs):
            if pair not in pairs and same(pair) and _are_near(pair, (mine, theirs)):
                pairs.append(pair)
    return pairs


def _attributes(one: FunctionType, other: FunctionType) -> Iterator[Pair]:
    """The functions that both have under a name."""
    for name, mine in vars(one).items():
        theirs = vars(other).get(name)
        if type(mine) is FunctionType and type(theirs) is FunctionType:
            yield mine, theirs


def _are_near(pair: Pair, other: Pair) -> bool:
    return all(_knows(one, another) for one, another in zip(pair, other, strict=True))


def _knows(one: FunctionType, other: FunctionType) -> bool:
    mine, theirs = one.__closure__ or (), other.__closure__ or ()
    return any(contains(cell, other) or any(cell is each for each in theirs) for cell in mine)


def become_together(pairs: list[Pair], journal: Journal) -> bool:
    """
    Let each become its new one, and lead to those that stay where the new ones lead to new ones.

    Returns False, with nothing done, if one of them cannot, or if functions that are not among
    them share a variable that may be bound again: the two would no longer mean the same.
    """
    names = ({one.__code__.co_freevars for one in pair} for pair in pairs)
    if any(len(each) > 1 for each in names) or _share_with_others([new for _, new in pairs]):
        return False
    for old, new in pairs:
        become(old, new, journal)
    stay = {id(new): old for old, new in pairs}
    for old, new in pairs:
        vars(old).update({name: stay.get(id(value), value) for name, value in vars(old).items()})
        for cell in (*(old.__closure__ or ()), *(new.__closure__ or ())):
            found = (one for other, one in pairs if contains(cell, one))
            if (one := next(found, None)) is not None:
                journal.set_cell(cell, stay[id(one)])
    return True


def _share_with_others(functions: list[FunctionType]) -> bool:
    closures = [one.__closure__ or () for one in functions]
    known = Counter(id(cell) for closure in closures for cell in closure)
    for function, closure in zip(functions, closures, strict=True):
        for at, name in enumerate(function.__code__.co_freevars):
            if _references(closure, at) > known[id(closure[at])] and _is_bound(name, closure[at]):
                return True
    return False


def _references(closure: tuple[CellType, ...], at: int) -> int:
    return sys.getrefcount(closure[at]) - _BY_LOOKING


_ONCE = (CellType(),)
_BY_LOOKING = sys.getrefcount(_ONCE[0]) - 1


def _is_bound(name: str, cell: CellType) -> bool:
    """Whether any living function that closes over a variable may bind it again."""
    return any(name in binds(function.__code__) for function in _sharing(cell))


def _sharing(cell: CellType) -> Iterator[FunctionType]:
    """Every living function that closes over a variable."""
    for closure in gc.get_referrers(cell):
        if type(closure) is tuple:
            holders = gc.get_referrers(closure)
            yield from (one for one in holders if type(one) is FunctionType)
