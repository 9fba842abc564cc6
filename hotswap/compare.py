"""
Do two versions of a module differ in nothing, in function bodies only, or in more?

Trees of code objects are compared, not text and not syntax trees: comments, formatting and
positions vanish by themselves. Scopes that run at definition time (module, class bodies,
comprehensions, generic parameters) must be equal; the code of functions may differ.
Because the enclosing scopes are equal, functions pair up by position.
"""

from __future__ import annotations

import dis
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType
from typing import Any

from hotswap.copied import CLASS_BOOKS

CO_OPTIMIZED = 0x1
BODY_FLAGS = 0x04 | 0x08 | 0x20 | 0x80 | 0x200  # *args, **kwargs, generator, coroutine, async gen.
RUNS_AT_ONCE = frozenset(
    {"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "__annotate__"},
)
_CODE = "\0code"
_HAS_CONST = frozenset(dis.hasconst)
_EXTENDED_ARG = dis.opmap["EXTENDED_ARG"]
_STORE_NAME = dis.opmap["STORE_NAME"]
# 3.12: a type alias; a type variable with a bound, with constraints; 3.13: with a default.
_TYPES = {(dis.opmap.get("CALL_INTRINSIC_1"), 11)}
_TYPES |= {(dis.opmap.get("CALL_INTRINSIC_2"), which) for which in (2, 3, 5)}
_CACHE = dis.opmap.get("CACHE", 0)


@dataclass(frozen=True)
class Pair:
    """A function's code before and after an edit."""

    old: CodeType
    new: CodeType
    differs: bool
    """False: only positions do."""
    outside: bool
    """What can be seen without calling differs too: parameters, kind, docstring."""

    @property
    def moved(self) -> bool:
        """Whether the code or its positions are other ones, so that living functions need it."""
        old, new = self.old, self.new
        return (
            self.differs
            or old.co_firstlineno != new.co_firstlineno
            or old.co_linetable != new.co_linetable
        )


def children(code: CodeType) -> list[CodeType]:
    """The code objects made right inside `code`, in the order of its constants."""
    return [const for const in code.co_consts if isinstance(const, CodeType)]


def walk(code: CodeType) -> Iterator[CodeType]:
    """`code` and all code objects inside of it."""
    yield code
    for child in children(code):
        yield from walk(child)


def runs_at_definition(code: CodeType) -> bool:
    """Whether a scope runs where it stands (a class body, a comprehension), unlike a function."""
    return (
        not code.co_flags & CO_OPTIMIZED
        or code.co_name in RUNS_AT_ONCE
        or code.co_name.startswith("<generic parameters")
    )


def definition_scopes(code: CodeType) -> Iterator[CodeType]:
    """`code` and the scopes inside of it that run whenever it runs."""
    yield code
    for child in children(code):
        if runs_at_definition(child):
            yield from definition_scopes(child)


def docstring(code: CodeType) -> str | None:
    """The docstring that the compiler stored in a function's code."""
    if code.co_flags & CO_OPTIMIZED and code.co_consts and isinstance(code.co_consts[0], str):
        return code.co_consts[0]
    return None


def same_definitions(old: CodeType, new: CodeType, pairs: list[Pair]) -> bool:
    """
    Whether two scopes define the same things in the same way; `pairs` receives their functions.

    False: something that runs at definition time differs, and `pairs` is incomplete.
    """
    if not _same_scope(old, new):
        return False
    before, after = children(old), children(new)
    return len(before) == len(after) and all(
        _same_child(one, other, pairs, new) for one, other in zip(before, after, strict=True)
    )


def _same_child(old: CodeType, new: CodeType, pairs: list[Pair], parent: CodeType) -> bool:
    if old.co_name != new.co_name:
        return False
    if runs_at_definition(old) or runs_at_definition(new):
        return same_definitions(old, new, pairs)
    if not same_code(old, new) and _gives_type(parent, new):
        return False
    pair_functions(old, new, pairs)
    return True


def _gives_type(parent: CodeType, code: CodeType) -> bool:
    """Whether it gives a type alias, or the bound of a type variable, when that is asked for it."""
    last: Any = None
    for op, arg in zip(parent.co_code[::2], parent.co_code[1::2], strict=True):
        if op in _HAS_CONST and isinstance(parent.co_consts[arg], CodeType):
            last = parent.co_consts[arg]
        elif (op, arg) in _TYPES and last is code:
            return True
    return False


def pair_functions(old: CodeType, new: CodeType, pairs: list[Pair]) -> None:
    """Pair two versions of one function, and what is defined inside, by name and ordinal."""
    differs = not same_code(old, new) or not _same_inside(old, new)
    pairs.append(Pair(old, new, differs, differs and _signature(old) != _signature(new)))
    pair_by_name(children(old), children(new), pairs)


def pair_by_name(before: list[CodeType], after: list[CodeType], pairs: list[Pair]) -> None:
    """Pair code objects of two scopes by name: of one name those that are equal, then in order."""
    waiting: dict[str, list[CodeType]] = {}
    for code in after:
        waiting.setdefault(code.co_name, []).append(code)
    former: dict[str, list[CodeType]] = {}
    for code in before:
        former.setdefault(code.co_name, []).append(code)
    for name, codes in former.items():
        for code, other in _counterparts(codes, waiting.get(name, [])):
            if runs_at_definition(code):
                pair_by_name(children(code), children(other), pairs)
            else:
                pair_functions(code, other, pairs)


def _counterparts(
    before: list[CodeType], after: list[CodeType]
) -> Iterator[tuple[CodeType, CodeType]]:
    """Versions of the scopes of one name; what stands between equal ones is paired in order."""
    if len(before) == len(after) == 1:
        yield before[0], after[0]
        return
    old, new, keys = 0, 0, [_key(code) for code in after]
    for index, code in enumerate(before):
        key = _key(code)
        if key in keys[new:]:
            equal = keys.index(key, new)
            yield from zip(before[old:index], after[new:equal], strict=False)
            yield code, after[equal]
            old, new = index + 1, equal + 1
    yield from zip(before[old:], after[new:], strict=False)


def _key(code: CodeType) -> tuple[Any, ...]:
    """Equal for two scopes that do the same, inside of them too."""
    return _without_positions(code), tuple(_key(child) for child in children(code))


def _same_inside(old: CodeType, new: CodeType) -> bool:
    before, after = children(old), children(new)
    return len(before) == len(after) and all(
        one.co_name == other.co_name and _same_scope(one, other) and _same_inside(one, other)
        for one, other in zip(before, after, strict=True)
    )


def _same_scope(old: CodeType, new: CodeType) -> bool:
    if old.co_flags & CO_OPTIMIZED or old.co_name == "<module>":
        return same_code(old, new)
    return _class_body(old) == _class_body(new)


def same_code(old: CodeType, new: CodeType) -> bool:
    """Whether two code objects do the same; what is defined inside of them is not looked at."""
    return _without_positions(old) == _without_positions(new)


def _without_positions(code: CodeType) -> CodeType:
    """For comparison only: never executed, never kept. C compares with types (1, 1.0, True)."""
    consts = tuple(_CODE if isinstance(const, CodeType) else const for const in code.co_consts)
    return code.replace(co_consts=consts, co_firstlineno=1, co_linetable=b"", co_filename="")


def _class_body(code: CodeType) -> tuple[Any, ...]:
    """
    A class body as instructions with their constants.

    Constants are shared between a real value and the compiler's own books (`__slots__` and
    `__static_attributes__` of 3.13), so the instruction is left out, not the constant.
    """
    rows: list[Any] = []
    extended = 0
    raw = code.co_code
    for at in range(0, len(raw), 2):
        op, arg = raw[at], raw[at + 1] | extended
        if op == _EXTENDED_ARG:
            extended = arg << 8
            continue
        extended = 0
        if op == _STORE_NAME and code.co_names[arg] in CLASS_BOOKS:
            rows.pop()
        elif op in _HAS_CONST:
            rows.append((op, _typed(code.co_consts[arg])))
        elif op != _CACHE:
            rows.append((op, arg))
    names = tuple(name for name in code.co_names)
    return (rows, names, code.co_name, code.co_freevars, code.co_cellvars, code.co_flags)


def class_books(code: CodeType) -> dict[str, Any]:
    """What the compiler writes into a class for itself (3.13): first line, assigned attributes."""
    found: dict[str, Any] = {}
    before: Any = None
    extended = 0
    for op, low in zip(code.co_code[::2], code.co_code[1::2], strict=True):
        arg = low | extended
        extended = arg << 8 if op == _EXTENDED_ARG else 0
        if op in _HAS_CONST:
            before = code.co_consts[arg]
        elif op == _STORE_NAME and code.co_names[arg] in CLASS_BOOKS:
            found[code.co_names[arg]] = before
    return found


def _typed(value: Any) -> Any:
    if isinstance(value, CodeType):
        return _CODE
    if isinstance(value, tuple):
        return tuple(_typed(item) for item in value)
    if isinstance(value, frozenset):
        return frozenset(_typed(item) for item in value)
    return (type(value), repr(value))


def _signature(code: CodeType) -> tuple[Any, ...]:
    count = code.co_argcount + code.co_kwonlyargcount
    count += bool(code.co_flags & 0x04) + bool(code.co_flags & 0x08)
    return (
        code.co_varnames[:count],
        code.co_argcount,
        code.co_posonlyargcount,
        code.co_kwonlyargcount,
        code.co_flags & BODY_FLAGS,
        docstring(code),
    )


def title(code: CodeType) -> str:
    """How a report names a function."""
    name: str = getattr(code, "co_qualname", code.co_name)  # 3.11+
    return name.replace(".<locals>", "")
