"""What does the compiler write into a class, its line among that (3.13), and who copied it?"""

from __future__ import annotations

import weakref
from contextlib import suppress
from types import FunctionType
from typing import TYPE_CHECKING, Any

from hotswap.values import attributes, is_a

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from hotswap.journal import Journal

CLASS_BOOKS = frozenset({"__firstlineno__", "__static_attributes__"})
"""3.13: positions and attribute names that the compiler writes into every class body."""
_DEPTH = 16


class Copies:
    """Wrappers that `functools.update_wrapper` gave all that is in the `__dict__` of a class."""

    def __init__(self) -> None:
        self._wrappers: list[weakref.ref[Any]] = []

    def heard(self, given: Mapping[str, Any]) -> None:
        """`update_wrapper` was given this, and is about to copy."""
        wrapped = given["wrapped"]
        if type(wrapped) is FunctionType and not wrapped.__dict__:
            return
        theirs = vars(wrapped) if is_a(wrapped, type) else attributes(wrapped)
        if not CLASS_BOOKS.isdisjoint(theirs):
            with suppress(TypeError):  # nothing refers to it weakly
                self._wrappers.append(weakref.ref(given["wrapper"]))

    def renew(self, modules: Collection[str], journal: Journal) -> None:
        """Let the copies say what classes of these modules say by now."""
        self._wrappers = [one for one in self._wrappers if one() is not None]
        for wrapper in [one() for one in self._wrappers]:
            cls, mine = wrapped_by(wrapper), attributes(wrapper)
            if is_a(cls, type) and cls.__module__ in modules:
                for name in CLASS_BOOKS & mine.keys() & vars(cls).keys():
                    if mine[name] != vars(cls)[name]:
                        journal.set_item(mine, name, vars(cls)[name])


def wrapped_by(wrapper: object) -> object:
    """What a wrapper wraps in the end if that is a class; that itself of a class."""
    for _ in range(_DEPTH):
        if is_a(wrapper, type):
            break
        wrapper = attributes(wrapper).get("__wrapped__")
    return wrapper
