"""What did definitions make that no longer make it, while somebody holds it?"""

from __future__ import annotations

import weakref
from enum import Enum
from types import FunctionType
from typing import TYPE_CHECKING, Any

import wrapt

from hotswap import degrees
from hotswap.values import is_a

if TYPE_CHECKING:
    from hotswap.journal import Journal


class Gone:
    """
    What definitions made that no longer make it, while somebody holds it: if one of the same
    place makes such a thing again, it is the same.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], weakref.ref[Any]] = {}

    def add(self, module: str, qualname: str, value: Any, *, sure: bool = True) -> None:
        """
        A definition made `value`, and it is no longer what its name holds.

        Args:
            sure: Or else the name may have been given what somebody else made.
        """
        known = is_a(value, (FunctionType, type))
        if (known and (sure or value.__module__ == module)) or (sure and is_plain_object(value)):
            self._known[module, qualname, _kind(value)] = weakref.ref(value)

    def move(self, module: str, name: str, cls: type, journal: Journal) -> None:
        """A class, with those in it, is from now on one that `module` defines by that name."""
        inner = _with_inner(cls)
        before = cls.__qualname__
        for one in inner:
            qualname = name + one.__qualname__.removeprefix(before)
            journal.set_item(self._known, (module, qualname, "class"), weakref.ref(one))
            journal.set_module(one, module)
            journal.set_name(one, qualname)

    def find(self, module: str, qualname: str, like: Any) -> Any:
        """What a definition of that name made before, of the kind of `like`; or None."""
        ref = self._known.get((module, qualname, _kind(like)))
        return ref() if ref is not None else None


def _with_inner(cls: type) -> list[type]:
    inner = degrees.inner_classes(cls).values()
    return [cls, *(one for value in inner for one in _with_inner(value))]


def _kind(value: Any) -> str:
    return "class" if is_a(value, type) else type(value).__qualname__


class _Plain:
    pass


def is_plain_object(value: Any) -> bool:
    """Whether all state of an object is in its `__dict__`: no slots, no state of C's."""
    kind = type(value)
    return (
        not is_a(value, (type, wrapt.ObjectProxy, Enum))
        and kind.__basicsize__ == _Plain.__basicsize__
        and kind.__dictoffset__ == _Plain.__dictoffset__
    )
