"""
What had others set on a class as they were told that it was made, and do they set it again?

Some make names up, as by `setattr(cls, "get_" + name, …)`: what stays of such is theirs, or what
the program has given to the class since.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator
from enum import EnumMeta
from typing import TYPE_CHECKING, NamedTuple

from hotswap.bodies import OURS, is_slot
from hotswap.classes import stays
from hotswap.effects import NeedsRestart
from hotswap.values import is_a

if TYPE_CHECKING:
    from hotswap.journal import Journal
    from hotswap.statements import Statement


class Hooks(NamedTuple):
    """What those do who are told."""

    names: Collection[str] = ()
    """Attributes that they set."""
    may_make_up: Callable[[str], bool] = lambda _: False
    """Whether they may set an attribute by a name that is nowhere written."""
    others_may: Callable[[], bool] = lambda: False
    """Whether others of the program's own code may do so, too."""


@contextlib.contextmanager
def told_anew(
    cls: type, hooks: Hooks, statement: Statement, journal: Journal
) -> Iterator[list[type]]:
    """
    Take away what hooks had set: they do again, or not. What is made meanwhile goes into the list.

    Raises:
        NeedsRestart: What is not set again may be the program's own.
    """
    own = {one for one in vars(cls).keys() - OURS if not is_slot(vars(cls)[one])}
    kept = sorted(name for name in own if stays(cls, name, statement))
    made_up = [] if is_a(cls, EnumMeta) else [one for one in kept if hooks.may_make_up(one)]
    for name in {*made_up, *hooks.names}.intersection(kept):
        journal.del_class_attr(cls, name)
    made: list[type] = []
    yield made
    for name in [one for one in made_up if made and not any(one in vars(each) for each in made)]:
        if not _is_made_of(name, own.difference(kept)) or hooks.others_may():
            place = (statement.path, statement.first)
            why = f"{cls.__qualname__}.{name} may be what was set as the class was made"
            raise NeedsRestart(f"{why}, and is not set again", place)


def _is_made_of(name: str, names: Collection[str]) -> bool:
    """Whether a name has one of others in it, as `get_x` has `x`."""
    return any(f"_{one}_" in f"_{name}_" for one in names)
