"""What do `abc`, `typing` and instances remember of a class that has changed?"""

from __future__ import annotations

import _abc  # type: ignore[import-not-found]  # what `abc` itself is made of
import abc
import functools
import gc
import typing
from typing import TYPE_CHECKING, Any

from hotswap.values import attributes, is_a

if TYPE_CHECKING:
    from hotswap.journal import Journal

_OF_GENERICS = ("__class_getitem__", "_generic_class_getitem")


def renew_abstract(cls: type, journal: Journal) -> None:
    """An abstract class lacks other methods by now, or none."""
    if not isinstance(cls, abc.ABCMeta):
        return
    old = cls.__abstractmethods__
    journal.note(lambda: setattr(cls, "__abstractmethods__", old))
    abc.update_abstractmethods(cls)  # type: ignore[arg-type]
    forget_subclass_checks(cls)


def forget_subclass_checks(cls: type) -> None:
    """ABCs remember answers of `issubclass`; methods may have come and gone."""
    if is_a(cls, abc.ABCMeta):
        _abc._reset_caches(cls)


def keep_registered(cls: type, journal: Journal) -> None:
    """What is registered with an abstract class from now on is not, if the transaction fails."""
    before = _registered(cls)

    def undo() -> None:
        if _registered(cls) != before:
            _abc._reset_registry(cls)
            for one in [one for one in (reference() for reference in before) if one is not None]:
                _abc._abc_register(cls, one)
            _abc._reset_caches(cls)

    journal.note(undo)


def _registered(cls: type) -> set[Any]:
    """Weak references; those that lead to the same are equal."""
    found: set[Any] = _abc._get_dump(cls)[0]
    return found


def forget_all_subclass_checks() -> None:
    """A class has other methods: ABCs and protocols that ask for those remember an old answer."""
    abc.ABC.register(type("_Nothing", (), {}))  # which outdates each remembered "no"
    todo: list[type] = [object]
    seen: set[int] = set()
    while todo:
        below: list[type] = type.__subclasses__(todo.pop())
        heirs = [one for one in below if id(one) not in seen]
        seen.update(map(id, heirs))
        todo += heirs
        for cls in heirs:
            if is_a(cls, abc.ABCMeta):
                _abc._reset_caches(cls)


def forget_generic_aliases() -> None:
    """
    `typing` remembers what `C[int]` gave; the class is the same, its parameters may not be.

    It also gives the first of `Union[int, str]` and `Union[str, int]` for either in `Optional`,
    and goes on doing so.
    """
    for clear in getattr(typing, "_cleanups", ()):
        if getattr(clear.__self__, "__name__", "") in _OF_GENERICS:
            clear()


def forget_aliases() -> None:
    """`typing` remembers, and so holds, what was made with a class that is another one by now."""
    for clear in getattr(typing, "_cleanups", ()):
        clear()


def forget_other(cls: type, name: str, value: object, journal: Journal) -> None:
    """An attribute gets another value: if it was a `cached_property`, no instance has its own."""
    cached, old = functools.cached_property, cls.__dict__.get(name)
    if not is_a(old, cached) or is_a(value, cached):
        return
    for instance in gc.get_referrers(cls):
        if issubclass(type(instance), cls) and name in attributes(instance):
            journal.del_item(attributes(instance), name)
