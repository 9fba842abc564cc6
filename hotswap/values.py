"""Looking at the user's objects without running the user's code: proxies may answer, or raise."""

from __future__ import annotations

import gc
import sys
from array import array
from collections import OrderedDict, deque
from queue import Queue, SimpleQueue
from typing import Any, TypeGuard, TypeVar

Kind = TypeVar("Kind")

MISSING: Any = object()
"""No value."""
PLAIN = frozenset({int, float, complex, str, bytes, bool, type(None)})
"""The kinds of values that have nothing in them."""


ARRAYS = (array, bytearray)
BASES = (OrderedDict, dict, list, set, deque)
"""What a container is at heart, the first of these."""


def base_of(container: Any) -> Any:
    """
    The kind of Python's own that a container is: by way of its methods members are read and
    written past those of a derived class.
    """
    return next((kind for kind in BASES if is_a(container, kind)), type(container))


def is_a(value: object, kinds: type[Kind] | tuple[type[Kind], ...]) -> TypeGuard[Kind]:
    """As `isinstance`, by the real type: that asks an object for its `__class__`, too."""
    return issubclass(type(value), kinds)


def is_pile(value: object) -> bool:
    """Whether it is a queue or an array: what is put there cannot be told apart."""
    asynchronous = sys.modules.get("asyncio.queues")
    kinds = () if asynchronous is None else (asynchronous.Queue,)
    return issubclass(type(value), (*ARRAYS, Queue, SimpleQueue, *kinds))


def relatives(cls: type) -> list[type]:
    """The classes that one is derived from, and those that are derived from it, with theirs."""
    todo, found = [cls], {id(one): one for one in cls.__mro__}
    while todo:
        heirs: list[type] = type.__subclasses__(todo.pop())
        todo += [one for one in heirs if id(one) not in found]
        found |= {id(one): one for heir in heirs for one in heir.__mro__}
    return list(found.values())


def instances_of(cls: type) -> list[Any]:
    """The living instances of a class, also those of its heirs."""
    todo, kinds = [cls], [cls]
    while todo:
        heirs: list[type] = type.__subclasses__(todo.pop())
        todo += heirs
        kinds += heirs
    return [one for one in gc.get_referrers(*kinds) if issubclass(type(one), cls)]


def attributes(value: object) -> dict[str, Any]:
    """The `__dict__` of an object (a copy-free look), or an empty one."""
    try:
        found = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return {}
    return found if type(found) is dict else {}
