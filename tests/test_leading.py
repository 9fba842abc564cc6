"""What an object holds leads to the one that stays, wherever that is deep inside of it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from hotswap.journal import Journal
from hotswap.leading import LeadingBack


class Whole:
    """An object that was made anew."""

    def method(self):
        """Bound to it."""


def closing_over(value):
    """A function that has it in a variable."""
    return lambda: value


HOLDERS = {
    "itself": (lambda new: new, lambda held: held),
    "a method": (lambda new: new.method, lambda held: held.__self__),
    "a list": (lambda new: [1, new], lambda held: held[1]),
    "a method in a list": (lambda new: [new.method], lambda held: held[0].__self__),
    "a dict": (lambda new: {"a": new}, lambda held: held["a"]),
    "a tuple": (lambda new: (1, (new, new.method)), lambda held: held[1][0]),
    "an object": (lambda new: SimpleNamespace(whole=new), lambda held: held.whole),
    "a closure": (closing_over, lambda held: held()),
    "objects in a tuple": (lambda new: (SimpleNamespace(a=new),), lambda held: held[0].a),
}


@pytest.mark.parametrize(("make", "take"), HOLDERS.values(), ids=HOLDERS)
def test_what_leads_back(make, take):
    """Until it is taken back."""
    journal, new, stays = Journal(), Whole(), Whole()
    held = {"x": make(new)}
    LeadingBack(new, stays, journal).lead(held)
    assert take(held["x"]) is stays
    journal.roll_back()
    assert take(held["x"]) is new


def test_other_objects_and_what_is_large_stay_as_they_are():
    """Modules and classes are not gone through; a list of thousands is data."""
    journal, new, stays = Journal(), Whole(), Whole()
    Whole.last = new
    held = {"class": Whole, "other": [Whole().method], "many": [[one] for one in range(3_000)]}
    LeadingBack(new, stays, journal).lead(held)
    assert (Whole.last, held["other"][0].__self__ is stays) == (new, False)
    del Whole.last
