"""Who is told that a class was made, and what does the class look like to them?"""

from __future__ import annotations

import sys
from functools import partial
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any

from hotswap.bodies import OURS, is_slot
from hotswap.unseen import call_from
from hotswap.values import is_a

if TYPE_CHECKING:
    from hotswap.journal import Journal
    from hotswap.statements import Statement


def of_a_class(
    cls: type,
    namespace: dict[str, Any],
    keywords: dict[str, Any],
    statement: Statement,
    journal: Journal,
) -> None:
    """
    Tell descriptors and bases of a class whose body ran again: to them it is a new one.

    Args:
        namespace: What the body gave. Other attributes come back afterwards, unless one of those
            who are told gives the class another.
    """
    hooks = [
        partial(type(value).__set_name__, value, cls, name)
        for name, value in namespace.items()
        if hasattr(type(value), "__set_name__")
    ]
    hooks.append(partial(super(cls, cls).__init_subclass__, **keywords))  # type: ignore[arg-type]
    aside = {}
    if any(map(_is_written_in_python, hooks)):
        journal.keep_class(cls)
        aside = _not_given(cls, namespace)
    for name in aside:
        type.__delattr__(cls, name)
    for hook in hooks:
        _call(hook, cls, statement)
    for name, value in aside.items():
        if name not in vars(cls):
            type.__setattr__(cls, name, value)


def _call(hook: partial[Any], cls: type, statement: Statement) -> None:
    """As Python does while it makes a class: the frame above that of a hook is the module's."""
    module = sys.modules.get(cls.__module__)
    if module is None or "." in cls.__qualname__ or not _is_written_in_python(hook):
        hook()
    else:
        call_from(vars(module), (statement.path, statement.first), hook)


def _is_written_in_python(hook: partial[Any]) -> bool:
    return is_a(hook.func, (FunctionType, MethodType))


def _not_given(cls: type, namespace: dict[str, Any]) -> dict[str, Any]:
    given = namespace.keys() | OURS | {"__doc__", "__firstlineno__"}
    return {
        name: value for name, value in vars(cls).items() if name not in given and not is_slot(value)
    }
