"""Which containers does a function put something into, as its code says? Their names."""

from __future__ import annotations

import dis
import re
from collections.abc import Iterator
from opcode import opmap
from types import CodeType
from typing import Any, NamedTuple

from hotswap.scan import instructions

_ADDING = frozenset(
    {"add", "append", "appendleft", "extend", "insert", "setdefault", "update"}
    | {"put", "put_nowait"}
)
_INTO = frozenset({"insort", "insort_left", "insort_right", "heappush"})
"""Functions that put something into what they are given first."""
_SET = opmap["STORE_ATTR"]
_BY_TEXT = frozenset({"setattr", "vars", "__dict__"})
"""By which an attribute is set whose name is a text."""
_STORING = frozenset({_SET, opmap["STORE_GLOBAL"]})
_NAMING = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_ATTR", "LOAD_METHOD", "LOAD_DEREF")


def stored_by(code: CodeType) -> Iterator[str]:
    """The attributes, and the names of modules, that a function sets."""
    for operation, argument in instructions(code):
        if operation in _STORING:
            yield code.co_names[argument]
    if not _BY_TEXT.isdisjoint(code.co_names):
        yield from (one for one in code.co_consts if type(one) is str)


def added_to_by(code: CodeType) -> set[str]:
    """`registry.items += (one,)`, `chain.head = Link(one, chain.head)`: the attributes."""
    if _SET not in code.co_code[::2] or code.co_name in ("__init__", "__new__"):
        return set()
    rows = list(_rows(code))
    taken = {one.value for one in rows if one.operation == "LOAD_ATTR"}
    return taken & {one.value for one in rows if one.operation == "STORE_ATTR"}


def counted_by(code: CodeType) -> set[str]:
    """
    `COUNTS[key] += 1`, `ids[name] = len(ids)`, `rows.append(x); return len(rows)`: what a function
    fills as it finds it, so that it would do another thing once more.
    """
    rows, found = list(_rows(code)), set[str]()
    aliases = _aliases(rows)
    filled = _filled(rows, aliases)
    for at, one in enumerate(rows) if filled else ():
        if one.operation == "STORE_SUBSCR":
            found |= _names(_value_stored(rows, at), aliases)
        elif one.value == "len" and one.operation in _NAMING:
            found |= _names(rows[at + 1 : _called(rows, at)], aliases)
    return found & filled


class _Row(NamedTuple):
    operation: str
    value: Any
    effect: int
    """By how much the stack is higher after it."""

    @property
    def name(self) -> str:
        return self.value if self.operation in _NAMING else ""


def filled_by(code: CodeType) -> set[str]:
    """
    `REGISTRY[key] = value`, `self.names.append(name)`, `insort(ORDER, one)`: their names, also by
    way of a variable.
    """
    rows = list(_rows(code))
    return _filled(rows, _aliases(rows))


def _filled(rows: list[_Row], aliases: dict[str, set[str]]) -> set[str]:
    found = set[str]()
    for at, one in enumerate(rows):
        if one.operation == "STORE_SUBSCR":
            found |= _names(_operand(rows, _taken_at(rows, at), 1), aliases)
        elif one.name in _ADDING:
            found |= _names(_operand(rows, at, 0), aliases)
        elif one.name in _INTO:
            found |= _names(rows[at + 1 : at + 3], aliases)
    return found - _ADDING


def _rows(code: CodeType) -> Iterator[_Row]:
    """The instructions of a function; such as do two things to variables count as two (3.13)."""
    for one in dis.get_instructions(code):
        if type(one.argval) is tuple and one.opname.count("_FAST") > 1:
            operations = re.findall("[A-Z]+_FAST", one.opname)
            for operation, value in zip(operations, one.argval, strict=False):
                yield _Row(operation, value, 1 if operation == "LOAD_FAST" else -1)
        else:
            yield _Row(one.opname, one.argval, dis.stack_effect(one.opcode, one.arg, jump=False))


def _taken_at(rows: list[_Row], at: int) -> int:
    """Where both were computed that a store takes: `COUNTS[key] += 1` has them twice."""
    if rows[at - 1].operation not in ("SWAP", "ROT_THREE"):
        return at
    while at > 0 and rows[at].operation not in ("COPY", "DUP_TOP_TWO"):
        at -= 1
    return at - 1 if rows[at - 1].operation == "COPY" else at


def _value_stored(rows: list[_Row], at: int) -> list[_Row]:
    """What has computed the value that is put under a key."""
    taken = _taken_at(rows, at)
    if taken == at:
        found = _operand(rows, at, 2)
        stores = [one for one in found if one.operation == "STORE_SUBSCR"]
        # `a[x] = b[y] = value`: it is that of the store before
        return _value_stored(rows, _index(rows, stores[-1])) if stores else found
    end = at
    while at > 0 and rows[at].operation not in ("COPY", "DUP_TOP_TWO"):
        at -= 1
    return [*_operand(rows, taken, 1), *rows[at:end]]


def _index(rows: list[_Row], wanted: _Row) -> int:
    return next(at for at, one in enumerate(rows) if one is wanted)


def _called(rows: list[_Row], at: int) -> int:
    """Where a function is called that was loaded there."""
    ends = (i for i in range(at, len(rows)) if rows[i].operation.startswith("CALL"))
    return next(ends, len(rows))


def _operand(rows: list[_Row], at: int, depth: int) -> list[_Row]:
    """What has computed one of the values that an instruction takes; 0 is the last of them."""
    end = at
    for _ in range(depth + 1):
        end, height = at, 0
        while at > 0 and height < 1:
            at -= 1
            height += rows[at].effect
    return rows[at:end]


def _aliases(rows: list[_Row]) -> dict[str, set[str]]:
    """The names from which the variables of a function have their values."""
    aliases: dict[str, set[str]] = {}
    for at, one in enumerate(rows):
        if one.operation == "STORE_FAST":
            mine = _names(_operand(rows, at, 0), aliases)
            aliases[one.value] = aliases.get(one.value, set()) | mine
    return aliases


def _names(rows: list[_Row], aliases: dict[str, set[str]]) -> set[str]:
    found = {one.name for one in rows if one.name}
    variables = [one.value for one in rows if one.operation.startswith("LOAD_FAST")]
    return found.union(*(aliases.get(str(name), ()) for name in variables))
