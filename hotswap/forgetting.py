"""Which results go that are remembered, since what they came from has changed meanwhile?"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any

from hotswap.caches import News
from hotswap.grounds import Grounds
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
        self._grounds = Grounds(books.graph)
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
        asked = [one.__wrapped__ for one in filled] + [held.func for _, held in properties]
        news = News(self.keys, self.codes, self._otherwise(self._attributes))
        stale = self._grounds.stale(asked, news)
        for one in [one for one in filled if id(one.__wrapped__) in stale]:
            one.cache_clear()
            self._journal.note(one.cache_clear)  # of what is asked meanwhile
            self.cleared.append(one)
            self._say(one.__wrapped__)
        for cls, held in properties:
            if held.attrname and id(held.func) in stale:
                self._forget_property(cls, held)
        self._grounds.look_again(news)

    def _forget_property(self, cls: type, held: Any) -> None:
        """Have instances compute it anew; of other objects' classes nothing was remembered."""
        name, is_stale = held.attrname, cache(partial(self._is_stale, held.func))
        for instance in instances_of(cls):
            has = attributes(instance)
            if name in has and is_stale(self._otherwise(_classes(instance))):
                self._journal.del_item(has, name)
                self.recomputed[id(cls), name] = (cls, name)
                self._say(held.func)

    def _is_stale(self, function: Any, names: frozenset[str]) -> bool:
        return id(function) in self._grounds.stale((), News(self.keys, self.codes, names))

    def _otherwise(self, classes: Iterable[type]) -> frozenset[str]:
        return frozenset().union(*(self._attributes.get(cls, ()) for cls in classes))

    def _say(self, function: Any) -> None:
        self._done.notes.append(f"the cache of {function.__qualname__} was cleared")


def _classes(instance: Any) -> set[type]:
    """Those of an object, and of what it has."""
    found = [instance, *attributes(instance).values()]
    return {cls for one in found for cls in type(one).__mro__}
