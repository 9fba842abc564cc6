"""Which results go that are remembered, since what they came from has changed meanwhile?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hotswap.caches import News
from hotswap.values import attributes, instances_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hotswap.books import Books
    from hotswap.lookups import Key
    from hotswap.source import Unit


class Forgetting:
    """
    What has changed in a transaction, and who was told by a cache what it had been before.

    Args:
        books: Those of the transaction.
    """

    def __init__(self, books: Books) -> None:
        self._caches, self._journal, self._done = books.caches, books.journal, books.done
        self.cleared: list[Any] = []
        """Caches that were emptied, and whose users were not told yet."""
        self.recomputed: dict[tuple[int, str], tuple[type, str]] = {}
        """Classes with a `cached_property` that instances compute anew: the same for these."""
        self.keys: set[Key] = set()
        self.codes: set[int] = set()
        self._attributes: dict[type, frozenset[str]] = {}
        """What classes have otherwise than before."""

    def note(
        self,
        keys: Iterable[Key],
        codes: Iterable[int],
        otherwise: Iterable[tuple[type, frozenset[str]]] = (),
    ) -> None:
        """Names, code (by id) and attributes of classes have changed."""
        self.keys.update(keys)
        self.codes.update(codes)
        self._attributes |= dict(otherwise)

    def end(self) -> None:
        """All caches have been asked."""
        self.keys, self.codes, self._attributes = set(), set(), {}

    def forget(self, units: Iterable[Unit]) -> None:
        """Clear each cache of these modules that remembers results of what has changed."""
        filled, properties = self._caches.of(units)
        for cache in filled:
            if self._is_stale(cache.__wrapped__, self._attributes):
                cache.cache_clear()
                self._journal.note(cache.cache_clear)  # of what is asked meanwhile
                self.cleared.append(cache)
                self._say(cache.__wrapped__)
        for cls, held in properties:
            if held.attrname and self._is_stale(held.func, self._attributes):
                self._forget_property(cls, held)

    def _forget_property(self, cls: type, held: Any) -> None:
        """Have instances compute it anew; of other objects' classes nothing was remembered."""
        sure, name = self._is_stale(held.func, ()), held.attrname
        for instance in instances_of(cls):
            has = attributes(instance)
            if name in has and (sure or self._is_stale(held.func, _classes(instance))):
                self._journal.del_item(has, name)
                self.recomputed[id(cls), name] = (cls, name)
                self._say(held.func)

    def _is_stale(self, function: Any, classes: Iterable[type]) -> bool:
        names = frozenset[str]().union(*(self._attributes.get(cls, ()) for cls in classes))
        return self._caches.is_stale(function, News(self.keys, self.codes, names))

    def _say(self, function: Any) -> None:
        self._done.notes.append(f"the cache of {function.__qualname__} was cleared")


def _classes(instance: Any) -> set[type]:
    """Those of an object, and of what it has."""
    found = [instance, *attributes(instance).values()]
    return {cls for one in found for cls in type(one).__mro__}
