"""What do functions, classes and objects of a module have, that a failed reload must not change?"""

from __future__ import annotations

import contextlib
from abc import ABCMeta
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from enum import EnumMeta
from functools import _lru_cache_wrapper
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from hotswap.containers import is_container
from hotswap.remembered import keep_registered
from hotswap.values import PLAIN, attributes, is_a

if TYPE_CHECKING:
    from hotswap.journal import Journal
    from hotswap.source import Unit

_DEPTH = 3
_MANY = 256
_APART = PLAIN | {FunctionType, ModuleType, list, dict, set, tuple}


def keep(unit: Unit, own: Callable[[Any], bool], journal: Journal) -> None:
    """
    Attributes, what functions close over, and what is in containers in containers; the containers
    that a module can name are watched as it is.
    """
    functions: list[tuple[FunctionType, dict[str, Any]]] = []
    for value in list(unit.namespace.values()):
        kind = type(value)
        if kind is FunctionType:
            functions.append((value, dict(value.__dict__) if value.__dict__ else _NONE))
            if value.__closure__:
                _keep_cells(value, journal)
        elif kind not in PLAIN:
            _keep_value(value, unit, own, journal)
    journal.note(lambda: _give_back(functions))


def _keep_value(value: Any, unit: Unit, own: Callable[[Any], bool], journal: Journal) -> None:
    kind = type(value)
    if kind is _lru_cache_wrapper:
        asked = value.cache_info().misses
        journal.note(lambda: value.cache_info().misses != asked and value.cache_clear())
    elif is_container(value):
        _keep_inner(value, journal, _DEPTH)
    elif is_a(value, type):
        if is_a(value, ABCMeta):
            keep_registered(value, journal)
        if value.__module__ == unit.name and not is_a(value, EnumMeta):
            journal.keep_class(value)
    elif kind is not ModuleType and own(value):
        _keep_object(value, own, journal)


_NONE: dict[str, Any] = {}


def _give_back(functions: Iterable[tuple[FunctionType, dict[str, Any]]]) -> None:
    for function, before in functions:
        if function.__dict__ != before:
            function.__dict__.clear()
            function.__dict__.update(before)


def _keep_cells(function: FunctionType, journal: Journal) -> None:
    for cell in function.__closure__ or ():
        with contextlib.suppress(ValueError):  # not yet filled
            value = cell.cell_contents
            journal.set_cell(cell, value)
            if is_container(value):
                journal.keep_container(value)


def _keep_object(value: Any, own: Callable[[Any], bool], journal: Journal) -> None:
    journal.keep_dict(attributes(value))
    for part in list(attributes(value).values()):
        if type(part) not in _APART and not is_a(part, type) and own(part):
            journal.keep_dict(attributes(part))


def _keep_inner(value: Any, journal: Journal, depth: int) -> None:
    if type(value) is deque:
        before = list(value)
        journal.note(lambda: _refill(value, before))
    for one in _inner(value) if depth else ():
        if is_container(one):
            journal.keep_container(one)
            _keep_inner(one, journal, depth - 1)


def _refill(queue: deque[Any], members: list[Any]) -> None:
    if list(queue) != members:
        queue.clear()
        queue.extend(members)


def _inner(value: Any) -> Iterator[Any]:
    if len(value) <= _MANY and not is_a(value, set):
        yield from list(value.values() if is_a(value, dict) else value)
