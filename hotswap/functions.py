"""
Which living functions carry old code, and how do they get the new one?

A function refers to its module's dict through `__globals__` at any age and any nesting, so
one pass over the heap finds all functions of a module, whoever holds them.
"""

from __future__ import annotations

import gc
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from types import CellType, CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from hotswap.compare import CO_OPTIMIZED, Pair, children, docstring
from hotswap.journal import assign_code
from hotswap.values import PLAIN, attributes, is_a

if TYPE_CHECKING:
    from hotswap.journal import Journal
    from hotswap.lineage import Lineage

_OWN_REFERENCES = 4
"""To a code object, while `by_name` looks: the constants that it is in, the pair, a local
variable, and the argument of `getrefcount`."""


def by_name(
    namespace: dict[str, Any],
    module: CodeType,
    pairs: Iterable[Pair],
    known: Callable[[CodeType], int],
) -> list[FunctionType] | None:
    """
    The living functions of these pairs without a pass over the heap, if names lead to all.

    Each function holds a reference to its code, and so does each frame and generator: if the
    count of references is explained, there is no other function. None: it is not.

    Args:
        module: The code that the old ones are in.
        known: Code → references to it in hotswap's own books.
    """
    pairs, names = list(pairs), dict(_qualnames(module))
    found: dict[int, FunctionType] = {}
    for pair in pairs:
        for function in reached_from(_named(namespace, names.get(id(pair.old), ""))):
            if function.__code__ is pair.old:
                found[id(function)] = function
    counts = Counter(id(function.__code__) for function in found.values())
    for pair in pairs:
        code = pair.old
        explained = _OWN_REFERENCES + known(code) + counts[id(code)]
        if sys.getrefcount(code) != explained:
            return None
    return list(found.values())


def _qualnames(code: CodeType, path: str = "") -> Iterator[tuple[int, str]]:
    """By id, the dotted names of what is defined within a piece of code."""
    for child in children(code):
        name: str = getattr(child, "co_qualname", path + child.co_name)  # 3.11+
        yield id(child), name
        inside = ".<locals>." if child.co_flags & CO_OPTIMIZED else "."
        yield from _qualnames(child, name + inside)


def _named(namespace: dict[str, Any], qualname: str) -> Any:
    first, *rest = qualname.split(".")
    value = namespace.get(first)
    for name in rest:
        value = vars(value).get(name) if is_a(value, type) else None
    return value


def defaults(function: FunctionType) -> list[Any]:
    """The values that parameters have if nothing is given."""
    return [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]


def positional_defaults(function: FunctionType) -> dict[str, Any]:
    """By name, those of parameters that may be given by position."""
    code, values = function.__code__, function.__defaults__ or ()
    names = code.co_varnames[: code.co_argcount]
    return dict(zip(names[len(names) - len(values) :], values, strict=True))


def reached_from(value: Any, depth: int = 4) -> Iterator[FunctionType]:
    """The functions that a name leads to, through wrappers and descriptors; each of them once."""
    if type(value) in PLAIN:
        return iter(())
    if type(value) is FunctionType and not _inside(value):  # as most methods
        return iter((value,))
    return (one for one in _led_to(value, depth) if type(one) is FunctionType)


def _led_to(value: Any, depth: int) -> Iterator[Any]:
    """What is in a value, and in that, so many times; each of it once, the nearest first."""
    level, seen = [value], dict[int, Any]()
    while level:
        fresh = {id(one): one for one in level if id(one) not in seen}
        yield from fresh.values()
        inner = [one for one in fresh.values() if type(one) not in PLAIN] if depth else ()
        seen |= fresh
        depth -= 1
        level = [one for found in map(_inside, inner) for one in found]


def living(namespaces: Iterable[dict[str, Any]]) -> list[FunctionType]:
    """Every living function of these modules; one pass over the heap, about 12 ns an object."""
    targets = list(namespaces)
    if not targets:
        return []
    if gc.get_freeze_count():
        # What is frozen is hidden from searches. It is not frozen again: that would hide all
        # that is younger, too. (3.12 starts with a few hundred frozen objects.)
        gc.unfreeze()
    return [found for found in gc.get_referrers(*targets) if type(found) is FunctionType]


def swap(functions: Iterable[FunctionType], lineage: Lineage, journal: Journal) -> list[str]:
    """
    Give functions the latest generation of their code, in place.

    Returns one sentence for each that has to keep its old code: its free variables changed.
    """
    left: list[str] = []
    for function in functions:
        old = function.__code__
        new = lineage.latest(old)
        if new is old:
            continue
        if old.co_freevars == new.co_freevars:
            set_code(function, new, journal)
        elif not _rebuild(function, new, lineage, journal):
            left.append(
                f"a living closure of {function.__qualname__} keeps its old code: "
                "the variables that it closes over changed"
            )
    return left


def set_code(function: FunctionType, new: CodeType, journal: Journal) -> None:
    """Set `__code__`, and the docstring if it was the old code's."""
    old = function.__code__
    before, after = docstring(old), docstring(new)
    journal.set_code(function, new)
    if before != after and function.__doc__ == before:
        function.__doc__, keep = after, function.__doc__
        journal.note(lambda: setattr(function, "__doc__", keep))


def _rebuild(function: FunctionType, new: CodeType, lineage: Lineage, journal: Journal) -> bool:
    """Let a closure call a function with the new code, if all cells that it needs are known."""
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    cells |= lineage.cells.get(function, {})
    if not set(new.co_freevars) <= set(cells):
        return False
    closure = tuple(cells[name] for name in new.co_freevars)
    twin = FunctionType(new, function.__globals__, function.__name__, None, closure)
    twin.__defaults__, twin.__kwdefaults__ = function.__defaults__, function.__kwdefaults__
    lineage.cells[twin] = cells
    forward(function, twin, journal)
    return True


def become(old: FunctionType, new: FunctionType, journal: Journal, *, keep: bool = False) -> bool:
    """
    Let the living function `old` be in every respect what `new` is, cells included.

    Args:
        keep: Attributes stay that somebody has given to it.

    Returns False, with nothing done, if their free variables differ: `__closure__` cannot be set.
    """
    if old.__code__.co_freevars != new.__code__.co_freevars:
        return False
    journal.keep_function(old)
    _take_code(old, new)
    old.__doc__ = new.__doc__
    old.__annotations__ = new.__annotations__
    old.__name__, old.__qualname__ = new.__name__, new.__qualname__
    if not _is_shown(old) or (_is_shown(new) and not _is_below(new.__module__, old.__module__)):
        old.__module__ = new.__module__
    if hasattr(new, "__type_params__"):
        old.__type_params__ = new.__type_params__  # type: ignore[attr-defined]  # 3.12+
    attributes = {**old.__dict__, **new.__dict__} if keep else dict(new.__dict__)
    old.__dict__.clear()
    old.__dict__.update(attributes)
    for mine, theirs in zip(old.__closure__ or (), new.__closure__ or (), strict=True):
        _copy_cell(mine, theirs, journal)
    return True


def _is_shown(function: FunctionType) -> bool:
    """Whether it was given to another module: by who wraps, or by a package as its own."""
    return bool(function.__module__ != function.__globals__.get("__name__"))


def _is_below(module: str | None, package: str | None) -> bool:
    return f"{module}.".startswith(f"{package}.")


def _take_code(old: FunctionType, new: FunctionType) -> None:
    """
    Code and defaults, so that another thread may call the function between any two steps: a
    setter raises an audit event, and whoever listens lets other threads run.
    """
    old.__kwdefaults__ = {**(old.__kwdefaults__ or {}), **(new.__kwdefaults__ or {})} or None
    if len(new.__defaults__ or ()) >= len(old.__defaults__ or ()):
        old.__defaults__ = new.__defaults__
    assign_code(old, new.__code__)
    old.__defaults__, old.__kwdefaults__ = new.__defaults__, new.__kwdefaults__


def _copy_cell(mine: CellType, theirs: CellType, journal: Journal) -> None:
    if mine is theirs:
        return
    try:
        value = theirs.cell_contents
    except ValueError:  # not yet filled, as `__class__` while its class is being made
        return
    journal.set_cell(mine, value)


_TRAMPOLINE = "<hotswap>"
_TARGET = "hotswap: the function that is called instead"


def forward(old: FunctionType, target: Any, journal: Journal) -> None:
    """
    Turn `old` into a trampoline: whoever holds it calls `target` from now on.

    The tiny code must have the free variables of the old one, and holds the target as a
    constant; it costs about 0.1 microseconds a call.
    """
    names = old.__code__.co_freevars
    args = "_" * (1 + max(map(len, names), default=0))  # no name of those
    source = (
        f"def make({', '.join(names)}):\n def call(*{args}, **{args}_):\n"
        f"  if 0: {', '.join(names) or 'None'}\n  return {_TARGET!r}(*{args}, **{args}_)\n"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # 'str' object is not callable
        module = compile(source, _TRAMPOLINE, "exec", dont_inherit=True)
    make = next(const for const in module.co_consts if isinstance(const, CodeType))
    call = next(const for const in make.co_consts if isinstance(const, CodeType))
    consts = tuple(target if const == _TARGET else const for const in call.co_consts)
    journal.keep_function(old)
    old.__code__ = call.replace(co_consts=consts, co_name=old.__code__.co_name)
    old.__defaults__ = old.__kwdefaults__ = None
    old.__wrapped__ = target  # type: ignore[attr-defined]  # for inspect.signature


def followed(function: FunctionType) -> FunctionType:
    """What a function that was turned into a trampoline calls by now; others call themselves."""
    if function.__code__.co_filename != _TRAMPOLINE:
        return function
    target = vars(function)["__wrapped__"]
    return followed(target) if type(target) is FunctionType else function


_TRANSPARENT = ("builtins", "functools", "wrapt", "wrapt.wrappers")


def reaches(value: Any, target: object, depth: int = 6) -> bool:
    """Whether `target` is called, or may be, by way of `value`: through cells and wrappers."""
    return any(one is target for one in _led_to(value, depth))


def contains(cell: CellType, value: object) -> bool:
    """Whether a cell holds just that."""
    return _filled(cell) and cell.cell_contents is value


def class_cells(function: FunctionType) -> list[CellType]:
    """What `super()` finds the class in: one cell, or none."""
    both = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    return [cell for name, cell in both if name == "__class__"]


def _inside(value: Any) -> list[Any]:
    found: list[Any] = []
    if type(value) is FunctionType:
        found += [cell.cell_contents for cell in value.__closure__ or () if _filled(cell)]
        found += value.__defaults__ or ()
        found += [const for const in value.__code__.co_consts if type(const) is FunctionType]
    elif is_a(value, (list, tuple)):
        return list(value[:16])
    if is_a(value, type) or (type(value) is FunctionType and not value.__dict__):
        return found
    found += list(attributes(value).values())[:32]
    if type(value).__module__ in _TRANSPARENT:
        through = ("__wrapped__", "__func__", "func", "fget")
        found += [getattr(value, name, None) for name in through]
    return found


def _filled(cell: CellType) -> bool:
    return bool(gc.get_referents(cell))
