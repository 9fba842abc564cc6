"""In which order does a class have its attributes? As its body gives them, in a fresh start."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from enum import EnumMeta
from functools import partial
from itertools import chain, repeat
from typing import TYPE_CHECKING

from hotswap.bodies import is_slot
from hotswap.values import is_a

if TYPE_CHECKING:
    from hotswap.journal import Journal


def arranged(attributes: Mapping[str, object]) -> list[str]:
    """The attributes whose order anybody may see, in their order."""
    return [
        name
        for name, value in attributes.items()
        if is_a(name, str) and name.isidentifier() and not (_is_special(name) or is_slot(value))
    ]


def _is_special(name: str) -> bool:
    return name[:2] == "__" == name[-2:]


def keep_order(cls: type, journal: Journal) -> None:
    """Remember the order: attributes are about to come and go."""
    journal.note(partial(arrange, cls, arranged(vars(cls))))


def arrange(cls: type, names: Iterable[str]) -> None:
    """Let a class have these attributes in this order, and what else it has behind them."""
    if is_a(cls, EnumMeta):
        return
    now = arranged(vars(cls))
    wanted = list(dict.fromkeys([*(name for name in names if name in now), *now]))
    same = next((at for at, name in enumerate(now) if wanted[at] != name), len(now))
    names = wanted[same:]
    values = [cls.__dict__[name] for name in names]
    taken = map(type.__delattr__, repeat(cls), names)
    put = map(type.__setattr__, repeat(cls), names, values)
    deque(chain(taken, put), maxlen=0)  # one call: no other thread gets its turn in between
