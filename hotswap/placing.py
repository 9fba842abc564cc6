"""Where in a container would a fresh start have entered something?"""

from __future__ import annotations

import sys
from types import FunctionType
from typing import TYPE_CHECKING, Any

from hotswap.entries import Entry, Place, is_plain, place_of
from hotswap.values import is_a

if TYPE_CHECKING:
    from hotswap.made import Made, Places


def place(rows: list[Entry], entry: Entry, entries: list[Entry], made: Made) -> int:
    """Where a fresh start would have entered it: by the lines of the statements of a module."""
    mine = _line(entry, made.places())
    after = entries[next(i for i, row in enumerate(entries) if row is entry) + 1 :]
    for following in after:
        for index, row in enumerate(rows):
            if row is following:
                return index
    return len(rows) if mine is None else by_line(rows, mine, made)


def _line(entry: Entry, places: Places) -> Place | None:
    named = (places[id(one)] for one in entry if id(one) in places and not is_plain(one))
    found = next(named, None) or place_of(entry)
    if found is None and (meant := _meant(entry[1])) is not None:
        return _line((None, meant), places)
    return found


def _meant(text: Any) -> Any:
    """The definition that a text names: `package.module.f`, `package.module:f`."""
    if type(text) is not str or not ("." in text or ":" in text):
        return None
    module, _, name = text.replace(":", ".").rpartition(".")
    value = vars(sys.modules[module]).get(name) if module in sys.modules else None
    return value if is_a(value, (FunctionType, type)) else None


def by_line(rows: list[Entry], mine: Place, made: Made) -> int:
    """Where something goes that a line of a module enters: below what is entered above it."""
    by_id = made.places()
    places = [_line(row, by_id) for row in rows]
    own = [(at, place[1]) for at, place in enumerate(places) if place and place[0] == mine[0]]
    lines = [line for _, line in own]
    if lines != sorted(lines):
        return len(rows)
    above = [at for at, line in own if line <= mine[1]]
    if above:
        return above[-1] + 1
    if own:
        return own[0][0]
    others = [at for at, place in enumerate(places) if place and made.precedes(mine, place)]
    return others[0] if others else len(rows)
