"""
How does what a name held act as what it holds now, for whoever has it?

By then functions are what they were born as: what is left is what decorators made of them, and
classes that were built for real.
"""

from __future__ import annotations

import functools
from enum import EnumMeta
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

import wrapt

from hotswap import (
    classes,
    closures,
    degrees,
    dotted,
    enums,
    likeness,
    partials,
    remembered,
    rewrapping,
    standins,
)
from hotswap import functions as living
from hotswap.effects import NeedsRestart
from hotswap.gone import Gone, is_plain_object
from hotswap.journal import refill
from hotswap.leading import LeadingBack
from hotswap.succession import Successions
from hotswap.values import is_a

if TYPE_CHECKING:
    from hotswap.journal import Journal
    from hotswap.lineage import Lineage
    from hotswap.statements import Statement


class Following:
    """
    What held objects become while statements of one transaction execute.

    Args:
        gone: What was there before earlier edits; remembered from transaction to transaction.
    """

    def __init__(self, lineage: Lineage, journal: Journal, gone: Gone) -> None:
        self._lineage, self._journal = lineage, journal
        self.gone = gone
        self._statement: Statement | None = None
        self.born: list[FunctionType] = []
        """Functions that the present statement made, or got back."""
        self.changed: list[CodeType] = []
        """Of those that came back: what do something else though their code may be equal."""
        self.replaced: list[tuple[type, str, FunctionType]] = []
        """Members that were wrapped, and are not just now: of which class, and under which name."""
        self.shown: list[Any] = []
        """Functions that came back, and have other defaults or annotations."""
        self.faces: dict[int, tuple[FunctionType, dict[str, Any]]] = {}
        """Functions that came back, and what they had been given by others."""
        self.bare: list[tuple[FunctionType, str]] = []
        """Old functions that stood bare under a name which now has a decorator."""
        self.refilled: set[int] = set()
        """By id, objects of decorators that stayed and got what new ones hold."""
        self.became: set[int] = set()
        """By id, what stayed, and took over what the present statement made in its place."""
        self.dropped: dict[int, Any] = {}
        """By id, what came with a new function, and the living one that has become it."""
        self._wrapped: list[FunctionType] = []
        """Members of a class that bases had wrapped, and may wrap again."""
        self._temporary: dict[int, tuple[Any, Any]] = {}
        """By id, what vanishes, and what stays for it: classes, and members of theirs."""
        self.pictures: dict[int, tuple[type, dict[str, Any]]] = {}
        """Classes that run again, as they were."""
        self.into: set[int] = set()
        """By id, classes that the present statement's class bodies ran into."""
        self.successions = Successions(journal)
        self._whence: dict[int, Statement] = {}
        """By id, classes that moved, and what had defined them."""
        self.rebound: list[tuple[Statement, Any, Any]] = []
        """Methods that are bound in another way than before: what they were, and are."""

    def settle_member(self, old: Any, new: Any) -> Any:
        """
        As `settle`, for an attribute of a class. A mere value takes no older one's place: the
        body may have given it away, as the default of a method.
        """
        if not callable(new) and not hasattr(type(new), "__get__"):
            return new
        if degrees.is_bound_otherwise(old, new) and self._statement is not None:
            self._note_rebound(self._statement, old, new)
        kept = self.settle(old, new, defined=True)
        if kept is new and is_a(new, (FunctionType, type)):
            return self.settle_gone(new.__module__, getattr(new, "__qualname__", ""), new)
        return kept

    def settle_raw_member(self, old: Any, new: Any) -> Any:
        """
        As `settle_member`, for what a body gives to a class that is not told to its bases yet: what
        these had wrapped they may wrap again.
        """
        if type(old) is FunctionType and old is not new and living.reaches(old, new):
            self._wrapped.append(old)
            return new
        return self.settle_member(old, new)

    def settle_wrapped(self, cls: type, before: dict[str, Any]) -> None:
        """
        Let what wrapped members of a class act as what it has by now. One that bases wrap only
        now is what they call: whoever holds it would go on without them.
        """
        wrapped, self._wrapped = self._wrapped, []
        for name, old in before.items():
            new = vars(cls).get(name)
            if any(old is one for one in wrapped) and new is not old:
                self.replaced.append((cls, name, old))
            elif self._statement is not None and likeness.is_wrapped_by(old, new):
                self.rebound.append((self._statement, old, new))
        if self._statement is None or not self._statement.decorated:
            self.settle_replaced()

    def settle_replaced(self) -> None:
        """The same, once decorators of the class may have wrapped members of it again."""
        replaced, self.replaced = self.replaced, []
        for cls, name, old in replaced:
            code, new = self._lineage.latest(old.__code__), vars(cls).get(name)
            kept = self.settle_member(old, new)
            if kept is not new:
                self._journal.set_class_attr(cls, name, kept)
            else:
                self.changed.append(code)  # by now, it only calls what there is

    def _note_rebound(self, statement: Statement, old: Any, new: Any) -> None:
        """Whoever took it, or called it as a property is, does something else by now."""
        self.rebound.append((statement, old, new))
        for function in living.reached_from(old):
            self.changed.append(self._lineage.latest(function.__code__))

    def settle_gone(self, module: str, qualname: str, new: Any) -> Any:
        """As `settle`, for what a definition of that name had made before others took its place."""
        gone = self.gone.find(module, qualname, new)
        return new if gone is None else self.settle(gone, new, defined=True)

    def settle(self, old: Any, new: Any, *, defined: bool) -> Any:
        """
        Let `old` act as `new` does, for whoever holds it, and say which of them to bind.

        Args:
            defined: A definition of that name made both, so `old` has no other meaning.
        """
        if old is new or not defined or self._statement is None:
            return new
        kept = self._settle_kind(old, new)
        if kept is old:
            self.became.add(id(old))
        return kept

    def _settle_kind(self, old: Any, new: Any) -> Any:
        if is_a(old, type) and is_a(new, type):
            return self._settle_class(old, new)
        if is_a(old, functools._lru_cache_wrapper):
            old.cache_clear()
        if type(old) is FunctionType:  # a wrapt proxy only says that it is one
            return self._settle_function(old, new)
        return self._settle_object(old, new) if type(old) is type(new) else new

    def _settle_object(self, old: Any, new: Any) -> Any:
        if type(old) in (staticmethod, classmethod):
            return self._settle_method(old, new)
        if type(old) is functools.singledispatchmethod:
            return self._settle_dispatcher(old, new)
        if type(old) is functools.partial:
            return self._settle_partial(old, new)
        if type(old) is functools.partialmethod:
            partials.lead_bound(old, new, self._journal)
        if is_a(old, wrapt.FunctionWrapper):
            return old if rewrapping.rewrap(old, new, self._journal) else new
        if is_plain_object(old):
            return self._settle_plain(old, new)
        return old if likeness.is_same_property(old, new) else new

    def _settle_plain(self, old: Any, new: Any) -> Any:
        self._journal.keep_dict(old.__dict__)
        if not likeness.is_filled_alike(old.__dict__, new.__dict__):
            self.refilled.add(id(old))
        refill(old.__dict__, dict(new.__dict__))
        LeadingBack(new, old, self._journal).lead(old.__dict__)
        return old

    def _settle_method(self, old: Any, new: Any) -> Any:
        """A static or class method: that which has the function that stays."""
        if self.settle(old.__func__, new.__func__, defined=True) is not old.__func__:
            return new
        self._journal.keep_dict(vars(old))
        refill(vars(old), dict(vars(new)))
        return old

    def _settle_dispatcher(self, old: Any, new: Any) -> Any:
        """Bound methods of it hold the function that chooses."""
        chooses = self.settle(old.dispatcher.dispatch, new.dispatcher.dispatch, defined=True)
        mine = self.settle(old.dispatcher, new.dispatcher, defined=True)
        mine.dispatch = chooses
        self._journal.keep_dict(vars(old))
        refill(vars(old), {**vars(new), "dispatcher": mine})
        self.refilled.add(id(old))
        return old

    def _settle_partial(self, old: Any, new: Any) -> Any:
        partials.refill_partial(old, new.__reduce__()[2], self._journal)
        self.refilled.add(id(old))
        return old

    def _settle_class(self, old: type, new: type) -> type:
        if old.__qualname__ != new.__qualname__ or not dotted.is_of(old.__module__, new.__module__):
            return new
        assert self._statement is not None
        if (known := self._settled_as(old, new)) is not None:
            return known
        before = degrees.picture(old)
        if reason := classes.obstacle(old, new, self._journal):
            self._refuse_inner(old, new, reason)
            self.pictures[id(new)] = (new, before)
            self.successions.add(old, new, reason, self._statement)
            classes.inherit(old, new, self._statement, self.settle_member)
            return new
        self.pictures.setdefault(id(old), (old, before))
        self._temporary[id(new)] = (new, old)
        if isinstance(old, EnumMeta):
            enums.carry_over(old, new, self._lineage.generations)
        names, statement = set(vars(old)), self._whence.get(id(old), self._statement)
        made = classes.adopt(old, new, statement, self.settle_member, self._journal)
        self._temporary |= made
        self.dropped |= {key: kept for key, (_, kept) in made.items()}
        if names != vars(old).keys():
            remembered.forget_all_subclass_checks()
        return old

    def _settled_as(self, old: type, new: type) -> type | None:
        """What a class became of which this is a member, in the end: it may have itself in it."""
        if self.successions.leads(old, new):
            return new
        return old if self._temporary.get(id(new), (new, new))[1] is old else None

    def _refuse_inner(self, old: type, new: type, reason: str) -> None:
        """What a decorator got is the old class; methods close over that, not over the result."""
        assert self._statement is not None
        made = [value for value in vars(new).values() if is_a(value, FunctionType)]
        cells = [cell for function in made for cell in function.__closure__ or ()]
        if id(old) in self.into and any(living.contains(cell, old) for cell in cells):
            place = (self._statement.path, self._statement.first)
            raise NeedsRestart(f"{reason}, and its methods close over what a decorator got", place)

    def settle_temporary(self) -> None:
        """Classes that had to be built anew, and from which old ones were patched, vanish."""
        standins.replace_everywhere(self._temporary, self._journal)

    def _settle_function(self, old: FunctionType, new: Any) -> Any:
        if not callable(new) or living.reaches(new, old):
            return new
        if any(old is one for one in self.born):
            return new  # it lives on under another name
        if any(old is one for one, _ in self.bare):
            return new  # whoever holds it gets what its decorators made
        if type(new) is FunctionType:
            self.faces.setdefault(id(old), (old, degrees.face(old)))
            if self._is_same((old, new)) and self._become(old, new):
                return old
        self._forward(old, new)
        return new

    def _become(self, old: FunctionType, new: FunctionType) -> bool:
        pairs = closures.family(old, new, self._is_same)
        alone = len(pairs) == 1
        differ = [] if alone and likeness.do_same(old, new, self._is_like) else pairs
        if not closures.become_together(pairs, self._journal):
            return False
        self.changed += [self._lineage.latest(one.__code__) for one, _ in differ]
        self.dropped |= {id(theirs): mine for mine, theirs in pairs[1:]}
        return True

    def _is_same(self, pair: closures.Pair) -> bool:
        codes = [self._lineage.latest(one.__code__) for one in pair]
        return codes[0] is codes[1]

    def _is_like(self, old: Any, new: Any) -> bool:
        """Whether two functions have the same code, or a class became what there was."""
        if is_a(old, FunctionType) and is_a(new, FunctionType):
            return self._is_same((old, new))
        return bool(self._temporary.get(id(new), (new, new))[1] is old)

    def _forward(self, old: FunctionType, new: Any) -> None:
        """What is called through `old` shares its state with `new`, also by its attributes."""
        living.forward(old, new, self._journal)
        if type(new) is FunctionType:
            both = vars(old).keys() & vars(new).keys() - {"__wrapped__"}
            vars(old).update({name: vars(new)[name] for name in both})
