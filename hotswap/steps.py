"""What is one step of a reload, what did it change, and what is the plan that steps make?"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from enum import IntEnum
from types import CodeType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

    from hotswap.lookups import Key
    from hotswap.source import Unit
    from hotswap.statements import Statement


class Change(IntEnum):
    """How a name changed, for those who read it."""

    BODY = 1
    """Its functions do something else when they are called."""
    SHOWN = 2
    """Its functions show something else: parameters, docstring."""
    METHODS = 3
    """It is the same class, with other methods."""
    VALUE = 4
    """Anything else."""


@dataclass(frozen=True)
class Step:
    """One thing to do to one module."""

    unit: Unit
    action: str
    """
    "purge" names, "retire" what a lost module defined, "rebind" a name that was imported, or
    "execute" a statement.
    """
    reason: str
    status: str = ""
    """
    Of a statement: "added", "changed" or "repeated". Of a purge: what made the names, a
    "definition" or a statement that may have made an "object".
    """
    statement: Statement | None = None
    old: Statement | None = None
    """What the statement was before the edit."""
    names: tuple[str, ...] = ()
    source: tuple[str, str] = ("", "")
    """Of a rebind: module and name that it is imported from."""
    rebuild: frozenset[str] = frozenset()
    """Names that must have a new object, since effects on the old one stay with that."""

    @property
    def enters_first(self) -> bool:
        """Whether a function, that was one and no more, is given to a decorator from now on."""
        old, now = self.old, self.statement
        if self.status != "changed" or old is None or now is None:
            return False
        return now.is_function and old.is_function and not (old.decorated or old.reads.calls)

    def __str__(self) -> str:
        if self.action == "purge":
            return f"{self.unit.name}: delete {', '.join(self.names)} ({self.reason})"
        if self.action == "retire":
            return f"{self.unit.name}: {self.reason}"
        if self.action == "rebind":
            return f"{self.unit.name}: import {self.names[0]} again ({self.reason})"
        assert self.statement is not None
        line, title = self.statement.first, self.statement.title
        return f"{self.unit.name}:{line}: execute {title} ({self.reason})"


@dataclass
class Outcome:
    """What a step changed: told to the wave by whoever carried it out."""

    names: dict[str, Change] = field(default_factory=dict)
    others: dict[Key, Change] = field(default_factory=dict)
    """Names of other statements whose object changed: subclasses of a class that did."""
    stored: dict[Key, bool] = field(default_factory=dict)
    """
    Names on which, or on whose object, the statement has set something by an attribute or item,
    and whether they hold another object now.
    """
    in_place: set[str] = field(default_factory=set)
    """Of the names that it binds, those whose object stayed the same and was changed itself."""
    filled: set[tuple[str, str]] = field(default_factory=set)
    """Module and name of containers in which something was entered, or is no longer."""
    codes: list[CodeType] = field(default_factory=list)
    """Functions that do something else when called, though their code may be equal."""
    shown: list[Any] = field(default_factory=list)
    """Functions and classes that show something else: parameters, docstring, methods."""
    otherwise: list[tuple[type, frozenset[str]]] = field(default_factory=list)
    """Classes, and attributes that they have no longer, or not as before."""
    entered: set[int] = field(default_factory=set)
    """By id, which classes are in containers that it may enter something in."""
    imported: Collection[str] | None = None
    """The absolute names of what may be modules that it imported; None: as it is written."""
    taken: list[tuple[Any, str]] = field(default_factory=list)
    """
    Classes, with a method that is bound in another way, and functions with another attribute: who
    took it has to do so again.
    """


Steps = Generator[Step, Outcome, None]
"""What to do, step by step; what each of them changed is sent back."""


@dataclass(frozen=True)
class Plan:
    """What a reload would do; printable."""

    outcome: str
    swaps: tuple[str, ...]
    """Functions that would get other code in place, as "module:line: name"."""
    steps: tuple[Step, ...]
    reason: str = ""
    spared: tuple[str, ...] = ()
    """Modules that depend on what changes, and have nothing to do."""

    def __str__(self) -> str:
        lines = [f"{self.outcome}  {self.reason}".rstrip()]
        lines += [f"  swap     {swap}" for swap in self.swaps]
        lines += [f"  {step.action:8} {step}" for step in self.steps]
        lines += [f"  spare    {name}: reads nothing that changes" for name in self.spared]
        return "\n".join(lines)


def what_it_made(statement: Statement) -> str:
    """What a statement may have entered somewhere: a "definition", an "object", or nothing."""
    if statement.is_class or (statement.is_function and statement.decorated):
        return "definition"
    makes = statement.reads.calls and not statement.is_import and not statement.is_function
    return "object" if makes else ""
