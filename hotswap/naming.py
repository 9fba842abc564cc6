"""Which container has the name of a definition, though nothing says what has entered it?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from hotswap.containers import containers, entries_of

if TYPE_CHECKING:
    from hotswap.containers import Watched
    from hotswap.source import Unit


class Naming(NamedTuple):
    """A container, and the text in it that is the name."""

    container: Watched
    text: str

    def stands(self, units: Iterable[Unit], own: Callable[[Any], bool]) -> bool:
        """Whether modules have it still, with that in it."""
        mine = self.container.container
        there = any(text == self.text for text in _texts(self.container))
        return there and any(
            one.container is mine for unit in units for one in containers(unit, own)
        )


def naming(watched: Iterable[Watched], module: str, name: str) -> Naming | None:
    """The first container that has a name as such, or with that of its module."""
    for one in watched:
        for text in _texts(one):
            if _means(text, module, name):
                return None if one.where.endswith(".__all__") else Naming(one, text)
    return None


def _texts(one: Watched) -> Iterator[str]:
    """The keys, or what has none."""
    for key, value in entries_of(one.container):
        for part in (key, None if key is not None else value):
            if type(part) is str:
                yield part


def _means(text: str, module: str, name: str) -> bool:
    """Whether a text is the name of a definition: `f`, `module.f`, `package.module:f`."""
    if text == name or not text.endswith(name):
        return text == name
    words = re.findall(r"\w+", text)
    return words[-1] == name and module.rpartition(".")[2] in words and " " not in text
