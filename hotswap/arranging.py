"""In which order does a class have its attributes? As its body gives them, in a fresh start."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import EnumMeta
from functools import partial
from typing import TYPE_CHECKING

from hotswap.bodies import is_slot
from hotswap.values import is_a

if TYPE_CHECKING:
    from hotswap.journal import Journal

_LONG = 60.0


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
    with _undisturbed():
        for name in wanted[same:]:
            value = cls.__dict__[name]
            type.__delattr__(cls, name)
            type.__setattr__(cls, name, value)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Other threads do not get their turn while an attribute is taken out and put in again."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(_LONG)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
