"""
Which statements looked at functions and classes otherwise than by calling them?

At a docstring, a signature, the source: what they found is a value by now, and may be another.
They are told by the words that it takes, and by what their names lead to.
"""

from __future__ import annotations

import dis
import re
from collections.abc import Iterable, Iterator
from operator import attrgetter
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from hotswap.containers import CONTAINERS
from hotswap.copied import CLASS_BOOKS
from hotswap.functions import reached_from
from hotswap.lookups import Key
from hotswap.texts import names_in
from hotswap.values import attributes, is_a, relatives

if TYPE_CHECKING:
    from hotswap.bytecode import Reads
    from hotswap.calls import Call
    from hotswap.compare import Pair
    from hotswap.graph import Graph
    from hotswap.outlines import Outline
    from hotswap.sight import Sight
    from hotswap.source import Unit
    from hotswap.statements import Statement

OUTSIDE = frozenset(
    {"__doc__", "__annotations__", "__defaults__", "__kwdefaults__", "__signature__", "signature"}
    | {"getdoc", "getfullargspec", "getmembers", "get_annotations", "get_type_hints"}
    | {"isgeneratorfunction", "iscoroutinefunction", "isasyncgenfunction"}
)
"""What shows a function as its callers see it."""
INSIDE = frozenset({"__code__", "getsource", "getsourcelines", "Bytecode", "getclosurevars"})
"""What shows what is in it."""
COPIED = frozenset({"__dict__", "vars", "getmembers", "getmembers_static"})
"""What gives all that a class has, to be copied: also what the compiler writes into it."""
MEMBERS = OUTSIDE | COPIED | {"dir", "getsource", "getsourcelines"}
"""What shows a class that has other methods, or another docstring."""
SOURCES = frozenset({"getsource", "getsourcelines", "findsource", "getcomments"})
"""What shows the text of a definition."""
OVERLOADS = frozenset({"get_overloads"})
"""What shows the overloads of a function."""
LINES = frozenset({"co_firstlineno", "co_lines", "co_linetable", "getsourcelines", "findsource"})
"""What shows at which line it stands."""
FRAMES = frozenset({"extract_stack", "f_lineno"})
"""What shows at which line a function runs, or was called."""
_OF_CALLERS = frozenset({"co_argcount", "co_kwonlyargcount", "co_flags", "co_varnames"})
_SHOWN_BY = _OF_CALLERS | {"co_code", "co_consts", "co_names", "co_freevars", "co_nlocals"}
_MODULES = ("inspect", "typing", "dis", "asyncio")
_MANY = 256

Place = tuple["Unit", "Statement"]


def words_for(pair: Pair) -> frozenset[str]:
    """What has to be named to see how a function has changed."""
    old, new = pair.old, pair.new
    found = INSIDE | {name for name in _SHOWN_BY if getattr(old, name) != getattr(new, name)}
    return found | OUTSIDE if pair.outside else found


class Lookers:
    """Those who looked, in the modules as they are now."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._said: dict[tuple[str, frozenset[str]], tuple[Outline, list[Statement]]] = {}

    def of(self, words: frozenset[str], sight: Sight) -> Iterator[Place]:
        """The statements that looked, in these words, at what is in sight."""
        units = self._mentioning(words)
        places: dict[int, Place] = {}
        for unit in units:
            for statement in self._saying(unit, words):
                places[id(statement)] = unit, statement
        given = [one for place in places.values() for one in self._given(*place, words)]
        for unit, statement in (
            *places.values(),
            *self._callers(units, _said_to_others(words)),
            *{id(place[1]): place for place in given}.values(),
        ):
            if words == COPIED and not _has_books(unit, statement):
                continue
            if any(map(sight.leads_to, self._values(unit, statement, words))):
                yield unit, statement

    def inside(self, value: Any) -> Iterator[Call]:
        """The methods of a class, or object, that ran and may have looked at its containers."""
        for function, names in _methods_with_containers(value):
            code = function.__code__
            for call in self._graph.calls.in_file(code.co_filename):
                if call.code.co_name == code.co_name and not names.isdisjoint(call.code.co_names):
                    yield call

    def of_frames(self, unit: Unit, pairs: Iterable[Pair]) -> Iterator[Pair]:
        """The functions of a module that looked at the line at which they ran, and have moved."""
        if unit in self._graph.mentioning(FRAMES, ("traceback",)):
            for pair in pairs:
                if pair.moved and not FRAMES.isdisjoint(names_in(pair.new)):
                    yield pair

    def any_of(self, words: frozenset[str]) -> bool:
        """Whether anybody may have looked in these words."""
        return bool(self._mentioning(words))

    def _mentioning(self, words: frozenset[str]) -> list[Unit]:
        return self._graph.mentioning(words, _MODULES)

    def _saying(self, unit: Unit, words: frozenset[str]) -> list[Statement]:
        """The statements with one of these words: that is asked for after each that executes."""
        outline, known = self._graph.outline(unit), self._said.get((unit.name, words))
        if known is None or known[0] is not outline:
            found = [one for one in outline.statements if not one.is_import]
            known = outline, [one for one in found if _says(one.text, words)]
            self._said[unit.name, words] = known
        return known[1]

    def _given(self, unit: Unit, statement: Statement, words: frozenset[str]) -> Iterator[Place]:
        """Who reads a name that holds such words, as `WORDS` in `getattr(f, WORDS[0])`."""
        names = () if statement.is_definition else statement.binds
        for name in [name for name in names if _holds(unit.namespace.get(name), words)]:
            key = Key(unit.name, name)
            for reader in {unit, *self._graph.readers(key), *self._graph.suspects(key)}:
                yield from self._reading(reader, key)

    def _reading(self, unit: Unit, key: Key) -> Iterator[Place]:
        bound = self._graph.looks(unit, self._graph.reads(unit)).bound.get(key, ())
        names = {one.bound for one in bound} | ({key.name} if unit.name == key.module else set())
        for one in self._graph.outline(unit).statements:
            reads = not names.isdisjoint(one.reads.names)
            if not one.is_import and (reads or self._graph.reads_key(unit, one.reads, key)):
                yield unit, one
        for call in self._graph.calls.in_file(unit.path):
            if not {key.name, *names}.isdisjoint(call.code.co_names):
                yield from self._called_by(call)

    def _callers(self, units: Iterable[Unit], words: frozenset[str]) -> Iterator[Place]:
        """On whose behalf functions ran that looked."""
        for unit in units:
            for call in self._graph.calls.in_file(unit.path):
                if not words.isdisjoint(names_in(call.code)) and _looks(call.code, words):
                    yield from self._called_by(call)

    def _called_by(self, call: Call) -> Iterator[Place]:
        for site in call.sites:
            caller = self._graph.units.get(site.module) if site.line else None
            found = self._graph.outline(caller).at(site.line) if caller else None
            if caller is not None and found is not None and not found.is_import:
                yield caller, found

    def _values(self, unit: Unit, statement: Statement, words: frozenset[str]) -> Iterator[Any]:
        """What it may have looked at: by its names, and by those of the functions that ran."""
        yield from _ends(unit.namespace, statement.reads, words)
        if statement.is_definition:
            yield from (unit.namespace.get(name) for name in statement.binds)
        for code in self._graph.ran_for(unit, statement):
            for other in self._graph.owners(code):
                yield from _ends(other.namespace, self._graph.function_reads(code), words)


def _methods_with_containers(value: Any) -> Iterator[tuple[FunctionType, set[str]]]:
    """Those of a class, or object, and the names of the containers that it has."""
    space = vars(value) if is_a(value, type) else attributes(value)
    names = {name for name, one in space.items() if type(one) in CONTAINERS}
    kinds = {*(relatives(value) if is_a(value, type) else ()), *type(value).__mro__}
    for kind in kinds if names else ():
        for one in list(vars(kind).values()):
            for function in reached_from(one, 1):
                yield function, names


def _says(text: str, words: frozenset[str]) -> bool:
    """Of a code object, who takes one attribute sees only that."""
    wanted = words - {"__code__"} if ".co_" in text else words
    return any(word in text and re.search(rf"\b{word}\b", text) for word in wanted)


def _looks(code: CodeType, words: frozenset[str]) -> bool:
    """Whether it does more with such a name than to set it on something."""
    named = (one for one in dis.get_instructions(code) if one.opcode in dis.hasname)
    return any(one.argval in words and one.opname != "STORE_ATTR" for one in named)


def _holds(value: Any, words: frozenset[str], depth: int = 2) -> bool:
    """Whether a value is one of some words, or has one in it."""
    if type(value) is str:
        return value in words
    if is_a(value, attrgetter):
        return not words.isdisjoint(value.__reduce__()[1])
    if depth and is_a(value, (tuple, list, set, frozenset, dict)):
        both = (*value, *value.values()) if is_a(value, dict) else tuple(value)
        return len(both) <= _MANY and any(_holds(one, words, depth - 1) for one in both)
    return False


def _has_books(unit: Unit, statement: Statement) -> bool:
    """Whether it binds a copy of what a class has, and that was made by a class statement."""
    return any(_holds(unit.namespace.get(name), CLASS_BOOKS) for name in statement.binds)


def _said_to_others(words: frozenset[str]) -> frozenset[str]:
    """
    What a function looks at of what it is given: its code object is kept up to date wherever it
    is, and of its variables the first ones are what it is called with.
    """
    left = words - {"__code__"} - _OF_CALLERS
    return left | _OF_CALLERS if "__doc__" in words else left


def _ends(space: dict[str, Any], reads: Reads, words: frozenset[str]) -> Iterator[Any]:
    """What its names lead to, where it then looks at that."""
    for first in reads.bare:
        yield space.get(first)
    for first, *path in reads.chains:
        value = space.get(first)
        for name in path:
            found = None if name in words else _attribute(value, name)
            if found is None:
                break
            value = found
        yield value


def _attribute(value: Any, name: str) -> Any:
    if is_a(value, type):
        return next((vars(one)[name] for one in value.__mro__ if name in vars(one)), None)
    return attributes(value).get(name)
