"""
What does a statement do to objects that are not its own, and can that be repeated?

One rule: an effect that is new just runs; one that is repeated, changed or removed needs its
root to be rebuilt (if this module made it), to show that nothing was doubled (if it is a
container or a function of the project's own), or a restart.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from hotswap.entries import is_dispatcher, is_single
from hotswap.harmless import (
    is_handler,
    is_harmless,
    is_log_call,
    is_pure,
    is_register,
    is_taken_out,
    makes_only,
    only_enters,
)
from hotswap.syntax import targets
from hotswap.values import BASES, is_a

if TYPE_CHECKING:
    from hotswap.outlines import Outline
    from hotswap.source import Unit
    from hotswap.statements import Statement
    from hotswap.syntax import Effect


class NeedsRestart(Exception):  # noqa: N818 - a decision, not an error
    """The edit cannot be applied in process; says why and where."""

    def __init__(self, reason: str, location: tuple[str, int] | None = None) -> None:
        super().__init__(reason)
        self.reason, self.location = reason, location


@dataclass(frozen=True)
class Verdict:
    """What an effect asks for; neither: it may be repeated as it is."""

    rebuild: str = ""
    """The name in this module that has to be bound anew first."""
    imported: bool = False
    """The name is bound in another module, from which it is imported here."""
    refuse: str = ""
    """Why only a restart is right."""


class EntersElsewhere(NeedsRestart):
    """A library's object, made by the same module, is not as if a statement had run once."""


class WouldFail(Exception):  # noqa: N818 - a decision, not an error
    """A fresh start would fail, though the edit could be executed here."""

    def __init__(self, reason: str, location: tuple[str, int]) -> None:
        super().__init__(reason)
        self.reason, self.location = reason, location


FREE = Verdict()
_STORED_AGAIN = ("repeated", "changed")  # what is aligned has the same target


def _is_free(
    effect: Effect, target: Any, own: Callable[[Any], bool], status: str, *, deleted: bool
) -> bool:
    """Whether what it acts on bears that it is had again, or taken back."""
    if effect.kind == "call" and target is None and status != "removed":
        return deleted
    if effect.kind == "decorator":
        gone = status == "removed" and not is_register(target)  # whoever has it is looked for
        return gone or own(target) or is_pure(effect, target) or makes_only(target)
    return status != "removed" and (own(target) or is_a(target, BASES))


def judge(  # noqa: C901, PLR0911 - one line for each way to be free
    effect: Effect, unit: Unit, outline: Outline, own: Callable[[Any], bool], status: str
) -> Verdict:
    """
    What it takes to have an effect "repeated", "changed" or "removed".

    Args:
        own: Object → whether the project's own code made or defines it.
    """
    if status == "removed" and _is_in_its_place(effect, unit):
        return Verdict(refuse=f"{unit.name} puts something else in its own place")
    if effect.kind == "augment":
        return _judge_augmented(effect, unit, outline)
    if is_harmless(effect, unit.namespace) or _is_made_anew(effect, unit.namespace, status):
        return FREE
    if effect.renews or _sets_what_nobody_knows(effect):
        return _judge_renewing(effect, unit, outline)
    if status == "changed" and effect.kind == "call" and is_of_library(effect, unit, own):
        status = "removed"  # and done anew with other arguments
    target = resolve(effect, unit.namespace)
    if status == "repeated" and (only_enters(effect, target) or is_handler(effect, target)):
        return FREE
    if status == "removed" and is_taken_out(effect, target):
        return FREE
    binders = outline.binders(effect.chain[0])
    made_here = bool(binders) and not any(_defines(outline, index) for index in binders)
    again = effect.kind == "store" and status in _STORED_AGAIN
    lost = status == "removed" and not _is_set_elsewhere(effect, outline)
    if (again and (effect.sure or not made_here)) or is_log_call(effect, target, lost=lost):
        return FREE
    if made_here and not is_a(target, (FunctionType, type, ModuleType)):
        return Verdict(rebuild=effect.chain[0])
    if effect.kind == "decorator" and _dispatches(effect, target, binders, outline):
        return Verdict(rebuild=effect.chain[0])
    deleted = any(outline.statements[index].is_definition for index in binders)  # by lines below
    if _is_free(effect, target, own, status, deleted=deleted):
        return FREE
    if is_single(unit.namespace.get(effect.chain[0])) and _is_made_by_decorator(binders, outline):
        return Verdict(rebuild=effect.chain[0])
    verb = "repeated" if status == "repeated" else "undone"
    return Verdict(refuse=f"what {'.'.join(effect.chain)} did cannot be {verb} in process")


def check_stores(old: Statement, new: Statement, unit: Unit, own: Callable[[Any], bool]) -> None:
    """
    Refuse to store something elsewhere in what is a library's.

    Raises:
        NeedsRestart: It would stay where it was.
    """
    for effect in old.effects:
        foreign = effect.kind == "store" and is_of_library(effect, unit, own)
        if foreign and targets(old.nodes) - targets(new.nodes):
            reason = f"what {'.'.join(effect.chain)} did cannot be undone in process"
            raise NeedsRestart(reason, (old.path, old.first))


def stays_behind(effect: Effect, unit: Unit, outline: Outline, own: Callable[[Any], bool]) -> bool:
    """Whether others still have what a module did to them, though nobody imports it any more."""
    target = resolve(effect, unit.namespace)
    if effect.kind == "decorator":
        free = own(target) or is_pure(effect, target) or makes_only(target)
        return is_dispatcher(target) or not free
    if effect.kind == "call" and is_a(target, FunctionType) and own(target):
        return False  # what the function does is looked at where it ran
    return bool(judge(effect, unit, outline, own, "removed").refuse)


def _is_in_its_place(effect: Effect, unit: Unit) -> bool:
    """Whether a module has put something else under its name, as this effect does."""
    stored = effect.kind == "store" and effect.chain == ("sys", "modules")
    return stored and sys.modules.get(unit.name) is not unit.module


def _is_made_anew(effect: Effect, namespace: dict[str, Any], status: str) -> bool:
    """
    `token = variable.set(1)`: the same again, unless it is gone; of others nothing is known.
    What a class body has acted on is looked at once it has made it again.
    """
    if effect.kind != "set":
        return effect.kind == "part" and status != "removed"
    return status != "removed" or not is_a(resolve(effect, namespace), ContextVar)


def _judge_augmented(effect: Effect, unit: Unit, outline: Outline) -> Verdict:
    """`x += …` leaves its trace in a container that was imported."""
    (name,) = effect.chain
    statements = [outline.statements[index] for index in outline.binders(name)]
    made_here = any(not one.is_import and not one.is_augmented for one in statements)
    if made_here or type(unit.namespace.get(name)) not in (list, dict, set):
        return FREE
    return Verdict(rebuild=name, imported=True)


def is_of_library(effect: Effect, unit: Unit, own: Callable[[Any], bool]) -> bool:
    """Whether what it acts on is found by way of a library's module."""
    root = unit.namespace.get(effect.chain[0]) if effect.chain else None
    return is_a(root, ModuleType) and not own(root)


def _sets_what_nobody_knows(effect: Effect) -> bool:
    """`setattr(x, name, …)` in a loop: what an earlier run had set by other names would stay."""
    return effect.kind == "store" and effect.into == "name" and not effect.sure


def _judge_renewing(effect: Effect, unit: Unit, outline: Outline) -> Verdict:
    """`x.a += …`, `x[0] = f(x[0])`: what was there before has to be there again."""
    name, *path = effect.chain
    binders = [outline.statements[index] for index in outline.binders(name)]
    made_here = not any(one.is_import or one.is_definition for one in binders)
    if made_here or (all(one.is_class for one in binders) and not effect.renews):
        return Verdict(rebuild=name)
    imported = all(one.is_import for one in binders)
    if imported and not path and type(unit.namespace.get(name)) in (list, dict, set):
        return Verdict(rebuild=name, imported=True)
    what = ".".join(effect.chain)
    if effect.renews:
        return Verdict(refuse=f"{what} would be made of what an earlier run made of it")
    return Verdict(refuse=f"{what} would keep what an earlier run has set")


def _dispatches(effect: Effect, target: Any, binders: list[int], outline: Outline) -> bool:
    """`@f.register`, where `f` is what a decorator of this module made: it can be made anew."""
    made = [outline.statements[index] for index in binders]
    known = is_dispatcher(target)  # though it may be none from now on
    return len(effect.chain) > 1 and any(
        one.is_function and (one.decorated or known) for one in made
    )


def _is_made_by_decorator(binders: list[int], outline: Outline) -> bool:
    """Whether a name holds what the decorators of a function made of it, each time anew."""
    made = [outline.statements[index] for index in binders]
    return bool(made) and all(one.is_function and one.decorated for one in made)


def _defines(outline: Outline, index: int) -> bool:
    statement = outline.statements[index]
    return statement.is_import or statement.is_definition


def resolve(effect: Effect, namespace: dict[str, Any]) -> Any:
    """The object that the effect is done to, or the function that is called."""
    value = namespace.get(effect.chain[0])
    for attribute in effect.chain[1:]:
        if not is_a(value, ModuleType):
            break
        value = value.__dict__.get(attribute)
    return value


def _is_set_elsewhere(effect: Effect, outline: Outline) -> bool:
    """Whether another call gives the same logger a level."""
    if effect.chain[-1] != "setLevel":
        return False
    return any(one.chain == effect.chain for each in outline.statements for one in each.effects)


def may_enter(effect: Effect, namespace: dict[str, Any], own: Callable[[Any], bool]) -> bool:
    """Whether a decorator of somebody else's may have kept what it was given."""
    target = resolve(effect, namespace)
    return effect.kind == "decorator" and not (own(target) or is_pure(effect, target))
