"""Which attributes of a class does its body give, and which of them stay as they are?"""

from __future__ import annotations

import ast
import builtins
from collections import Counter
from collections.abc import Iterable, Iterator
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType
from typing import TYPE_CHECKING, Any

from hotswap.syntax import FUNCTIONS, bound_names
from hotswap.values import is_a

if TYPE_CHECKING:
    from hotswap.statements import Statement


OURS = frozenset(
    {"__dict__", "__weakref__", "__abstractmethods__", "_abc_impl", "__parameters__", "__module__"}
)
"""Attributes that a class has of Python."""
_CONTAINERS = (list, dict, set)
_FLAGS = frozenset({"_is_protocol", "__protocol_attrs__", "__callable_proto_members_only__"})


def bound_by_body(statement: Statement, cls: type, name: str) -> bool:
    """Attributes that were set from outside, while the program ran, are not the body's."""
    if name in ("__annotations__", "__orig_bases__", "__hash__") or not name.isidentifier():
        return True
    if _is_of_protocol(cls, name):
        return True  # set again, if it still is one
    value, before = cls.__dict__[name], statement.former or statement
    qualname = _former_qualname(before, cls)
    if is_a(value, FunctionType) and not value.__qualname__.startswith(f"{qualname}."):
        if value.__qualname__ == name and "exec(" in before.text:
            return True  # no `def` of a file has made it
        return name in _assigned_in_body(before, qualname)
    return is_a(value, FunctionType) or name in _names_of_body(before, qualname)


def _is_of_protocol(cls: type, name: str) -> bool:
    """Whether `Protocol` of `typing` sets an attribute on each class that is derived from it."""
    function = getattr(cls.__dict__[name], "__func__", cls.__dict__[name])
    given = name in ("__init__", "__subclasshook__") and is_a(function, FunctionType)
    return name in _FLAGS or (given and function.__module__ in ("typing", "typing_extensions"))


def _former_qualname(statement: Statement, cls: type) -> str:
    """Its dotted name when this statement defined it: it may have got another one."""
    if not statement.is_class:
        return cls.__qualname__
    _, dot, rest = cls.__qualname__.partition(".")
    return min(statement.binds) + dot + rest


def _class_node(statement: Statement, qualname: str) -> ast.ClassDef | None:
    body: list[ast.stmt] = statement.nodes
    node: ast.ClassDef | None = None
    for name in qualname.split("."):
        node = next(
            (one for one in body if isinstance(one, ast.ClassDef) and one.name == name), None
        )
        if node is None:
            return None
        body = node.body
    return node


def _names_of_body(statement: Statement, qualname: str) -> set[str]:
    """Names that a class body binds; in a block, each branch may have one."""
    body = [child for node in _class_nodes(statement.nodes, qualname) for child in node.body]
    stored = (n.id for child in body for n in ast.walk(child) if isinstance(n, ast.Name))
    return {*stored, *(getattr(child, "name", "") for child in body)}


def _assigned_in_body(statement: Statement, qualname: str) -> set[str]:
    """Names that a class body binds to what somebody else has defined."""
    body = [child for node in _class_nodes(statement.nodes, qualname) for child in node.body]
    lines = (child for child in body if not isinstance(child, (*FUNCTIONS, ast.ClassDef)))
    return {name for child in lines for name in bound_names(child)}


def _class_nodes(nodes: Iterable[ast.AST], qualname: str) -> Iterator[ast.ClassDef]:
    first, _, rest = qualname.partition(".")
    for node in nodes:
        if isinstance(node, ast.ClassDef):
            if node.name == first:
                yield from _class_nodes(node.body, rest) if rest else [node]
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.expr)):
            yield from _class_nodes(ast.iter_child_nodes(node), qualname)


def asks_for_slots(statement: Statement, qualname: str) -> bool:
    """Whether a decorator has `slots=…`, and so makes another class of the one that it gets."""
    return any(
        keyword.arg == "slots" and getattr(keyword.value, "value", None) is not False
        for node in _class_nodes(statement.nodes, qualname)
        for decorator in node.decorator_list
        for keyword in getattr(decorator, "keywords", ())
    )


def stable_attributes(statement: Statement, qualname: str) -> dict[str, ast.expr]:
    """
    Class attributes made from literals by lines that did not change: their state stays.

    Adding a method must not empty a `registry: list = []` beside it.
    """
    before = statement.former
    if before is None:
        return {}
    old, new = _class_node(before, qualname), _class_node(statement, qualname)
    if old is None or new is None:
        return {}
    known = {ast.dump(child) for child in old.body}
    parts = {one.chain[0] for one in (*before.effects, *statement.effects) if one.kind == "part"}
    apart = parts | _bound_again(old.body) | _bound_again(new.body) | _read_before(old, new)
    return {
        target.id: child.value  # type: ignore[attr-defined]  # it is an assignment
        for child in new.body
        if (target := _literal_target(child)) is not None
        and target.id not in apart  # which the body fills itself, or binds to something else
        and ast.dump(child) in known
    }


def _bound_again(body: list[ast.stmt]) -> set[str]:
    """Names that several lines bind, or delete."""
    counts = Counter(name for child in body for name in bound_names(child))
    return {name for name, count in counts.items() if count > 1}


def _read_before(old: ast.ClassDef, new: ast.ClassDef) -> set[str]:
    """What lines of a class body read, and may have filled, that are not there any more."""
    left = {ast.dump(child) for child in new.body}
    lines = [one for one in old.body if not isinstance(one, (*FUNCTIONS, ast.ClassDef))]
    gone = [one for one in lines if ast.dump(one) not in left]
    names = (name for one in gone for name in ast.walk(one) if isinstance(name, ast.Name))
    return {name.id for name in names if isinstance(name.ctx, ast.Load)}


def is_as_written(value: Any, node: ast.expr) -> bool:
    """
    Whether an attribute is what a class body wrote: no container that something was put into,
    and no member of an enumeration or field that a metaclass made of it.
    """
    try:
        written = ast.literal_eval(node)
    except ValueError:  # such as `dict()`
        empty = type(value) in _CONTAINERS and not value
        return empty or (type(value) not in _CONTAINERS and type(value).__module__ == "builtins")
    return type(value) is type(written) and (
        type(value) not in _CONTAINERS or len(value) == len(written)
    )


def _literal_target(node: ast.stmt) -> ast.Name | None:
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target: ast.expr = node.targets[0]
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        target = node.target
    else:
        return None
    names = {name.id for name in ast.walk(node.value) if isinstance(name, ast.Name)}  # type: ignore[arg-type]
    if not isinstance(target, ast.Name) or not all(hasattr(builtins, name) for name in names):
        return None
    return target


def second_names(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """
    Names of what stood under another one first, and has parted from that: `fatal = error` became
    `fatal = critical`, and what stood under both goes on as `error`.
    """
    first: dict[int, str] = {}
    before = {name: one for name, one in before.items() if callable(one) or _is_bound(one)}
    for name, value in before.items():
        first.setdefault(id(value), name)
    both = [(name, first[id(value)]) for name, value in before.items() if name in after]
    return {name for name, one in both if one in after and after[one] is not after[name]}


def _is_bound(value: object) -> bool:
    return hasattr(type(value), "__get__")


def is_slot(value: object) -> bool:
    """Whether an attribute of a class is the place of one of its instances'."""
    return is_a(value, (MemberDescriptorType, GetSetDescriptorType))
