"""
How does a class statement that runs again keep the class that it had?

The body runs into the old class, so that no second class ever exists: instances, `isinstance`,
registrations and dict keys made anywhere go on working. Where a metaclass or slots forbid that,
a temporary class is built for real and the old one is patched from it after the statement.
"""

from __future__ import annotations

import _abc  # type: ignore[import-not-found]  # what `abc` itself is made of
import abc
import ast
import builtins
import functools
import gc
import types
import typing
from collections.abc import Callable, Iterable, Iterator
from enum import EnumMeta
from functools import partial
from types import CellType, FunctionType
from typing import TYPE_CHECKING, Any

from hotswap.effects import NeedsRestart
from hotswap.journal import refill
from hotswap.values import is_a

if TYPE_CHECKING:
    from hotswap.journal import Journal
    from hotswap.statements import Statement

_OURS = frozenset(
    {"__dict__", "__weakref__", "__abstractmethods__", "_abc_impl", "__parameters__", "__module__"}
)
_BOOKS = frozenset({"__static_attributes__", "__firstlineno__", "__doc__", "__qualname__"})
_METHODS = (FunctionType, staticmethod, classmethod, property, functools.cached_property)
_IMPLICIT = {
    "__new__": staticmethod,
    "__init_subclass__": classmethod,
    "__class_getitem__": classmethod,
}
_PLAIN = (int, float, complex, str, bytes, bool, type(None))


def find(namespace: dict[str, Any], qualname: str) -> Any:
    """What a dotted name means in a module's namespace; None if there is no such thing."""
    if "<" in qualname:
        return None
    first, *rest = qualname.split(".")
    value = namespace.get(first)
    for name in rest:
        value = value.__dict__.get(name) if is_a(value, type) else None
    return value


def former(namespace: dict[str, Any], qualname: str) -> type | None:
    """The class that an earlier run of the same statement made."""
    found = find(namespace, qualname)
    if not is_a(found, type) or found.__qualname__ != qualname:
        return None
    if found.__module__ == namespace.get("__name__") or any(
        is_a(value, FunctionType) and value.__globals__ is namespace
        for value in found.__dict__.values()
    ):
        return found
    return None  # imported, or assigned


def build_into(  # noqa: PLR0913, PLR0917 - the signature of `__build_class__`, and what is needed
    cls: type,
    body: FunctionType,
    name: str,
    bases: tuple[Any, ...],
    keywords: dict[str, Any],
    statement: Statement,
    settle: Callable[[Any, Any], Any],
    journal: Journal,
) -> bool:
    """
    Run a class body into the class that it made before.

    Returns False, with nothing done, where only a real build is right.
    """
    resolved = types.resolve_bases(bases)
    meta, namespace, keywords = types.prepare_class(name, resolved, keywords)
    if not _fits(cls, body, meta, namespace) or not _take_bases(cls, resolved, journal):
        return False
    if resolved is not bases:
        namespace["__orig_bases__"] = bases
    exec(body.__code__, body.__globals__, namespace)  # noqa: S102
    install(cls, namespace, statement, settle, journal, raw=True)
    for key, value in namespace.items():
        hook = getattr(type(value), "__set_name__", None)
        if hook is not None:
            hook(value, cls, key)
    super(cls, cls).__init_subclass__(**keywords)  # type: ignore[arg-type]
    _renew_abstract(cls, journal)
    return True


def _fits(cls: type, body: FunctionType, meta: type, namespace: Any) -> bool:
    plain = (
        meta.__new__ in (type.__new__, abc.ABCMeta.__new__)
        and meta.__init__ is type.__init__  # type: ignore[misc]
        and type(namespace) is dict
    )
    return (
        plain
        and type(cls) is meta
        and body.__closure__ is None
        and "__slots__" not in cls.__dict__
        and "__slots__" not in body.__code__.co_names
    )


def _take_bases(cls: type, bases: tuple[Any, ...], journal: Journal) -> bool:
    wanted, old = tuple(bases) or (object,), cls.__bases__
    if wanted == old:
        return True
    try:
        cls.__bases__ = wanted
    except TypeError:
        return False
    journal.note(lambda: setattr(cls, "__bases__", old))
    return True


def install(  # noqa: C901, PLR0913 - what a metaclass would do, and what is needed for it
    cls: type,
    namespace: dict[str, Any],
    statement: Statement,
    settle: Callable[[Any, Any], Any],
    journal: Journal,
    *,
    raw: bool,
) -> None:
    """
    Let a class have the attributes that its body gave; those that the old body gave go.

    Args:
        raw: The namespace is as the body left it, not as a metaclass did.
    """
    kept = stable_attributes(statement, cls.__qualname__)
    before = statement.former
    decorated = statement.decorated or (before is not None and before.decorated)
    cell = namespace.pop("__classcell__", None)
    if cell is not None:
        journal.set_cell(cell, cls)
    if "__eq__" in namespace and "__hash__" not in namespace:
        namespace["__hash__"] = None
    for name in list(cls.__dict__):
        if name not in namespace and name not in _OURS and not _is_slot(cls.__dict__[name]):
            if name == "__doc__":
                journal.set_class_attr(cls, name, None)
            elif decorated or _bound_by_body(statement, cls, name):
                journal.del_class_attr(cls, name)
    for name, value in list(namespace.items()):
        if name in ("__dict__", "__weakref__", "__qualname__", "__module__"):
            continue  # a package may have given its classes its own name as `__module__`
        old = cls.__dict__.get(name)
        if name in kept and name in cls.__dict__ and _is_as_written(value, kept[name]):
            namespace[name] = old
            continue
        wrap = _IMPLICIT.get(name) if raw else None
        new = wrap(value) if wrap and is_a(value, FunctionType) else value
        new = settle(old, new)
        namespace[name] = new
        journal.set_class_attr(cls, name, new)


def _is_slot(value: object) -> bool:
    return is_a(value, (types.MemberDescriptorType, types.GetSetDescriptorType))


def _bound_by_body(statement: Statement, cls: type, name: str) -> bool:
    """Attributes that were set from outside, while the program ran, are not the body's."""
    if name in ("__annotations__", "__orig_bases__", "__hash__") or not name.isidentifier():
        return True
    value = cls.__dict__[name]
    if is_a(value, FunctionType):
        return value.__qualname__.startswith(f"{cls.__qualname__}.")
    before = statement.former or statement
    return name in _names_of_body(before, cls.__qualname__)


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


def _class_nodes(nodes: Iterable[ast.AST], qualname: str) -> Iterator[ast.ClassDef]:
    first, _, rest = qualname.partition(".")
    for node in nodes:
        if isinstance(node, ast.ClassDef):
            if node.name == first:
                yield from _class_nodes(node.body, rest) if rest else [node]
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.expr)):
            yield from _class_nodes(ast.iter_child_nodes(node), qualname)


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
    return {
        target.id: child.value  # type: ignore[attr-defined]  # it is an assignment
        for child in new.body
        if (target := _literal_target(child)) is not None and ast.dump(child) in known
    }


def _is_as_written(value: Any, node: ast.expr) -> bool:
    """Whether a class body has put nothing into a container that it made from a literal."""
    if type(value) not in (list, dict, set):
        return True
    try:
        written = ast.literal_eval(node)
    except ValueError:  # such as `dict()`
        return not value
    return len(value) == len(written)


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


def _renew_abstract(cls: type, journal: Journal) -> None:
    if not isinstance(cls, abc.ABCMeta):
        return
    old = cls.__abstractmethods__
    journal.note(lambda: setattr(cls, "__abstractmethods__", old))
    abc.update_abstractmethods(cls)  # type: ignore[arg-type]
    forget_subclass_checks(cls)


def forget_subclass_checks(cls: type) -> None:
    """ABCs remember answers of `issubclass`; methods may have come and gone."""
    if isinstance(cls, abc.ABCMeta):
        _abc._reset_caches(cls)


def forget_all_subclass_checks() -> None:
    """Registering anything with any ABC outdates the answers that all of them remember."""
    abc.ABC.register(type("_Nothing", (), {}))


def forget_generic_aliases() -> None:
    """`typing` remembers what `C[int]` gave; the class is the same, its parameters may not be."""
    for clear in getattr(typing, "_cleanups", ()):
        clear()


def adopt(
    old: type,
    new: type,
    statement: Statement,
    settle: Callable[[Any, Any], Any],
    journal: Journal,
) -> None:
    """
    Patch a class from one that was built anew, so that the old one can stay in its place.

    Raises:
        NeedsRestart: Its layout, bases or members differ in a way that a living class cannot take.
    """
    place = (statement.path, statement.first)
    if type(old) is not type(new):
        raise NeedsRestart(f"{old.__qualname__} has another metaclass", place)
    if _layout(old) != _layout(new):
        raise NeedsRestart(f"the layout of {old.__qualname__} changed (slots or bases)", place)
    if old.__bases__ != new.__bases__ and not _take_bases(old, new.__bases__, journal):
        raise NeedsRestart(f"the bases of {old.__qualname__} changed", place)
    namespace = {
        name: value
        for name, value in new.__dict__.items()
        if name not in _OURS and not _is_slot(value)
    }
    try:
        if isinstance(old, EnumMeta):
            _take_members(old, new, namespace, journal, place)
        elif hasattr(old, "_fields") and getattr(new, "_fields", None) != old._fields:
            raise NeedsRestart(f"the fields of {old.__qualname__} changed", place)
        install(old, namespace, statement, settle, journal, raw=False)
    except (TypeError, AttributeError) as error:
        raise NeedsRestart(f"{old.__qualname__} cannot be changed: {error}", place) from error
    if "__parameters__" in new.__dict__:
        journal.set_class_attr(old, "__parameters__", new.__dict__["__parameters__"])
    _renew_abstract(old, journal)


def _layout(cls: type) -> tuple[Any, ...]:
    slots = sorted(
        name
        for name, value in cls.__dict__.items()
        if isinstance(value, types.MemberDescriptorType)
    )
    return cls.__basicsize__, cls.__itemsize__, cls.__dictoffset__, cls.__weakrefoffset__, slots


_ENUM_BOOKS = frozenset(
    {
        "_member_names_",
        "_member_map_",
        "_value2member_map_",
        "_unhashable_values_",
        "_unhashable_values_map_",
        "_hashable_values_",
        "_new_member_",
        "__new__",
        "_inverted_",
    }
)


def _take_members(
    old: Any, new: Any, namespace: dict[str, Any], journal: Journal, place: tuple[str, int]
) -> None:
    """Members keep identity: those that were there stay, new ones may only be appended."""
    before, after = list(old._member_map_), list(new._member_map_)
    same = after[: len(before)] == before and all(
        _equal_values(old._member_map_[name].value, new._member_map_[name].value) for name in before
    )
    if not same:
        raise NeedsRestart(f"members of {old.__qualname__} changed or are gone", place)
    for name in _ENUM_BOOKS | set(before):
        namespace.pop(name, None)
    for mapping in (old._member_map_, old._value2member_map_):
        journal.keep_dict(mapping)
    journal.keep_container(old._member_names_)
    # `__members__` is a live view of the map: take the names first
    for name in after[len(before) :]:
        member = new._member_map_[name]
        if member._name_ != name:  # an alias
            namespace[name] = old._member_map_[name] = old._member_map_[member._name_]
            continue
        journal.note(partial(object.__setattr__, member, "__class__", new))
        object.__setattr__(member, "__class__", old)
        old._member_map_[name] = member
        old._member_names_.append(name)
        old._value2member_map_.setdefault(member._value_, member)
    for name in [name for name in old.__dict__ if name in _ENUM_BOOKS or name in before]:
        namespace.setdefault(name, old.__dict__[name])


def _equal_values(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def replace_everywhere(temporary: dict[int, tuple[type, type]], journal: Journal) -> None:
    """
    Let whoever got hold of a temporary class hold the kept one: cells that zero-argument
    `super()` looks at, registries of metaclasses, attributes.

    Args:
        temporary: id of a temporary class → that class, and the kept one.
    """
    if not temporary:
        return
    for holder in gc.get_referrers(*(new for new, _ in temporary.values())):
        if is_a(holder, CellType):
            journal.set_cell(holder, temporary[id(holder.cell_contents)][1])
        elif type(holder) in (list, set) or is_a(holder, dict):
            _replace_members(holder, temporary, journal)


def _replace_members(
    holder: Any, temporary: dict[int, tuple[type, type]], journal: Journal
) -> None:
    def kept(value: Any) -> Any:
        return temporary[id(value)][1] if id(value) in temporary else value

    if any(holder is pair for pair in temporary.values()) or holder is temporary:
        return
    journal.keep_container(holder)
    if is_a(holder, dict):
        for key, value in list(holder.items()):
            if id(key) in temporary:
                del holder[key]
            if id(key) in temporary or id(value) in temporary:
                holder[kept(key)] = kept(value)
    else:
        refill(holder, [kept(value) for value in holder])


_ABSENT: Any = object()


def picture(cls: type) -> dict[str, Any]:
    """What `degree` compares: the class's own attributes, and its bases."""
    return {**cls.__dict__, " bases": cls.__bases__}


def degree(before: dict[str, Any], cls: type) -> str:
    """How a class changed between a picture and now: "value", "methods" or "" (not at all)."""
    after = picture(cls)
    changed = ""
    for name in before.keys() | after.keys():
        old, new = before.get(name, _ABSENT), after.get(name, _ABSENT)
        if old is new or name in _BOOKS:
            continue
        if (
            is_a(old, _METHODS)
            or is_a(new, _METHODS)
            or name in ("__abstractmethods__", "__hash__")
            or _is_added(name, before, cls)
        ):
            changed = changed or "methods"
        elif not (same_value(old, new) or _same_description(name, old, new)):
            return "value"
    return changed


def _is_added(name: str, before: dict[str, Any], cls: type) -> bool:
    """Whether an attribute is new altogether, so that nobody can have read it yet."""
    if isinstance(cls, EnumMeta):
        return False  # whoever goes through the members reads it
    inherited = any(name in vars(base) for base in cls.__mro__[1:])
    return name not in before and not name.startswith("__") and not inherited


def _same_description(name: str, old: Any, new: Any) -> bool:
    """Books of annotations, generics and dataclasses are made anew by each run."""
    if name in ("__annotations__", "__orig_bases__", "__parameters__"):
        return bool(old == new)
    return name in ("__dataclass_fields__", "__dataclass_params__") and repr(old) == repr(new)


def same_value(old: Any, new: Any) -> bool:
    """Whether two values are equal and can never differ: plain constants, and tuples of them."""
    if type(old) is not type(new):
        return False
    if isinstance(old, (tuple, frozenset)) and type(old) in (tuple, frozenset):
        if type(old) is frozenset:
            return bool(old == new) and all(type(item) in _PLAIN for item in old)
        return len(old) == len(new) and all(map(same_value, old, new))
    if type(old) not in _PLAIN:
        return old is new
    return bool(old == new) and repr(old) == repr(new)
