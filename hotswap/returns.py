"""A module that was gone is there again: who still holds what it had made before?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from types import FunctionType
from typing import TYPE_CHECKING, Any

from hotswap import functions
from hotswap.effects import NeedsRestart
from hotswap.values import instances_of, is_a

if TYPE_CHECKING:
    from hotswap.gone import Gone
    from hotswap.journal import Journal
    from hotswap.source import Unit


def note(unit: Unit, gone: Gone) -> None:
    """The file of a module is gone."""
    for name, value in _made(unit):
        gone.add(unit.name, name, value)


def lead(
    units: Iterable[Unit], gone: Gone, is_followed: Callable[[type], bool], journal: Journal
) -> None:
    """
    Whoever holds a function of a module that is imported again calls the one of now.

    Args:
        is_followed: Whether another class takes the place of one for whoever holds it.

    Raises:
        NeedsRestart: A class that it had before has instances, or heirs.
    """
    for unit, name, value in [(one, *row) for one in units for row in _made(one)]:
        old = gone.find(unit.name, name, value)
        if old is None or old is value:
            continue
        if is_a(old, FunctionType):
            functions.forward(old, value, journal)
        elif is_followed(old):
            continue
        elif instances_of(old) or type.__subclasses__(old):
            reason = f"{unit.name}.{name} is there again, and what it was before is in use"
            raise NeedsRestart(reason, (unit.path, 1))


def _made(unit: Unit) -> Iterator[tuple[str, Any]]:
    """The functions and classes that a module itself defines."""
    for name, value in list(unit.namespace.items()):
        if (is_a(value, FunctionType) or is_a(value, type)) and value.__module__ == unit.name:
            yield name, value
