"""Where does what an object holds lead back to the object, though another one stays for it?"""

from __future__ import annotations

from types import FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

from hotswap.functions import contains
from hotswap.values import attributes, is_a

if TYPE_CHECKING:
    from hotswap.journal import Journal

_DEEP = 4
_MANY = 2_000
"""More is data, and not what an object has made for itself."""


class LeadingBack:
    """
    An object that was made anew, and the one that stays and has got what that holds: bound
    methods, and the parts that know whose parts they are, are of the one that stays.
    """

    def __init__(self, new: object, stays: object, journal: Journal) -> None:
        self._new, self._stays, self._journal = new, stays, journal
        self._seen = {id(new), id(stays)}

    def lead(self, held: dict[str, Any]) -> None:
        """Go through what the object holds, and what is in that."""
        level: list[Any] = [held]
        for _ in range(_DEEP):
            fresh = {id(one): one for one in level if id(one) not in self._seen}
            self._seen |= fresh.keys()
            if len(self._seen) > _MANY:
                return
            level = [inner for one in fresh.values() for inner in self._within(one)]

    def _within(self, holder: Any) -> list[Any]:
        """What is in a holder; what leads back from there leads to the one that stays."""
        if is_a(holder, dict):
            self._put(holder, {key: self._instead(value) for key, value in holder.items()})
            return list(holder.values())
        if type(holder) is list:
            self._put(holder, dict(enumerate(map(self._instead, holder))))
            return list(holder)
        if type(holder) in (tuple, set, frozenset):
            return list(holder)
        if type(holder) is FunctionType:
            cells = holder.__closure__ or ()
            for cell in [cell for cell in cells if contains(cell, self._new)]:
                self._journal.set_cell(cell, self._stays)
            return [holder.__dict__]
        return [] if is_a(holder, (type, ModuleType)) else [attributes(holder)]

    def _put(self, holder: Any, values: dict[Any, Any]) -> None:
        changed = {key: one for key, one in values.items() if holder[key] is not one}
        if changed:
            self._journal.keep_container(holder)
        for key, value in changed.items():
            holder[key] = value

    def _instead(self, value: Any) -> Any:
        if value is self._new:
            return self._stays
        if type(value) is MethodType and value.__self__ is self._new:
            return MethodType(value.__func__, self._stays)
        if type(value) is tuple and any(one is not self._instead(one) for one in value):
            return tuple(map(self._instead, value))
        return value
