"""
What does a statement do to objects that are not its own, and can that be repeated?

One rule: an effect that is new just runs; one that is repeated, changed or removed needs its
root to be rebuilt (if this module made it), to show that nothing was doubled (if it is a
container or a function of the project's own), or a restart.
"""

from __future__ import annotations

import logging
from abc import ABCMeta
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import EnumMeta
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from hotswap.functions import reaches
from hotswap.journal import refill
from hotswap.values import attributes, is_a

if TYPE_CHECKING:
    from hotswap.journal import Journal
    from hotswap.source import Unit
    from hotswap.statements import Effect, Outline

_LOGGING = frozenset(
    {"debug", "info", "warning", "error", "critical", "exception", "log", "setLevel"}
)
_HARMLESS = frozenset(
    {
        ("print",),
        ("warnings", "warn"),
        ("import_module",),  # as an import statement
        ("__import__",),
        ("globals",),  # names that it had bound are taken out before
        ("locals",),
        ("sys", "modules"),
    }
)
_REGISTERS = frozenset({"atexit", "codecs", "signal", "copyreg", "sqlalchemy"})
"""Libraries whose functions enter what they are given into books of their own."""

_PURE = frozenset(
    {
        "functools",
        "contextlib",
        "dataclasses",
        "typing",
        "abc",
        "enum",
        "wrapt",
        "builtins",
        "types",
    }
)


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


class WouldFail(Exception):  # noqa: N818 - a decision, not an error
    """A fresh start would fail, though the edit could be executed here."""

    def __init__(self, reason: str, location: tuple[str, int]) -> None:
        super().__init__(reason)
        self.reason, self.location = reason, location


FREE = Verdict()
_STORED_AGAIN = ("repeated", "changed")  # what is aligned has the same target
_COUNTS = (int, float, str, bool, type(None))


def judge(  # noqa: C901, PLR0911 - one line for each way to be free
    effect: Effect, unit: Unit, outline: Outline, own: Callable[[Any], bool], status: str
) -> Verdict:
    """
    What it takes to have an effect "repeated", "changed" or "removed".

    Args:
        own: Object → whether the project's own code made or defines it.
    """
    if effect.kind == "augment":
        return _judge_augmented(effect, unit, outline)
    if not effect.chain or effect.chain in _HARMLESS or effect.chain[1:] in _HARMLESS:
        return FREE
    target = _resolve(effect, unit.namespace)
    if status == "repeated" and _only_enters(effect, target):
        return FREE
    binders = outline.binders(effect.chain[0])
    made_here = bool(binders) and not any(_defines(outline, index) for index in binders)
    again = effect.kind == "store" and status in _STORED_AGAIN
    if (again and (effect.sure or not made_here)) or _is_log_call(effect, target):
        return FREE
    if made_here and not is_a(target, (FunctionType, type, ModuleType)):
        return Verdict(rebuild=effect.chain[0])
    if (
        effect.kind == "decorator"
        and status != "repeated"
        and _dispatches(effect, binders, outline)
    ):
        return Verdict(rebuild=effect.chain[0])
    if effect.kind == "decorator" and status == "removed":
        free = own(target) or _is_pure(effect, target)
    elif effect.kind == "decorator":
        free = own(target) or _makes_only(target)
    else:
        free = status != "removed" and (own(target) or type(target) in (list, dict, set))
    if free:
        return FREE
    verb = "repeated" if status == "repeated" else "undone"
    return Verdict(refuse=f"what {'.'.join(effect.chain)} did cannot be {verb} in process")


def _judge_augmented(effect: Effect, unit: Unit, outline: Outline) -> Verdict:
    """`x += …` leaves its trace in a container that was imported."""
    (name,) = effect.chain
    statements = [outline.statements[index] for index in outline.binders(name)]
    made_here = any(not one.is_import and not one.is_augmented for one in statements)
    if made_here or type(unit.namespace.get(name)) not in (list, dict, set):
        return FREE
    return Verdict(rebuild=name, imported=True)


def _only_enters(effect: Effect, target: Any) -> bool:
    """`register` of an ABC or of `functools.singledispatch`: the same key again gets a value."""
    is_dispatcher = hasattr(target, "registry") and hasattr(target, "dispatch")
    return effect.chain[-1] == "register" and (is_dispatcher or is_a(target, ABCMeta))


def _dispatches(effect: Effect, binders: list[int], outline: Outline) -> bool:
    """`@f.register`, where `f` is what a decorator of this module made: it can be made anew."""
    made = [outline.statements[index] for index in binders]
    return len(effect.chain) > 1 and any(one.is_function and one.decorated for one in made)


def _defines(outline: Outline, index: int) -> bool:
    statement = outline.statements[index]
    return statement.is_import or statement.is_definition


def _resolve(effect: Effect, namespace: dict[str, Any]) -> Any:
    """The object that the effect is done to, or the function that is called."""
    value = namespace.get(effect.chain[0])
    for attribute in effect.chain[1:]:
        if not is_a(value, ModuleType):
            break
        value = value.__dict__.get(attribute)
    return value


def _is_log_call(effect: Effect, target: Any) -> bool:
    if is_a(target, logging.Logger):
        return effect.chain[-1] in _LOGGING
    module = getattr(target, "__module__", None)
    return module == "logging" and effect.chain[-1] in _LOGGING


def _makes_only(target: Any) -> bool:
    """Whether a decorator of somebody else's most likely just makes a new object."""
    if not is_a(target, (FunctionType, BuiltinFunctionType, type, ModuleType)):
        return target is None or type(target).__module__ in ("functools", "wrapt")
    module = str(getattr(target, "__module__", None) or getattr(target, "__name__", ""))
    return module.split(".", maxsplit=1)[0] not in _REGISTERS


def _is_pure(effect: Effect, target: Any) -> bool:
    """Whether a decorator is known to leave nothing behind but its result."""
    if target is None:
        return len(effect.chain) == 1 or effect.chain[-1] in ("setter", "getter", "deleter")
    module = str(getattr(target, "__module__", None) or getattr(target, "__name__", ""))
    name = getattr(target, "__name__", "")
    return name == effect.chain[-1] and module.split(".", maxsplit=1)[0] in _PURE


@dataclass(eq=False)
class Watch:
    """The containers of some modules before a statement runs, to see what it did to them."""

    before: list[tuple[Any, Any, str]] = field(default_factory=list)
    plain: list[tuple[Any, str, Any, str]] = field(default_factory=list)
    """Plain values of modules and classes: a counter would count again."""

    @classmethod
    def over(
        cls,
        units: Iterable[Unit],
        own: Callable[[Any], bool],
        journal: Journal,
        made: Iterable[int] = (),
    ) -> Watch:
        """
        Look at these modules; their containers come back if the transaction fails.

        Args:
            made: By id, containers that this transaction made: all that is in them is right.
        """
        watch = cls()
        seen: set[int] = set(made)
        for unit in units:
            watch.plain += _plain_values(unit)
            for container, where in _containers(unit, own):
                if id(container) not in seen:
                    seen.add(id(container))
                    watch.before.append((container, container.copy(), where))
                    journal.keep_container(container)
        return watch

    def settle(
        self, alias: dict[int, Any], *, new: bool, fresh: AbstractSet[int] = frozenset()
    ) -> None:
        """
        Take out what is there twice now.

        Args:
            fresh: By id, functions that were made for the first time: their entries are right.
            alias: id of an object that the statement made → the object that it had made before.
            new: The statement ran for the first time: what it added is right.

        Raises:
            NeedsRestart: Something was added that a fresh start would not have.
        """
        if not new:
            self._check_plain()
        for container, before, where in self.before:
            if len(container) == len(before) and _equal(container, before):
                continue
            _settle(container, before, where, alias, fresh, new=new)

    def ignore_attribute(self, holder: object, name: str) -> None:
        """The statement stores this attribute."""
        self.plain = [row for row in self.plain if row[0] is not holder or row[1] != name]

    def ignore(self, unit: Unit, names: Iterable[str]) -> None:
        """These names are the statement's own to bind, and what they hold is its own to change."""
        own = set(names)
        held = {id(unit.namespace.get(name)) for name in own}
        self.plain = [
            row
            for row in self.plain
            if id(row[0]) not in held and (row[0] is not unit.module or row[1] not in own)
        ]

    def _check_plain(self) -> None:
        for holder, name, value, where in self.plain:
            now = vars(holder).get(name, value)
            if now is not value and now != value:
                raise NeedsRestart(f"{where} would be changed once more by what executes again")

    def holds(self, value: Any) -> bool:
        """Whether a container has an object, or a function that it wraps."""
        return any(
            any(
                one is value or (is_a(one, FunctionType) and reaches(value, one))
                for one in (held.values() if is_a(held, dict) else held)
            )
            for held, _, _ in self.before
        )

    def drop(self, gone: Any) -> bool:
        """Take an object out that a removed statement had put in; says whether it was found."""
        found = False
        for container, _, _ in self.before:
            if is_a(container, dict):
                kept: Any = {key: value for key, value in container.items() if value is not gone}
            else:
                kept = type(container)(value for value in container if value is not gone)
            if len(kept) != len(container):
                refill(container, kept)
                found = True
        return found


def _containers(unit: Unit, own: Callable[[Any], bool]) -> Iterator[tuple[Any, str]]:
    """The containers of a module, and those that its classes and objects have."""
    names = [name for name in unit.namespace if name[:2] != "__" or name == "__all__"]
    for name in names:
        value = unit.namespace[name]
        if type(value) in (list, dict, set):
            yield value, f"{unit.name}.{name}"
        elif is_a(value, type):
            if value.__module__ == unit.name and not is_a(value, EnumMeta):
                yield from _inside(dict(vars(value)), f"{unit.name}.{name}")
        elif own(value):
            yield from _inside(dict(attributes(value)), f"{unit.name}.{name}")


def _inside(space: dict[str, Any], where: str) -> Iterator[tuple[Any, str]]:
    for name, value in space.items():
        if type(value) in (list, dict, set) and not name.startswith("__"):
            yield value, f"{where}.{name}"


def _plain_values(unit: Unit) -> Iterator[tuple[Any, str, Any, str]]:
    for name, value in list(unit.namespace.items()):
        if type(value) in _COUNTS and not name.startswith("__"):
            yield unit.module, name, value, f"{unit.name}.{name}"
        elif is_a(value, type) and value.__module__ == unit.name:
            for attribute, inner in list(vars(value).items()):
                if type(inner) in _COUNTS and not attribute.startswith("__"):
                    yield value, attribute, inner, f"{unit.name}.{name}.{attribute}"


def _equal(container: Any, before: Any) -> bool:
    if is_a(container, dict):
        return all(container.get(key, _equal) is value for key, value in before.items())
    if is_a(container, list):
        return all(one is other for one, other in zip(container, before, strict=True))
    return bool(container == before)


def _settle(  # noqa: PLR0913
    container: Any,
    before: Any,
    where: str,
    alias: dict[int, Any],
    fresh: AbstractSet[int],
    *,
    new: bool,
) -> None:
    if is_a(container, dict):
        _settle_dict(container, before, where, alias, fresh, new=new)
    elif is_a(container, list):
        _settle_list(container, before, where, alias, fresh, new=new)
    elif not new and any(id(one) not in fresh for one in container - before):
        raise NeedsRestart(f"{where} would keep what an earlier run has put into it")


def _settle_list(  # noqa: PLR0913
    container: list[Any],
    before: list[Any],
    where: str,
    alias: dict[int, Any],
    fresh: AbstractSet[int],
    *,
    new: bool,
) -> None:
    container[:] = [alias.get(id(value), value) for value in container]
    known = {id(value) for value in before}
    grown = container[len(before) :]
    if new or not grown:
        return
    if any(id(value) not in known and id(value) not in fresh for value in grown):
        raise NeedsRestart(f"{where} would get an entry again for what has changed")
    container[len(before) :] = [value for value in grown if id(value) not in known]


def _settle_dict(  # noqa: PLR0913
    container: dict[Any, Any],
    before: dict[Any, Any],
    where: str,
    alias: dict[int, Any],
    fresh: AbstractSet[int],
    *,
    new: bool,
) -> None:
    for key, value in list(container.items()):
        if id(value) in alias:
            container[key] = alias[id(value)]
    added = [key for key in container if key not in before]
    if new:
        return
    for key in added:
        former = [old for old, value in before.items() if value is container[key]]
        if not former and id(container[key]) not in fresh:
            raise NeedsRestart(f"{where} would keep what an earlier run has put into it")
        for old in former:
            container.pop(old, None)
