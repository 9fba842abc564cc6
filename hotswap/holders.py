"""Who holds an object, besides what belongs to it and besides our own books?"""

from __future__ import annotations

import gc
import sys
from types import FrameType, FunctionType, ModuleType
from typing import Any

from hotswap.values import attributes, is_a

_MANY = 10_000
_TEMPORARY = 3
"""References to the arguments of a call that is over: our list, our variable, and this call."""


def is_in_use(value: Any) -> bool:
    """Whether an object is an attribute of another one that is no part of it."""
    found = _owners(value)
    return not all(_is_part(one, value, {id(found)}) for one in found)


def is_held(value: Any) -> bool:
    """Whether anybody has an object."""
    return not _is_part(value, value, set())


def _owners(value: Any) -> list[Any]:
    """What has an attribute that is `value`; an instance may have no dict before one asks."""
    holders = gc.get_referrers(value)
    dicts = [one for one in holders if type(one) is dict]
    holders += gc.get_referrers(*dicts) if dicts else []
    return [one for one in holders if not _is_passed(one) and _has(one, value)]


def _has(holder: Any, value: Any) -> bool:
    if is_a(holder, (ModuleType, FunctionType, type)):
        return False
    return any(value is one for one in attributes(holder).values())


def _is_part(value: Any, whole: Any, seen: set[int]) -> bool:
    """Whether nobody holds `value` but `whole`, and what is only in our books by now."""
    level, reached = [value], False
    roots = (whole, getattr(whole, "__dict__", whole))
    seen |= {id(value), *map(id, roots), id(roots)}
    on_stacks = _on_stacks()
    while level and len(seen) < _MANY:
        if not on_stacks.isdisjoint(map(id, level)):
            return False
        found = [one for one in gc.get_referrers(*level) if sys.getrefcount(one) > _TEMPORARY]
        seen |= {id(level), id(found)}  # which hold all that, too
        reached = reached or any(
            _is_book(one) or any(one is root for root in roots) for one in found
        )
        level = [one for one in found if id(one) not in seen and not _is_passed(one)]
        if any(is_a(one, (ModuleType, type)) for one in level):
            return False
        seen.update(map(id, level))
        del found
    return reached and not level


def _is_passed(holder: Any) -> bool:
    return is_a(holder, FrameType) or _is_book(holder)


def _is_book(holder: Any) -> bool:
    """Whether it is ours, and knows what was there before."""
    return _is_ours(holder.__globals__ if is_a(holder, FunctionType) else vars(type(holder)))


def _is_ours(space: Any) -> bool:
    module = space.get("__name__") or space.get("__module__")
    return isinstance(module, str) and module.partition(".")[0] == __package__


def _on_stacks() -> set[int]:
    """By id, what local variables of running functions hold, other than ours."""
    found: set[int] = set()
    for frame in sys._current_frames().values():
        at: FrameType | None = frame
        while at is not None:
            if not _is_ours(at.f_globals):
                found |= {id(one) for one in at.f_locals.values()}
            at = at.f_back
    del frame  # a frame that holds itself lives on, with all that its callers hold
    return found
