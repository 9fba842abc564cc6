"""What ran before? What it takes to take a reload back, the last one first."""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from hotswap.lookups import Key
from hotswap.seen import Past
from hotswap.values import MISSING

if TYPE_CHECKING:
    from hotswap.seen import Seen
    from hotswap.source import Unit

KEPT = 50
"""Reloads that can be taken back, one after the other."""

_DATA = (bool, int, float, complex, str, bytes, type(None))


class History:
    """
    The generations of code: which one runs, and which ones there were.

    Of the objects that a reload replaced none is held: it may be a socket, or a member of a
    registry that holds its members weakly. To take a reload back is to apply the former sources.
    """

    def __init__(self, units: Mapping[str, Unit]) -> None:
        self._units = units
        self._past: deque[Past] = deque(maxlen=KEPT)
        self._latest = 0
        self.generation = 0
        """The one that runs."""
        self._left: dict[Key, Callable[[Any], bool]] = {}
        """Names that reloads bound: whether a value is the one that was bound then."""

    @property
    def last(self) -> Past | None:
        """The reload that would be taken back."""
        return self._past[-1] if self._past else None

    def advance(self, seen: Seen, joined: frozenset[str]) -> None:
        """A reload was applied."""
        self._latest += 1
        self._past.append(
            Past(self._latest, self.generation, seen.sources, joined, seen.paths, seen.obstacle)
        )
        self.generation = self._latest

    def go_back(self) -> None:
        """The last reload was taken back."""
        self.generation = self._past.pop().before

    def remember(self, bound: Iterable[Key]) -> None:
        """These names were bound, by one or the other."""
        for key in bound:
            self._left[key] = _recogniser(self._value(key))

    def assigned_since(self) -> dict[Key, Any]:
        """Names that a reload bound and that hold something else by now."""
        held = {key: self._value(key) for key in self._left}
        return {
            key: value
            for key, value in held.items()
            if value is not MISSING and not self._left[key](value)
        }

    def _value(self, key: Key) -> Any:
        unit = self._units.get(key.module)
        return MISSING if unit is None else unit.namespace.get(key.name, MISSING)


def _recogniser(value: Any) -> Callable[[Any], bool]:
    """What knows a value again without keeping it alive; an address may come back, at worst."""
    if isinstance(value, _DATA):
        return lambda now: now is value
    try:
        reference = weakref.ref(value)
    except TypeError:
        kind, address = type(value), id(value)
        return lambda now: type(now) is kind and id(now) == address
    return lambda now: now is reference()
