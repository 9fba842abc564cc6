"""
What does a piece of code look up, import and bind when it runs?

Read off the bytecode, for one code object at a time: code is at hand for every module
without parsing, also for functions whose source is not. Version-bound, hence tested against
syntax trees over the standard library.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import CodeType
from typing import NamedTuple

from hotswap.compare import CO_OPTIMIZED, definition_scopes

_OP = dis.opmap


def _ops(*names: str) -> frozenset[int]:
    return frozenset(_OP[name] for name in names if name in _OP)


_LOAD_GLOBAL = _OP["LOAD_GLOBAL"]
_LOAD_NAME = _ops("LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS")
_LOAD_ATTR = _ops("LOAD_ATTR", "LOAD_METHOD")
_BIND = _ops("STORE_NAME", "STORE_GLOBAL")
_UNBIND = _ops("DELETE_NAME", "DELETE_GLOBAL")
_GLOBAL_ONLY = _ops("STORE_GLOBAL", "DELETE_GLOBAL")
_IMPORT_NAME = _OP["IMPORT_NAME"]
_IMPORT_FROM = _OP["IMPORT_FROM"]
_IMPORT_STAR = _OP.get("IMPORT_STAR", -1)
_INTRINSIC = _OP.get("CALL_INTRINSIC_1", -1)
_INTRINSIC_STAR = 2
_EXTENDED_ARG = _OP["EXTENDED_ARG"]
_LOAD_CONST = _OP["LOAD_CONST"]
_SMALL_INT = _OP.get("LOAD_SMALL_INT", -1)
_SKIPPED = _ops("CACHE", "PUSH_NULL", "NOP", "RESUME")
_CALLS = _ops(
    "CALL", "CALL_FUNCTION", "CALL_METHOD", "CALL_KW", "CALL_FUNCTION_KW", "CALL_FUNCTION_EX"
)
_SELF = _ops("LOAD_FAST", "LOAD_FAST_BORROW", "LOAD_FAST_CHECK")
_ATTR_SHIFT = 1 if sys.version_info >= (3, 12) else 0
_METHOD_OP = _OP.get("LOAD_METHOD", -1)
_GLOBAL_SHIFT = 1 if sys.version_info >= (3, 11) else 0
_NAMESPACE_CALLS = frozenset({"globals", "vars", "dir", "locals"})


class Import(NamedTuple):
    """One name bound by an import: `from target import name as bound`; name None: the module."""

    level: int
    target: str
    name: str | None
    bound: str
    """Empty where nothing is bound by name (`from m import *`)."""


@dataclass(frozen=True, slots=True)
class Reads:
    """
    What one scope, with the scopes inside that run whenever it runs, looks up.

    Tuples of strings, since there is one for each module: the garbage collector does not track
    those, so they do not make the pass over the heap longer.
    """

    names: tuple[str, ...]
    """Every name that is looked up."""
    bare: tuple[str, ...]
    """Names whose object is used as such."""
    chains: tuple[tuple[str, ...], ...]
    """`a.b.c` for attributes that are taken from a name."""
    attributes: tuple[str, ...]
    """Attributes taken from anything else than a name or the first argument."""
    imports: tuple[Import, ...]
    binds: tuple[str, ...]
    """Names bound at module level (from a function: those it declares global)."""
    rebinds: tuple[str, ...]
    """Names bound at module level more than once, or unbound."""
    calls: bool
    namespace: bool
    """Looks at a namespace as a whole: globals(), vars(), dir()."""


class _Scan:
    def __init__(self) -> None:
        self.bare: set[str] = set()
        self.chains: set[tuple[str, ...]] = set()
        self.attributes: set[str] = set()
        self.imports: list[Import] = []
        self.strings: set[str] = set()
        self.binds: set[str] = set()
        self.rebinds: set[str] = set()
        self.calls = False

    def end_chain(self, chain: list[str]) -> None:
        if len(chain) > 1:
            self.chains.add(tuple(chain))
        elif chain:
            self.bare.add(chain[0])
        chain.clear()


def _instructions(code: CodeType) -> Iterator[tuple[int, int]]:
    raw = code.co_code
    extended = 0
    for op, low in zip(raw[::2], raw[1::2], strict=True):
        if op == _EXTENDED_ARG:
            extended = (extended | low) << 8
        elif op not in _SKIPPED:
            yield op, low | extended
            extended = 0


def _read_scope(  # noqa: C901, PLR0912 - a branch for each kind of instruction
    code: CodeType, scan: _Scan, *, module_level: bool
) -> None:
    names = code.co_names
    chain: list[str] = []
    pending: _PendingImport | None = None
    consts: list[object] = [None, None]
    from_self = False
    for op, arg in _instructions(code):
        if op in _LOAD_ATTR:
            attribute = names[arg if op == _METHOD_OP else arg >> _ATTR_SHIFT]
            if chain:
                chain.append(attribute)
            elif not from_self:
                scan.attributes.add(attribute)
            from_self = False
            continue
        if chain:
            scan.end_chain(chain)
        from_self = op in _SELF and arg == 0 and bool(code.co_flags & CO_OPTIMIZED)
        if op in _LOAD_NAME:
            chain.append(names[arg >> _GLOBAL_SHIFT if op == _LOAD_GLOBAL else arg])
        elif op == _LOAD_CONST:
            consts = [consts[1], code.co_consts[arg]]
            if type(consts[1]) is str:
                scan.strings.add(consts[1])
        elif op == _SMALL_INT:
            consts = [consts[1], arg]
        elif op == _IMPORT_NAME:
            pending = _PendingImport(scan, names[arg], consts)
        elif op == _IMPORT_FROM and pending:
            if pending.fromlist:
                pending.name = names[arg]
        elif op == _IMPORT_STAR or (op == _INTRINSIC and arg == _INTRINSIC_STAR):
            if pending:
                pending.star()
        elif op in _BIND or op in _UNBIND:
            pending = _store(scan, op, names[arg], pending, module_level=module_level)
        elif pending and code.co_flags & 1 and op in _STORE_LOCAL:
            pending.bind("")
        elif op in _CALLS:
            scan.calls = True
    scan.end_chain(chain)


_STORE_LOCAL = _ops("STORE_FAST", "STORE_DEREF")


class _PendingImport:
    """The state between IMPORT_NAME and the stores that follow it."""

    def __init__(self, scan: _Scan, target: str, consts: list[object]) -> None:
        level, self.fromlist = consts
        self.level = level if isinstance(level, int) else 0
        self.scan, self.target = scan, target
        self.name: str | None = None

    def bind(self, bound: str) -> None:
        if self.fromlist and self.name is None:
            return
        self.scan.imports.append(Import(self.level, self.target, self.name, bound))

    def star(self) -> None:
        self.scan.imports.append(Import(self.level, self.target, "*", ""))


def _store(
    scan: _Scan, op: int, name: str, pending: _PendingImport | None, *, module_level: bool
) -> _PendingImport | None:
    if module_level or op in _GLOBAL_ONLY:
        if op in _UNBIND or name in scan.binds:
            scan.rebinds.add(name)
        scan.binds.add(name)
    if pending:
        pending.bind(name if module_level or op in _GLOBAL_ONLY else "")
        if not pending.fromlist:
            return None
        pending.name = None
    return pending


def _read_by_string(scan: _Scan) -> None:
    """`getattr(module, "X")`, `sys.modules["a"].X`, `import_module("a").X`: names in strings."""
    imports = (
        "__import__" in scan.bare
        or "import_module" in scan.bare
        or ("sys", "modules") in scan.chains
        or any(chain[-1] == "import_module" for chain in scan.chains)
    )
    if imports or not scan.bare.isdisjoint(("getattr", "hasattr")):
        words = {text for text in scan.strings if text.replace(".", "").isidentifier()}
        scan.attributes |= {text for text in words if "." not in text}
        if imports:
            scan.imports += [Import(0, text, None, "") for text in words]


def read(code: CodeType) -> Reads:
    """What `code` looks up when it runs; functions defined inside are not looked into."""
    scan = _Scan()
    for scope in definition_scopes(code):
        _read_scope(scope, scan, module_level=scope is code and code.co_name == "<module>")
    _read_by_string(scan)
    return Reads(
        tuple(scan.bare | {chain[0] for chain in scan.chains}),
        tuple(scan.bare),
        tuple(scan.chains),
        tuple(scan.attributes),
        tuple(scan.imports),
        tuple(scan.binds),
        tuple(scan.rebinds),
        scan.calls,
        bool(scan.bare & _NAMESPACE_CALLS) or ("sys", "modules") in scan.chains,
    )


def global_binds(codes: Iterable[CodeType]) -> frozenset[str]:
    """Names that these codes bind by `global`."""
    found: set[str] = set()
    for code in codes:
        for op, arg in _instructions(code):
            if op in _GLOBAL_ONLY:
                found.add(code.co_names[arg])
    return frozenset(found)


def mentioned(code: CodeType) -> tuple[str, ...]:
    """Every global, attribute and module name that `code` mentions; a cheap first look."""
    found: set[str] = set()
    for scope in definition_scopes(code):
        found.update(scope.co_names)
    return tuple(found)


def absolute(level: int, target: str, package: str) -> str:
    """The absolute name of what `from ..target import` means inside `package`."""
    if not level:
        return target
    base = package.rsplit(".", level - 1)[0] if level > 1 else package
    return f"{base}.{target}" if target else base
