"""Who holds an object, besides what belongs to it and besides our own books?"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable, Iterator
from types import FrameType, FunctionType, ModuleType
from typing import Any

from hotswap.values import attributes, is_a

_MANY = 10_000
_LIVING = frozenset({"proxies", "repl", "servers"})
"""Parts of hotswap whose objects are no books: they hold what is the program's, as it runs."""
_TEMPORARY = 3
"""References to the arguments of a call that is over: our list, our variable, and this call."""


def is_in_use(value: Any) -> bool:
    """Whether an object is an attribute of another one that is no part of it."""
    found = _owners(value)
    return not all(_are_parts([one], [value], {id(found)}) for one in found)


def are_held(values: list[Any], among: Iterable[Any] = ()) -> bool:
    """Whether anybody has one of these objects, others `among` which they are aside."""
    whole = [*values, *among]
    return not _are_parts(values, whole, {id(values), id(among)})


def _owners(value: Any) -> list[Any]:
    """What has an attribute that is `value`; an instance may have no dict before one asks."""
    holders = gc.get_referrers(value)
    dicts = [one for one in holders if type(one) is dict]
    holders += gc.get_referrers(*dicts) if dicts else []
    found = [one for one in holders if not _is_passed(one) and _has(one, value)]
    holders.clear()  # on 3.10 this very frame is among them: it would hold itself, and live on
    return found


def _has(holder: Any, value: Any) -> bool:
    if is_a(holder, (ModuleType, FunctionType, type)):
        return False
    return any(value is one for one in attributes(holder).values())


def is_hidden(value: Any) -> bool:
    """Whether anything holds an object that cannot be found: calls in progress, objects of C's."""
    return _surplus(value) > _LEAST


def _surplus(value: Any) -> int:
    """One call further from who asks, as the one that is measured."""
    return _unexplained(value)


def _unexplained(value: Any) -> int:
    """How many references there are to an object beyond those of what can be found."""
    found = gc.get_referrers(value)
    known = sum(one is value for holder in found for one in gc.get_referents(holder))
    found.clear()  # as above
    return sys.getrefcount(value) - known


def _as_asked(value: Any) -> int:
    return _surplus(value)


(_LEAST,) = map(_as_asked, [object()])
"""References that looking at an object takes itself."""


def _are_parts(values: list[Any], wholes: list[Any], seen: set[int]) -> bool:
    """Whether nobody holds `values` but `wholes`, and what is only in our books by now."""
    level, reached = list(values), False
    roots = [one for whole in wholes for one in (whole, attributes(whole))]
    seen |= {id(values), id(wholes), id(roots), *map(id, values), *map(id, roots)}
    passed = {id(root) for root in roots}
    on_stacks = _on_stacks()
    while level and len(seen) < _MANY:
        if not on_stacks.isdisjoint(map(id, level)):
            return False
        found = _holders(level)
        seen |= {id(level), id(found)}  # which hold all that, too
        if any(is_a(one, FrameType) for one in found):
            return False
        reached = reached or any(id(one) in passed or is_book(one) for one in found)
        near = set(map(id, level))
        level = [one for one in found if id(one) not in seen and not _is_passed(one)]
        level = [one for one in level if not _only_annotates(one, near)]
        if any(is_a(one, (ModuleType, type)) for one in level):
            return False
        seen.update(map(id, level))
    return reached and not level


def _holders(level: list[Any]) -> list[Any]:
    """Who has one of these; of frames only such that neither run nor are our own."""
    found = gc.get_referrers(*level)
    lasting = [
        one
        for one in found
        if sys.getrefcount(one) > _TEMPORARY and not (is_a(one, FrameType) and not _waits(one))
    ]
    found.clear()  # as above
    return lasting


def _only_annotates(holder: Any, near: set[int]) -> bool:
    """Whether a function only says that it takes or gives such a thing, and cannot reach it."""
    if not is_a(holder, FunctionType):
        return False
    parts = (holder.__closure__, holder.__defaults__, holder.__kwdefaults__, holder.__dict__)
    return near.isdisjoint(map(id, (*parts, holder.__code__)))


def _is_passed(holder: Any) -> bool:
    return is_a(holder, FrameType) or is_book(holder)


def is_book(holder: Any) -> bool:
    """Whether it is ours, and knows what was there before."""
    return _is_ours(holder.__globals__ if is_a(holder, FunctionType) else vars(type(holder)))


def _is_ours(space: Any) -> bool:
    module = space.get("__name__") or space.get("__module__")
    package, _, part = module.partition(".") if isinstance(module, str) else ("", "", "")
    return package == __package__ and part.partition(".")[0] not in _LIVING


def _waits(frame: FrameType) -> bool:
    """Whether it is of a generator that waits; one of ours may just not be collected (3.10)."""
    return not (_is_ours(frame.f_globals) or id(frame) in _running())


def _running() -> set[int]:
    """By id, the frames of calls in progress."""
    return {id(frame) for frame in _frames()}


def _on_stacks() -> set[int]:
    """By id, what local variables of running functions hold, other than ours."""
    theirs = (frame for frame in _frames() if not _is_ours(frame.f_globals))
    return {id(one) for frame in theirs for one in frame.f_locals.values()}


def _frames() -> Iterator[FrameType]:
    """The calls in progress, of each thread."""
    for innermost in sys._current_frames().values():
        at: FrameType | None = innermost
        while at is not None:
            yield at
            at = at.f_back
    del innermost  # a frame that holds itself lives on, with all that its callers hold
