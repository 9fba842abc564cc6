"""How does what `functools.partial` and `partialmethod` have given come to call something else?"""

from __future__ import annotations

import gc
from functools import partial, partialmethod
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hotswap.journal import Journal


def refill_partial(held: Any, state: Any, journal: Journal) -> None:
    """Let a held partial call what another one does, which has this state."""
    journal.note(partial(held.__setstate__, held.__reduce__()[2]))
    held.__setstate__(state)


def lead_bound(old: partialmethod[Any], new: partialmethod[Any], journal: Journal) -> None:
    """`instance.method` is a partial of its own each time: those that live follow, too."""
    if type(old.func) is not FunctionType or type(new.func) is not FunctionType:
        return
    if old.func is new.func and _is_given(old, new.args, new.keywords):
        return
    bound = [one for one in gc.get_referrers(old.func) if type(one) is MethodType]
    found = gc.get_referrers(*bound) if bound else []
    for one in [one for one in found if type(one) is partial]:
        method = one.func
        if type(method) is MethodType and _is_given(old, one.args, one.keywords):
            method = MethodType(new.func, method.__self__)
            refill_partial(one, (method, new.args, new.keywords, vars(one)), journal)


def _is_given(one: partialmethod[Any], args: tuple[Any, ...], keywords: dict[str, Any]) -> bool:
    """Whether these very arguments are those of a partial method."""
    if len(one.args) != len(args) or one.keywords.keys() != keywords.keys():
        return False
    same = all(mine is theirs for mine, theirs in zip(one.args, args, strict=True))
    return same and all(one.keywords[name] is keywords[name] for name in keywords)
