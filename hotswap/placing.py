"""Where in a container would a fresh start have entered something?"""

from __future__ import annotations

import sys
from types import FunctionType
from typing import TYPE_CHECKING, Any

from hotswap import numbering
from hotswap.effects import NeedsRestart
from hotswap.entries import Entry, Place, is_plain, place_of
from hotswap.values import is_a

if TYPE_CHECKING:
    from hotswap.containers import Watched
    from hotswap.made import Made, Places


def place(one: Watched, rows: list[Entry], entry: Entry, entries: list[Entry], made: Made) -> int:
    """Where a fresh start would have entered it: by the lines of the statements of a module."""
    at = _place(one, rows, entry, entries, made)
    if at < len(rows):
        numbering.check_below(one.where, made)
    return at


def _place(one: Watched, rows: list[Entry], entry: Entry, entries: list[Entry], made: Made) -> int:
    mine = _line(entry, made.places(), made) or made.at
    after = entries[next(i for i, row in enumerate(entries) if row is entry) + 1 :]
    for following in after:
        for index, row in enumerate(rows):
            if row is following:
                return index
    if mine is None:
        return len(rows)
    at = by_line(rows, mine, made)
    if not is_a(one.container, set):
        _check_fillers(one, rows, at, mine, made)
    return at


def stands_last(rows: list[Entry], entry: Entry, made: Made, *, others_below: bool) -> bool:
    """
    Whether a fresh start, too, would enter it after all others.

    Args:
        others_below: What enters it ran for later lines, too.
    """
    by_id = made.places()
    if others_below and not all(_line(row, by_id, made) for row in rows):
        return False
    mine = _line(entry, by_id, made) or made.at
    return mine is None or by_line(rows, mine, made) == len(rows)


def _check_fillers(one: Watched, rows: list[Entry], at: int, mine: Place, made: Made) -> None:
    """Values that do not say who has entered them may belong on the other side."""
    by_id = made.places()
    places = [_line(row, by_id, made) for row in rows]
    left = next((index for index in reversed(range(at)) if places[index]), -1)
    right = next((index for index in range(at, len(rows)) if places[index]), len(rows))
    if right - left == 1:
        return
    low, high = places[left] if left >= 0 else None, (*places, None)[right]
    between = [
        place
        for place in made.fillers(one)
        if not (low and made.precedes(place, low)) and not (high and made.precedes(high, place))
    ]
    later = [made.precedes(mine, place) for place in between]
    if (at - left > 1 and any(later)) or (right > at and not all(later)):
        raise NeedsRestart(f"the order of what is in {one.where} cannot be told")


def line_of(entry: Entry, made: Made) -> Place | None:
    """Module and line of the definition that has most likely entered something."""
    return _line(entry, made.places(), made)


def _line(entry: Entry, places: Places, made: Made) -> Place | None:
    named = (places[id(one)] for one in entry if id(one) in places and not is_plain(one))
    found = next(named, None) or place_of(entry)
    if found is not None:
        return found
    text = entry[1] if entry[0] is None else entry[0]
    if type(text) is str and (known := made.named().get(text)):
        return known
    meant = _meant(entry[1])
    return _line((None, meant), places, made) if meant is not None else None


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
    places = [_line(row, by_id, made) for row in rows]
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
