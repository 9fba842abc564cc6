"""
How does a `def` that runs again keep the function that it made before?

Each function that a re-executed statement makes is handed over at birth, before its decorators
see it: the old function object becomes the new one and is given back. So decorators, registries,
closures and dispatch tables capture what they already hold.
"""

from __future__ import annotations

import builtins
import functools
import threading
import weakref
from collections.abc import Iterable
from enum import Enum
from functools import partial
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

import wrapt

from hotswap import classes, degrees
from hotswap import functions as living
from hotswap.compare import runs_at_definition, same_code, walk
from hotswap.journal import refill
from hotswap.values import is_a

if TYPE_CHECKING:
    from hotswap.journal import Journal
    from hotswap.lineage import Lineage
    from hotswap.moves import Moves
    from hotswap.source import Unit
    from hotswap.statements import Statement


class Gone:
    """
    What definitions made that no longer make it, while somebody holds it: if one of the same
    place makes such a thing again, it is the same.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], weakref.ref[Any]] = {}

    def add(self, module: str, qualname: str, value: Any) -> None:
        """A definition made `value`, and it is no longer what its name holds."""
        if is_a(value, (FunctionType, type)) or _is_plain_object(value):
            self._known[module, qualname, _kind(value)] = weakref.ref(value)

    def move(self, module: str, cls: type, journal: Journal) -> None:
        """A class, with those in it, is from now on one that `module` defines."""
        for one in _with_inner(cls):
            journal.set_item(self._known, (module, one.__qualname__, "class"), weakref.ref(one))
            journal.set_module(one, module)

    def find(self, module: str, qualname: str, like: Any) -> Any:
        """What a definition of that name made before, of the kind of `like`; or None."""
        ref = self._known.get((module, qualname, _kind(like)))
        return ref() if ref is not None else None


def _with_inner(cls: type) -> list[type]:
    inner = [
        value
        for value in vars(cls).values()
        if is_a(value, type)
        and value.__module__ == cls.__module__
        and value.__qualname__ == f"{cls.__qualname__}.{value.__name__}"
    ]
    return [cls, *(one for value in inner for one in _with_inner(value))]


def _kind(value: Any) -> str:
    return "class" if is_a(value, type) else type(value).__qualname__


class Births:
    """
    What happens to functions and classes while statements of one transaction execute.

    Args:
        gone: What was there before earlier edits; remembered from transaction to transaction.
    """

    def __init__(self, lineage: Lineage, journal: Journal, gone: Gone) -> None:
        self._lineage, self._journal = lineage, journal
        self.gone = gone
        self._waiting: dict[int, list[FunctionType]] = {}
        self._codes: dict[str, dict[tuple[str, int], list[CodeType]]] = {}
        self._thread = threading.get_ident()
        self._unit: Unit | None = None
        self._statement: Statement | None = None
        self.born: list[FunctionType] = []
        """Functions that the present statement made, or got back."""
        self.changed: list[CodeType] = []
        """Of those that came back: what do something else though their code may be equal."""
        self.bare: list[tuple[FunctionType, str]] = []
        """Old functions that stood bare under a name which now has a decorator."""
        self._twins: set[int] = set()
        self.fresh: set[int] = set()
        """By id, functions that the present statement made for the first time."""
        self.removed: list[FunctionType] = []
        """Decorated methods that are no longer in the class."""
        self.refilled: set[int] = set()
        """By id, objects of decorators that stayed and got what new ones hold."""
        self._temporary: dict[int, tuple[type, type]] = {}
        self.pictures: dict[int, tuple[type, dict[str, Any]]] = {}
        """Classes that run again, as they were."""
        self.moves: Moves | None = None

    def expect(self, living: Iterable[FunctionType]) -> None:
        """These functions are alive, and may be given back to the statements that made them."""
        for function in living:
            code = self._lineage.latest(function.__code__)
            self._waiting.setdefault(id(code), []).append(function)

    def expected(self, unit: Unit, statement: Statement) -> list[FunctionType]:
        """What is alive of the functions that a statement has defined."""
        return [
            function
            for functions in self._waiting.values()
            for function in functions
            if function.__globals__ is unit.namespace
            and "<locals>" not in function.__qualname__
            and statement.first
            <= self._lineage.latest(function.__code__).co_firstlineno
            <= statement.last
        ]

    def begin(self, unit: Unit, code: CodeType, statement: Statement) -> None:
        """A statement of `unit` is about to execute; `code` is the whole module's."""
        self._unit, self._statement = unit, statement
        self.born, self.changed, self.bare, self.pictures = [], [], [], {}
        self.refilled, self.fresh, self.removed = set(), set(), []
        self._twins = set()
        if unit.name not in self._codes:
            found = self._codes[unit.name] = {}
            for one in walk(code):
                if not runs_at_definition(one):
                    found.setdefault((one.co_name, one.co_firstlineno), []).append(one)

    def end(self) -> None:
        """The statement is done."""
        self._unit = self._statement = None

    # -- functions ------------------------------------------------------------------------

    def hand_over(self, new: FunctionType, *, decorated: bool) -> FunctionType:
        """The innermost decorator of every `def`, called with the raw function."""
        if self._unit is None or threading.get_ident() != self._thread:
            return new
        if new.__globals__ is not self._unit.namespace:
            return new
        twin = self._twin(new.__code__)
        if twin is not new.__code__:
            new.__code__ = twin
        old = self._take(twin)
        if old is None:
            self.born.append(new)
            self.fresh.add(id(new))
            return new
        name = new.__qualname__
        if decorated and self._is_bare(old, name) and self._gains_decorator(name):
            self.bare.append((old, name))
            self.born.append(new)
            return new
        before = (old.__defaults__, old.__kwdefaults__)
        keep = not decorated and not self._was_decorated(name)
        if not living.become(old, new, self._journal, keep=keep):
            living.forward(old, new, self._journal)
            self.born.append(new)
            self.changed.append(twin)
            return new
        if not _same_defaults(before, (new.__defaults__, new.__kwdefaults__)):
            self.changed.append(twin)
        self.born.append(old)
        return old

    def _twin(self, code: CodeType) -> CodeType:
        """The same function in the code of the whole module: what the lineage knows."""
        assert self._unit is not None
        known = self._codes[self._unit.name].get((code.co_name, code.co_firstlineno), [])
        equal = [one for one in known if same_code(one, code)]
        if not equal and len(known) == 1 and known[0].co_freevars == code.co_freevars:
            return known[0]
        left = [one for one in equal if id(one) not in self._twins]
        twin = (left or equal or [code])[0]
        self._twins.add(id(twin))
        return twin

    def _take(self, code: CodeType) -> FunctionType | None:
        waiting = self._waiting.get(id(code))
        return waiting.pop(0) if waiting else None

    def _was_decorated(self, qualname: str) -> bool:
        """Whether it had decorators before, too: such that give back what they got."""
        former: Statement | None = self._statement.former if self._statement else None
        return former is not None and former.decorates(qualname)

    def _gains_decorator(self, qualname: str) -> bool:
        """Whether one stands there now that makes something else of a function."""
        assert self._unit is not None
        assert self._statement is not None
        found = classes.find(self._unit.namespace, qualname)
        bound = is_a(found, (staticmethod, classmethod))
        return not self._was_decorated(qualname) and (
            not bound or self._statement.decorates(qualname)
        )

    def _is_bare(self, function: FunctionType, qualname: str) -> bool:
        assert self._unit is not None
        return classes.find_function(self._unit.namespace, qualname) is function

    # -- classes --------------------------------------------------------------------------

    def build_class(self, body: FunctionType, name: str, *bases: Any, **keywords: Any) -> Any:
        """Stands in for `builtins.__build_class__`."""
        old, statement = None, self._statement
        if statement is not None and threading.get_ident() == self._thread:
            old, statement = self._former(body, bases, statement)
        if old is None or statement is None:
            return _build_class(body, name, *bases, **keywords)
        self.pictures.setdefault(id(old), (old, degrees.picture(old)))
        classes.forget_generic_aliases()
        settle = self.settle_member
        before = dict(vars(old))
        if classes.build_into(old, body, name, bases, keywords, statement, settle, self._journal):
            self._note_gone(old, before)
            return old
        return _build_class(body, name, *bases, **keywords)

    def _former(
        self, body: FunctionType, bases: tuple[Any, ...], statement: Statement
    ) -> tuple[type | None, Statement]:
        """The class that a class body makes again, and the statement that makes it."""
        assert self._unit is not None
        space, qualname = body.__globals__, classes.qualname_of(body)
        old = None
        if space is self._unit.namespace:
            old = classes.former(space, qualname)
            old = None if any(old is base for base in bases) else old
            old = old or self.gone.find(self._unit.name, qualname, type)
        moved = self.moves.to(space, qualname) if old is None and self.moves else None
        if moved is None or any(moved.cls is base for base in bases):
            return old, statement
        self.gone.move(space["__name__"], moved.cls, self._journal)
        return moved.cls, moved.statement

    def _note_gone(self, cls: type, before: dict[str, Any]) -> None:
        for name, value in before.items():
            if vars(cls).get(name) is not value:
                if not classes.has_another_place(value, cls, name):
                    self.gone.add(cls.__module__, f"{cls.__qualname__}.{name}", value)
                if is_a(value, FunctionType):
                    self.changed.append(self._lineage.latest(value.__code__))
                    self.removed += [value] if name not in vars(cls) else []

    # -- what a name held, and what it holds now ------------------------------------------

    def settle_member(self, old: Any, new: Any) -> Any:
        """
        As `settle`, for an attribute of a class. A mere value takes no older one's place: the
        body may have given it away, as the default of a method.
        """
        if not callable(new) and not hasattr(type(new), "__get__"):
            return new
        kept = self.settle(old, new, defined=True)
        if kept is new and is_a(new, (FunctionType, type)):
            return self.settle_gone(new.__module__, getattr(new, "__qualname__", ""), new)
        return kept

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
        if is_a(old, wrapt.FunctionWrapper):
            return self._settle_wrapper(old, new)
        if _is_plain_object(old):
            self._journal.keep_dict(old.__dict__)
            refill(old.__dict__, dict(new.__dict__))
            self.refilled.add(id(old))
            return old
        return new

    def _settle_method(self, old: Any, new: Any) -> Any:
        """A static or class method: that which has the function that stays."""
        if self.settle(old.__func__, new.__func__, defined=True) is not old.__func__:
            return new
        self._journal.keep_dict(vars(old))
        refill(vars(old), dict(vars(new)))
        return old

    def _settle_wrapper(self, old: Any, new: Any) -> Any:
        """A wrapper of wrapt's: the held one wraps what the new one does, in the same way."""
        names = ("__wrapped__", "_self_wrapper", "_self_enabled")
        before = [getattr(old, name) for name in names]
        try:
            for name in names:
                setattr(old, name, getattr(new, name))
        except (AttributeError, TypeError):
            return new
        for name, value in zip(names, before, strict=True):
            self._journal.note(partial(setattr, old, name, value))
        return old

    def _settle_class(self, old: type, new: type) -> type:
        if old.__qualname__ != new.__qualname__ or not classes.is_of(
            old.__module__, new.__module__
        ):
            return new
        assert self._statement is not None
        self.pictures.setdefault(id(old), (old, degrees.picture(old)))
        classes.adopt(old, new, self._statement, self.settle_member, self._journal)
        self._temporary[id(new)] = (new, old)
        return old

    def settle_temporary(self) -> None:
        """Classes that had to be built anew, and from which old ones were patched, vanish."""
        classes.replace_everywhere(self._temporary, self._journal)
        self._temporary = {}

    def _settle_function(self, old: FunctionType, new: Any) -> Any:
        if not callable(new) or living.reaches(new, old):
            return new
        if any(old is one for one in self.born):
            return new  # it lives on under another name
        if any(old is one for one, _ in self.bare):
            return new  # whoever holds it gets what its decorators made
        latest = self._lineage.latest
        if type(new) is FunctionType:
            same = latest(old.__code__) is latest(new.__code__)
            if same and living.become(old, new, self._journal):
                self.changed.append(latest(old.__code__))
                return old
        living.forward(old, new, self._journal)
        return new


class _Plain:
    pass


def _is_plain_object(value: Any) -> bool:
    """Whether all state of an object is in its `__dict__`: no slots, no state of C's."""
    kind = type(value)
    return (
        not is_a(value, (type, wrapt.ObjectProxy, Enum))
        and kind.__basicsize__ == _Plain.__basicsize__
        and kind.__dictoffset__ == _Plain.__dictoffset__
    )


def _same_defaults(one: Any, other: Any) -> bool:
    (args, kwargs), (other_args, other_kwargs) = one, other
    return degrees.same_value(args or (), other_args or ()) and (
        (kwargs or {}).keys() == (other_kwargs or {}).keys()
        and all(degrees.same_value(kwargs[name], other_kwargs[name]) for name in kwargs or {})
    )


_build_class = builtins.__build_class__
_current: list[Births] = []


def born(function: Any) -> Any:
    """Innermost decorator of a function that has no other, and of lambdas."""
    return _current[-1].hand_over(function, decorated=False) if _current else function


def born_decorated(function: Any) -> Any:
    """Innermost decorator of a function that has others."""
    return _current[-1].hand_over(function, decorated=True) if _current else function


def begin(births: Births) -> None:
    """From now on `births` decides what functions and classes are born as."""
    _current.append(births)
    builtins.__build_class__ = births.build_class  # type: ignore[assignment]


def end() -> None:
    """Functions and classes are born as usual again."""
    builtins.__build_class__ = _build_class
    _current.clear()
