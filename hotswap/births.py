"""
How does a `def` that runs again keep the function that it made before?

Each function that a re-executed statement makes is handed over at birth, before its decorators
see it: the old function object becomes the new one and is given back. So decorators, registries,
closures and dispatch tables capture what they already hold.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from itertools import chain
from types import CellType, CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from hotswap import classes, degrees, dotted, libraries, likeness, remembered
from hotswap import functions as living
from hotswap.bodies import asks_for_slots
from hotswap.compare import runs_at_definition, same_code, walk
from hotswap.effects import NeedsRestart
from hotswap.following import Following
from hotswap.hooked import Hooks, told_anew
from hotswap.remaking import remaking
from hotswap.unions import Unions
from hotswap.unseen import build
from hotswap.values import is_a

if TYPE_CHECKING:
    from hotswap.gone import Gone
    from hotswap.journal import Journal
    from hotswap.lineage import Lineage
    from hotswap.moves import Moves
    from hotswap.source import Unit
    from hotswap.statements import Statement


class Births(Following):
    """What happens to functions and classes while statements of one transaction execute."""

    def __init__(self, lineage: Lineage, journal: Journal, gone: Gone) -> None:
        super().__init__(lineage, journal, gone)
        self._waiting: dict[int, list[FunctionType]] = {}
        self._codes: dict[str, dict[tuple[str, int], list[CodeType]]] = {}
        self._thread = threading.get_ident()
        self._unit: Unit | None = None
        self._twins: set[int] = set()
        self._class_cells: list[tuple[CellType, CellType]] = []
        """Of functions that came back: theirs, and those of what they became."""
        self.fresh: set[int] = set()
        """By id, functions that the present statement made for the first time."""
        self.removed: list[FunctionType] = []
        """Decorated methods that are no longer in the class."""
        self.moves: Moves | None = None
        self.unions = Unions()
        self.hooks = Hooks()
        """Those that are told of what the present statement makes."""
        self.held: dict[str, Any] = {}
        """What the names that it binds held, though one above it may just have bound them."""

    def expect(self, living: Iterable[FunctionType]) -> None:
        """These functions live, and may be given back to the statements that made them."""
        for function in living:
            code = self._lineage.latest(function.__code__)
            self._waiting.setdefault(id(code), []).append(function)

    def expected(self, unit: Unit, statement: Statement) -> list[FunctionType]:
        """What is alive of the functions that a statement has defined."""
        every = chain.from_iterable(self._waiting.values())
        return [one for one in every if self.is_made_by(unit, statement, one)]

    def is_made_by(self, unit: Unit, statement: Statement, function: FunctionType) -> bool:
        """Whether a living function is what a statement defines."""
        if function.__globals__ is not unit.namespace or "<locals>" in function.__qualname__:
            return False
        line = self._lineage.latest(function.__code__).co_firstlineno
        return statement.first <= line <= statement.last

    def begin(self, unit: Unit, code: CodeType, statement: Statement) -> None:
        """A statement of `unit` is about to execute; `code` is the whole module's."""
        self._unit, self._statement = unit, statement
        self.born, self.changed, self.bare, self.pictures, self.replaced = [], [], [], {}, []
        self.shown, self.faces = [], {}
        self.refilled, self.fresh, self.removed, self.dropped = set(), set(), [], {}
        self._twins, self.into, self.became, self._class_cells = set(), set(), set(), []
        if unit.name not in self._codes:
            found = self._codes[unit.name] = {}
            for one in walk(code):
                if not runs_at_definition(one):
                    found.setdefault((one.co_name, one.co_firstlineno), []).append(one)

    def end(self) -> None:
        """The statement is done."""
        self._unit, self._statement, self._temporary = None, None, {}

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
        waiting = self._waiting.get(id(twin))
        old = waiting.pop(likeness.likest(new, waiting)) if waiting else None
        if old is None:
            self.born.append(new)
            self.fresh.add(id(new))
            return new
        name = new.__qualname__
        if decorated and self._is_bare(old, name) and self._gains_decorator(name):
            self.bare.append((old, name))
            self.born.append(new)
            return new
        comes_back = self._comes_back(old, new, twin, decorated=decorated)
        self.born.append(old if comes_back else new)
        return self.born[-1]

    def _comes_back(
        self, old: FunctionType, new: FunctionType, twin: CodeType, *, decorated: bool
    ) -> bool:
        """Let a function become the new one; if it cannot, have it forward to that."""
        before = (old.__defaults__, old.__kwdefaults__)
        annotations = old.__annotations__
        self.faces.setdefault(id(old), (old, degrees.face(old)))
        self.unions.keep(annotations, new)
        keep = not (decorated or self._decorators(new.__qualname__))
        if not living.become(old, new, self._journal, keep=keep):
            living.forward(old, new, self._journal)
            self.changed.append(twin)
            return False
        cells = zip(living.class_cells(old), living.class_cells(new), strict=True)
        self._class_cells += [(mine, theirs) for mine, theirs in cells if mine is not theirs]
        self._compare(old, twin, before, annotations)
        return True

    def _compare(
        self, function: FunctionType, twin: CodeType, defaults: Any, annotations: Any
    ) -> None:
        """What a function that came back has, and had."""
        if not degrees.same_defaults(defaults, (function.__defaults__, function.__kwdefaults__)):
            self.changed.append(twin)
            self.shown.append(function)
        elif annotations != function.__annotations__:
            self.shown.append(function)

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

    def _decorators(self, qualname: str) -> frozenset[str]:
        former: Statement | None = self._statement.former if self._statement else None
        return frozenset() if former is None else former.decorators(qualname)

    def _gains_decorator(self, qualname: str) -> bool:
        """Whether one stands there now that makes something else of a function."""
        assert self._unit is not None
        assert self._statement is not None
        found = dotted.find(self._unit.namespace, qualname)
        bound = is_a(found, (staticmethod, classmethod))
        before = self._decorators(qualname)
        return (not before and not bound) or bool(self._statement.decorators(qualname) - before)

    def _is_bare(self, function: FunctionType, qualname: str) -> bool:
        assert self._unit is not None
        return dotted.find_function(self._unit.namespace, qualname) is function

    # -- classes --------------------------------------------------------------------------

    def build_class(self, body: FunctionType, name: str, /, *bases: Any, **keywords: Any) -> Any:
        """Stands in for `builtins.__build_class__`."""
        old, statement = None, self._statement
        if statement is not None and threading.get_ident() == self._thread:
            old, statement = self._former(body, bases, statement)
        if old is None or statement is None:
            return build(body, name, *bases, **keywords)
        if library := libraries.made_once(old):
            place = (statement.path, statement.first)
            raise NeedsRestart(f"{library} has taken up {old.__qualname__} as it was", place)
        self.pictures.setdefault(id(old), (old, degrees.picture(old)))
        remembered.forget_generic_aliases()
        if asks_for_slots(statement, dotted.qualname_of(body)):
            new = build(body, name, *bases, **keywords)
            self._fill_class_cells(new)
            return new
        return self._build_again(old, statement, body, name, bases, keywords)

    def _build_again(  # noqa: PLR0913, PLR0917 - what a class statement is made of
        self,
        old: type,
        statement: Statement,
        body: FunctionType,
        name: str,
        bases: tuple[Any, ...],
        keywords: dict[str, Any],
    ) -> Any:
        """The same class with what its statement says now; if that cannot be, another one."""
        settle, before, new = self.settle_raw_member, dict(vars(old)), old
        codes = degrees.codes(before)
        journal = self._journal
        with told_anew(old, self.hooks, statement, journal) as told:
            into = classes.build_into(old, body, name, bases, keywords, statement, settle, journal)
            if not into:
                with remaking(old, statement, settle, journal) as made:
                    new = build(body, name, *bases, **keywords)
                into = bool(made)
            told.append(new)
        if into:
            self.into.add(id(old))
            self.settle_wrapped(old, before)
            self._note_gone(old, before, codes)
            return new
        self._fill_class_cells(new, unless=old)
        # no name that it had leads to one that has moved
        return self._settle_class(old, new) if id(old) in self._whence else new

    def _fill_class_cells(self, made: Any, unless: type | None = None) -> None:
        """Functions that came back have the class that new ones would have in `super()`."""
        for mine, theirs in self._class_cells:
            if living.contains(theirs, made) and not (unless and living.contains(mine, unless)):
                self._journal.set_cell(mine, made)

    def _former(
        self, body: FunctionType, bases: tuple[Any, ...], statement: Statement
    ) -> tuple[type | None, Statement]:
        """The class that a class body makes again, and the statement that makes it."""
        assert self._unit is not None
        space, qualname = body.__globals__, dotted.qualname_of(body)
        old = None
        if space is self._unit.namespace:
            old = dotted.former(space, qualname, self.held)
            old = None if any(old is base for base in bases) else old
            old = old or self.gone.find(self._unit.name, qualname, type)
            if old is None and statement.decorated and statement.former is not None:
                old = dotted.derived(space, qualname, bases)
        moved = self.moves.to(space, qualname) if old is None and self.moves else None
        if moved is None or any(moved.cls is base for base in bases):
            return old, statement
        self.gone.move(space["__name__"], qualname, moved.cls, self._journal)
        self._whence[id(moved.cls)] = moved.statement
        return moved.cls, moved.statement

    def _note_gone(self, cls: type, before: dict[str, Any], codes: degrees.Codes) -> None:
        """Functions that are none of its methods any more may forward to such by now."""
        if before.keys() != vars(cls).keys():
            remembered.forget_all_subclass_checks()
        for name, value in before.items():
            if name not in vars(cls) and self._is_put_there(value):
                self.replaced.append((cls, name, value))
            elif vars(cls).get(name) is not value:
                if not classes.has_another_place(value, cls, name):
                    self.gone.add(cls.__module__, f"{cls.__qualname__}.{name}", value)
                again = any(value is one for _, _, one in self.replaced)
                self.changed += [] if again else map(self._lineage.latest, codes.get(name, ()))
                if is_a(value, FunctionType):
                    self.removed += [value] if name not in vars(cls) else []

    def _is_put_there(self, value: Any) -> bool:
        """Whether a decorator of the class had set a method on it, and may do so again."""
        if (
            self._statement is None
            or not self._statement.decorated
            or not is_a(value, FunctionType)
        ):
            return False
        return self._lineage.latest(value.__code__).co_filename != self._statement.path
