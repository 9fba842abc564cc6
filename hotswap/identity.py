"""What is known of objects that may be equal to others, for as long as they live?"""

from __future__ import annotations

import weakref
from typing import Generic, TypeVar

Value = TypeVar("Value")


class ByIdentity(Generic[Value]):
    """As a `WeakKeyDictionary`, but by identity: equal code objects are of different files."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[weakref.ref[object], Value]] = {}

    def __len__(self) -> int:
        return len(self._known)

    def get(self, key: object) -> Value | None:
        """The value; None if there is none."""
        known = self._known.get(id(key))
        return None if known is None else known[1]

    def set(self, key: object, value: Value) -> None:
        """Know this until the key is gone; the value must not hold the key."""
        place = id(key)

        def forget(gone: weakref.ref[object]) -> None:
            if (known := self._known.get(place)) is not None and known[0] is gone:
                del self._known[place]

        self._known[place] = weakref.ref(key, forget), value
