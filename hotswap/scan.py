"""
What does one scope look up, import and bind, instruction by instruction?

Version-bound, hence tested against syntax trees over the standard library.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Iterator
from itertools import pairwise
from types import CodeType
from typing import NamedTuple

_OP = dis.opmap


def _ops(*names: str) -> frozenset[int]:
    return frozenset(_OP[name] for name in names if name in _OP)


_LOAD_GLOBAL = _OP["LOAD_GLOBAL"]
_LOAD_NAME = _ops("LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS")
_LOAD_ATTR = _ops("LOAD_ATTR", "LOAD_METHOD")
_BIND = _ops("STORE_NAME", "STORE_GLOBAL")
_UNBIND = _ops("DELETE_NAME", "DELETE_GLOBAL")
GLOBAL_ONLY = _ops("STORE_GLOBAL", "DELETE_GLOBAL")
_STORE_ATTR = _OP["STORE_ATTR"]
_IMPORT_NAME = _OP["IMPORT_NAME"]
_IMPORT_FROM = _OP["IMPORT_FROM"]
_IMPORT_STAR = _OP.get("IMPORT_STAR", -1)
_INTRINSIC = _OP.get("CALL_INTRINSIC_1", -1)
_INTRINSIC_STAR = 2
_EXTENDED_ARG = _OP["EXTENDED_ARG"]
_LOAD_CONST = _OP["LOAD_CONST"]
_SMALL_INT = _OP.get("LOAD_SMALL_INT", -1)
_JUMPS = frozenset({*dis.hasjrel, *dis.hasjabs})
_SKIPPED = _ops("CACHE", "PUSH_NULL", "NOP", "RESUME")
_CALLS = _ops(
    "CALL", "CALL_FUNCTION", "CALL_METHOD", "CALL_KW", "CALL_FUNCTION_KW", "CALL_FUNCTION_EX"
)
_OPERATING = frozenset(
    op
    for name, op in _OP.items()
    if name.startswith(("BINARY_", "INPLACE_", "UNARY_", "COMPARE_", "CONTAINS_"))
)
_LOADS = frozenset(op for name, op in _OP.items() if name.startswith("LOAD_"))
_LOAD_LOCAL = _ops("LOAD_FAST", "LOAD_FAST_BORROW", "LOAD_FAST_CHECK")
_STORE_LOCAL = _ops("STORE_FAST", "STORE_DEREF")
_PAIRS = {
    _OP[pair]: (_OP[first], _OP[second])
    for pair, first, second in (
        ("LOAD_FAST_LOAD_FAST", "LOAD_FAST", "LOAD_FAST"),
        ("LOAD_FAST_BORROW_LOAD_FAST_BORROW", "LOAD_FAST", "LOAD_FAST"),
        ("STORE_FAST_LOAD_FAST", "STORE_FAST", "LOAD_FAST"),
        ("STORE_FAST_STORE_FAST", "STORE_FAST", "STORE_FAST"),
    )
    if pair in _OP
}
"""Two instructions in one (3.13): each has half of the argument."""
_ATTR_SHIFT = 1 if sys.version_info >= (3, 12) else 0
_METHOD_OP = _OP.get("LOAD_METHOD", -1)
_GLOBAL_SHIFT = 1 if sys.version_info >= (3, 11) else 0
_ASK_FOR_ALL = frozenset({"globals", "eval", "exec"})
_ASK_FOR_HERE = frozenset({"vars", "dir", "locals"})
"""What shows the namespace in which it is called, if it is given nothing."""


def set_on_globals(code: CodeType) -> set[tuple[str, str]]:
    """Names, and the attributes that a function sets on what they hold: `f.cache = x`."""
    ops = list(instructions(code)) if _STORE_ATTR in code.co_code[::2] else []
    return {
        (code.co_names[name >> _GLOBAL_SHIFT], code.co_names[attribute])
        for (one, name), (other, attribute) in pairwise(ops)
        if (one, other) == (_LOAD_GLOBAL, _STORE_ATTR)
    }


def operates(code: CodeType) -> bool:
    """Whether there are operators, or items asked for, which classes may have functions for."""
    return not _OPERATING.isdisjoint(code.co_code[::2])


def is_star(op: int, arg: int) -> bool:
    """Whether an instruction binds all names of a module."""
    return op == _IMPORT_STAR or (op == _INTRINSIC and arg == _INTRINSIC_STAR)


class Import(NamedTuple):
    """One name bound by an import: `from target import name as bound`; name None: the module."""

    level: int
    target: str
    name: str | None
    bound: str
    """Empty where nothing is bound by name (`from m import *`)."""


class Scan:
    """What was found so far."""

    def __init__(self) -> None:
        self.bare: set[str] = set()
        self.chains: set[tuple[str, ...]] = set()
        self.attributes: set[str] = set()
        self.imports: list[Import] = []
        self.given: set[Import] = set()
        self.strings: set[str] = set()
        self.listed: set[str] = set()
        """Strings in tuples."""
        self.binds: set[str] = set()
        self.rebinds: set[str] = set()
        self.calls = False
        self.namespace = False


def instructions(code: CodeType) -> Iterator[tuple[int, int]]:
    """Operations with their arguments, without what only the interpreter needs."""
    raw = code.co_code
    extended = 0
    for op, low in zip(raw[::2], raw[1::2], strict=True):
        if op == _EXTENDED_ARG:
            extended = (extended | low) << 8
            continue
        if op in _PAIRS:
            first, second = _PAIRS[op]
            yield first, low >> 4
            yield second, low & 15
        elif op not in _SKIPPED:
            yield op, low | extended
        extended = 0  # also of a NOP, as 3.10 leaves where it has dropped a far jump


class Scope:
    """
    One scope, read instruction by instruction.

    Args:
        module_level: Names that it binds are the module's.
    """

    def __init__(self, code: CodeType, scan: Scan, *, module_level: bool) -> None:
        self._code, self._scan, self._module_level = code, scan, module_level
        self._names, self._is_here = code.co_names, module_level or code.co_name[0] == "<"
        self._chain: list[str] = []
        self._consts: list[object] = [None, None]
        self._pending: _PendingImport | None = None
        self._local = ""
        """The local variable, or the name bound in this class body, that was just loaded."""
        self._mine: dict[str, Import | None] = {}
        """What the scope has bound for itself, and by which import."""
        self._sure: set[str] = set()
        """Names of a class body that it has bound by then, whatever it does."""
        self._is_straight = not getattr(code, "co_exceptiontable", b"")
        self._self = code.co_varnames[0] if code.co_argcount else ""

    def read(self) -> None:
        """Let the scan know all that the scope looks up."""
        for op, arg in instructions(self._code):
            if op in _LOAD_ATTR:
                self._attribute(self._names[arg if op == _METHOD_OP else arg >> _ATTR_SHIFT])
                continue
            if self._chain or self._local:
                self._end_chain(op)
            if op in _LOAD_NAME:
                self._chain.append(self._names[arg >> _GLOBAL_SHIFT if op == _LOAD_GLOBAL else arg])
            elif op in _LOAD_LOCAL:
                self._local = _local_name(self._code, arg)
            elif op in (_LOAD_CONST, _SMALL_INT):
                self._constant(self._code.co_consts[arg] if op == _LOAD_CONST else arg)
            elif op in _CALLS:
                self._scan.calls = True
            else:
                self._is_straight = self._is_straight and op not in _JUMPS
                self._import_or_store(op, arg)
        self._end_chain()

    def _attribute(self, name: str) -> None:
        if self._chain:
            self._chain.append(name)
        elif not self._local or self._local != self._self:
            self._scan.attributes.add(name)
        self._local = ""

    def _end_chain(self, following: int = -1) -> None:
        chain = self._chain
        first = chain[0] if chain else self._local
        imported = self._mine.get(first)
        if imported is not None and len(chain) < 2:  # noqa: PLR2004 - no attribute is taken
            self._scan.given.add(imported)
        if first in self._sure:
            self._scan.attributes.update(chain[1:])
        elif len(chain) > 1:
            self._scan.chains.add(tuple(chain))
            if first in self._mine:
                self._scan.attributes.update(chain[1:])
        elif chain:
            self._scan.bare.add(first)
            here = first in _ASK_FOR_HERE and self._is_here and following not in _LOADS
            self._scan.namespace |= here or first in _ASK_FOR_ALL
        chain.clear()
        self._local = ""

    def _constant(self, value: object) -> None:
        self._consts = [self._consts[1], value]
        if type(value) is str:
            self._scan.strings.add(value)
        elif type(value) is tuple:
            self._scan.listed.update(one for one in value if type(one) is str)

    def _import_or_store(self, op: int, arg: int) -> None:
        pending = self._pending
        if op in _BIND or op in _UNBIND:
            self._store(op, self._names[arg])
        elif op in _STORE_LOCAL:
            if pending:
                self._bind_local(_local_name(self._code, arg))
        elif op == _IMPORT_NAME:
            self._pending = _PendingImport(self._scan, self._names[arg], self._consts)
        elif pending and op == _IMPORT_FROM:
            if pending.fromlist:
                pending.name = self._names[arg]
        elif pending and is_star(op, arg):
            pending.star()

    def _store(self, op: int, name: str) -> None:
        scan = self._scan
        if not self._module_level and op not in GLOBAL_ONLY:
            self._mine[name] = None
            sure = self._is_straight and op not in _UNBIND
            (self._sure.add if sure else self._sure.discard)(name)
            if self._pending:
                self._bind_local(name)
            return
        if op in _UNBIND or name in scan.binds:
            scan.rebinds.add(name)
        scan.binds.add(name)
        if self._pending and self._pending.bind(name) is not None:
            self._pending = self._pending.following()

    def _bind_local(self, name: str) -> None:
        assert self._pending is not None
        imported = self._pending.bind("")
        if imported is not None:
            self._mine[name] = imported
            self._pending = self._pending.following()


def _local_name(code: CodeType, arg: int) -> str:
    return code.co_varnames[arg] if arg < len(code.co_varnames) else ""


class _PendingImport:
    """The state between IMPORT_NAME and the stores that follow it."""

    def __init__(self, scan: Scan, target: str, consts: list[object]) -> None:
        level, self.fromlist = consts
        self.level = level if isinstance(level, int) else 0
        self.scan, self.target = scan, target
        self.name: str | None = None

    def bind(self, bound: str) -> Import | None:
        """A store follows; None: it is not of what was imported."""
        if self.fromlist and self.name is None:
            return None
        imported = Import(self.level, self.target, self.name, bound)
        self.scan.imports.append(imported)
        return imported

    def following(self) -> _PendingImport | None:
        """What more may be bound: further names of a `from` import."""
        self.name = None
        return self if self.fromlist else None

    def star(self) -> None:
        """Everything is bound."""
        self.scan.imports.append(Import(self.level, self.target, "*", ""))
