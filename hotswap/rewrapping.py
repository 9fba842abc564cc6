"""How does a wrapper of wrapt's, that somebody holds, come to wrap something else?"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hotswap.journal import Journal

_PARTS = ("__wrapped__", "_self_wrapper", "_self_enabled")


def rewrap(held: Any, other: Any, journal: Journal) -> bool:
    """Let it wrap what another one does, in the same way; says whether it could."""
    before = [getattr(held, name) for name in _PARTS]
    try:
        for name in _PARTS:
            setattr(held, name, getattr(other, name))
    except (AttributeError, TypeError):
        return False
    for name, value in zip(_PARTS, before, strict=True):
        journal.note(partial(setattr, held, name, value))
    return True
