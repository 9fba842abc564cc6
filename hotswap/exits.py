"""Which functions does the process call as it ends, and which of them has a reload entered?"""

from __future__ import annotations

import atexit
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hotswap.journal import Journal


class _Asked:
    """
    What `atexit` compares with each of its functions, in turn, to see which are to be taken out.

    Args:
        kept: By id, those that are to stay, and how often; None: all.
    """

    def __init__(self, kept: Counter[int] | None = None) -> None:
        self._kept = kept
        self.found: list[Any] = []

    def __eq__(self, other: object) -> bool:
        self.found.append(other)
        if self._kept is None:
            return False
        self._kept[id(other)] -= 1
        return self._kept[id(other)] < 0

    __hash__ = object.__hash__


def registered() -> list[Any]:
    """The functions that are called at the end."""
    asked = _Asked()
    atexit.unregister(asked)  # type: ignore[arg-type]
    return asked.found


def keep(journal: Journal) -> None:
    """What is entered from now on goes, if all is taken back."""
    before = registered()

    def undo() -> None:
        atexit.unregister(_Asked(Counter(map(id, before))))  # type: ignore[arg-type]

    journal.note(undo)
