"""When is garbage looked for while a program starts? Once its imports are done."""

from __future__ import annotations

import gc

_WHILE_IMPORTING = 200_000
"""New objects that may come before garbage is looked for: what is noted down about each import
would set that off more often, and nearly all that is made then stays."""


class _Usual:
    thresholds: tuple[int, int, int] | None = None


def put_off() -> None:
    """From now on, look for garbage seldom. May be repeated."""
    if _Usual.thresholds is None:
        _Usual.thresholds = usual = gc.get_threshold()
        gc.set_threshold(_WHILE_IMPORTING, *usual[1:])


def resume() -> None:
    """Look for it as before, unless the program has said meanwhile how often. May be repeated."""
    usual, _Usual.thresholds = _Usual.thresholds, None
    if usual is not None and gc.get_threshold() == (_WHILE_IMPORTING, *usual[1:]):
        gc.set_threshold(*usual)
