"""What does a container hold after a statement ran again: what stays, goes, comes, and where?"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Collection
from itertools import pairwise
from typing import Any

from hotswap import numbering
from hotswap.containers import Watched, entries_of
from hotswap.effects import EntersElsewhere, NeedsRestart
from hotswap.entries import (
    Entry,
    Place,
    alike,
    is_plain,
    meant,
    mentions,
    place_of,
    same,
    same_key,
    with_aliases,
)
from hotswap.journal import refill, reorder
from hotswap.made import Made
from hotswap.placing import by_line, line_of, place
from hotswap.values import is_a


def fill(container: Any, entries: list[Entry]) -> None:
    """Let it have these, in their order; whoever looks meanwhile finds what stays."""
    if not is_a(container, dict):
        refill(container, [value for _, value in entries])
        return
    refill(container, dict(entries))
    reorder(container, [key for key, _ in entries])


def is_same(container: Any, before: list[Entry]) -> bool:
    """Whether a container has the entries that it had."""
    if is_a(container, set):  # in no order
        return set.__eq__(container, {value for _, value in before}) is True
    now = entries_of(container)
    return len(now) == len(before) and all(
        one[1] is other[1] and one[0] is other[0] for one, other in zip(now, before, strict=True)
    )


def settle(one: Watched, made: Made, *, touched: bool) -> None:
    """Let it be as if the statement had run for the first time."""
    entries = [with_aliases(entry, made.alias) for entry in entries_of(one.container)]
    if is_a(one.container, dict):
        entries = list(dict(entries).items())  # two may be known by one key by now
    kept, grown = _split(one, entries)
    filled = _match(one.withdrawn, grown)
    matched = {id(entry) for entry in filled.values()}
    more = [entry for entry in grown if id(entry) not in matched]
    if one.foreign and not made.new and (more or len(filled) < len(one.withdrawn)):
        raise EntersElsewhere(_complaint(one))
    if not made.new:
        _check_again(one, entries, made)
    stay = len(filled) == len(one.withdrawn) or _stay(one, made, touched=touched)
    if is_a(one.container, dict):
        _check_left(one, kept, made)
        kept = [_not_overridden(one, entry, made) for entry in kept]
        _check_order(one, made, touched=touched)
    if made.new and one.before and any("heappush" in code.co_names for code in made.ran):
        raise NeedsRestart(f"{one.where} is kept in an order of its own")
    rows = _put_together(one, kept, filled, stay=stay)
    for entry in more:
        rows = _enter(one, rows, entry, entries, made)
    if made.ordering and is_a(one.container, (list, deque)) and not _belongs(one, made):
        _check_own_order(one, rows, entries, made)
    numbering.check(one.where, one.before, rows)
    fill(one.container, rows)


def _check_again(one: Watched, entries: list[Entry], made: Made) -> None:
    """What is counted, taken out or turned around would be so once more."""
    if one.withdrawn and not is_a(one.container, Counter):
        return
    numbering.check_again(one.where, one.container, made)
    before = [row for row in one.before if not any(row is other for other in one.hidden)]
    if len(entries) < len(before):
        raise NeedsRestart(f"{one.where} would lose once more what executes again takes out of it")
    mine, theirs = ([id(value) for _, value in rows] for rows in (before, entries))
    turned = is_a(one.container, (list, deque)) and mine != theirs
    if turned and sorted(mine) == sorted(theirs) and made.ordering != "sort":
        raise NeedsRestart(f"the order of what is in {one.where} cannot be told")


def _not_overridden(one: Watched, entry: Entry, made: Made) -> Entry:
    """Of two definitions that enter something under the same key, the later one is there."""
    index, former = next(
        ((at, row) for at, row in enumerate(one.before) if row[0] == entry[0]), (-1, entry)
    )
    places = place_of((None, former[1])), place_of((None, entry[1]))
    if former[1] is entry[1] or index in one.withdrawn or None in places or places[0] == places[1]:
        return entry
    theirs, mine = places
    if theirs is None or mine is None or made.precedes(theirs, mine):
        return entry
    if made.new or made.differs:
        raise NeedsRestart(f"{one.where}[{entry[0]!r:.40}] is what two definitions enter")
    return former


def _check_left(one: Watched, kept: list[Entry], made: Made) -> None:
    """A loop that has other values to go through entered some keys again, and others not."""
    if not made.given_otherwise:
        return
    before = {id(meant(row[1])) for row in one.before}
    again = [row for row in kept if id(meant(row[1])) not in before]
    rest = [row for row in kept if id(meant(row[1])) in before and not is_plain(row[1])]
    if any(alike(row, other) for row in rest for other in again[:1]):
        raise NeedsRestart(f"{one.where} may have what is not entered there any more")


def _check_order(one: Watched, made: Made, *, touched: bool) -> None:
    """A key stands where it was entered first, though a later definition's value is there."""
    if not _enters_otherwise(one, made, touched=touched):
        return
    if is_disordered(one.before, made.precedes):
        raise NeedsRestart(f"the order of the keys of {one.where} cannot be told")


def is_disordered(rows: list[Entry], precedes: Callable[[Place, Place], bool]) -> bool:
    """Whether something stands behind what was defined after it."""
    places = [place_of((None, value)) for _, value in rows]
    known = [place for place in places if place is not None]
    return any(precedes(second, first) for first, second in pairwise(known))


def _check_own_order(one: Watched, rows: list[Entry], left: list[Entry], made: Made) -> None:
    """Who sorts what is entered knows alone where it would stand in a fresh start."""
    order = [id(value) for _, value in rows]
    if order == [id(value) for _, value in left]:
        fits = made.ordering == "sort" and not is_disordered(rows, made.precedes)
        known = fits or not (made.new and one.before)
    else:
        known = made.alike and order == [id(value) for _, value in one.before]
    if not known:
        raise NeedsRestart(f"{one.where} is kept in an order of its own")


def _split(one: Watched, entries: list[Entry]) -> tuple[list[Entry], list[Entry]]:
    """What was there already, with its present values, and what the statement added."""
    kept: list[Entry] = []
    grown: list[Entry] = []
    is_dict = is_a(one.container, dict)
    away = {id(entry) for entry in (*one.withdrawn.values(), *one.hidden)}
    seen = [entry for entry in one.before if id(entry) not in away]
    left = Counter(key if is_dict else id(value) for key, value in seen)
    for entry in entries:
        mark = entry[0] if is_dict else id(entry[1])
        (kept if left[mark] > 0 else grown).append(entry)
        left[mark] -= 1
    again = {entry[0]: entry for entry in grown} if is_dict else {}
    kept += [again.get(entry[0], entry) for entry in one.hidden]
    if is_dict:
        order = {key: index for index, (key, _) in enumerate(one.before)}
        kept.sort(key=lambda entry: order[entry[0]])
    return kept, [entry for entry in grown if not any(entry is other for other in kept)]


def _match(withdrawn: dict[int, Entry], grown: list[Entry]) -> dict[int, Entry]:
    """Which new entry takes the place of which old one: the same first, then of the same kind."""
    filled: dict[int, Entry] = {}
    left = list(grown)
    for rule in (same, same_key, alike):
        for entry in list(left):
            found = (i for i, old in withdrawn.items() if i not in filled and rule(old, entry))
            index = next(found, None)
            if index is not None:
                filled[index] = entry
                left = [one for one in left if one is not entry]
    places = [index for index in withdrawn if index not in filled]
    if len(places) == len(left):
        filled |= zip(places, left, strict=True)
    return filled


def _stay(one: Watched, made: Made, *, touched: bool) -> bool:
    """Whether old entries that were not made again stay."""
    if not _enters_otherwise(one, made, touched=touched):
        otherwise = made.otherwise and made.differs and not made.others()
        if (otherwise or _is_named(one, made.by_name)) and not _belongs(one, made):
            raise NeedsRestart(f"{one.where} may have what is not entered there any more")
        return True
    if made.others():
        raise NeedsRestart("what a decorator had registered stays registered")
    return False


def _is_named(one: Watched, names: Collection[str]) -> bool:
    """Whether a container is what somebody names: it had most likely entered what is there."""
    return one.holder is None and one.where.rpartition(".")[2] in names


def _enters_otherwise(one: Watched, made: Made, *, touched: bool) -> bool:
    """Whether a statement may enter something else than before, or no longer does."""
    return made.differs and (touched or made.fewer) and not _belongs(one, made)


def _belongs(one: Watched, made: Made) -> bool:
    return made.belongs(one.container) or (one.holder is not None and made.belongs(one.holder))


def _put_together(
    one: Watched, kept: list[Entry], filled: dict[int, Entry], *, stay: bool
) -> list[Entry]:
    """All in their former order, unless the statement itself made another one."""
    rows: list[Entry] = []
    waiting = list(kept)
    for index, entry in enumerate(one.before):
        if index in filled:
            rows.append(filled[index])
        elif index in one.withdrawn:
            rows += [entry] if stay else []
        elif waiting:
            rows.append(waiting.pop(0))
    return rows + waiting


def _enter(
    one: Watched, rows: list[Entry], entry: Entry, entries: list[Entry], made: Made
) -> list[Entry]:
    """An entry that takes no other one's place."""
    if not made.new:
        keyed = is_a(one.container, dict)
        again = {row[0] for row in one.withdrawn.values()} & {key for key, _ in entries}
        left = [row for row in one.before if not (keyed and row[0] in again)]
        twins = [row for row in left if row[1] is entry[1] or same(row, entry)]
        if twins and not keyed:
            return rows
        if twins and not is_plain(entry[1]):
            return _replace(rows, twins, entry)
        if not mentions(entry, made.own):
            raise NeedsRestart(_complaint(one))
    at = place(one, rows, entry, entries, made)
    between = is_a(one.container, dict) and at < len(rows)
    if between and made.is_overridden(one, line_of(rows[at - 1], made) if at else None):
        raise NeedsRestart(f"the order of the keys of {one.where} cannot be told")
    return [*rows[:at], entry, *rows[at:]]


def _replace(rows: list[Entry], twins: list[Entry], entry: Entry) -> list[Entry]:
    """What is under another key now is no longer under those that it had."""
    keys = [key for key, _ in twins]
    at = next((index for index, (key, _) in enumerate(rows) if key in keys), len(rows))
    left = [row for row in rows[at:] if row[0] not in keys]
    return [*rows[:at], entry, *left]


def _complaint(one: Watched) -> str:
    if is_a(one.container, (list, deque)):
        return f"{one.where} would get an entry again for what has changed"
    return f"{one.where} would keep what an earlier run has put into it"


def move_key(one: Watched, moving: Collection[Any]) -> None:
    """A key stands where its first entry was made: with another one, it may stand elsewhere."""
    first = entries_of(one.container)[0]
    mine = place_of(first)
    if mine is None:
        return
    known = any(first[1] is value for _, value in one.before)
    rows = [entry for entry in entries_of(one.holder) if entry[0] != one.key]
    if known and any(place_of(row) == mine and row[0] not in moving for row in rows):
        raise NeedsRestart(f"the order of the keys around {one.where} cannot be told")
    at = by_line(rows, mine, Made())
    fill(one.holder, [*rows[:at], (one.key, one.container), *rows[at:]])
