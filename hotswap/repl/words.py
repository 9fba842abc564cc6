"""How may what is typed go on?"""

from __future__ import annotations

import builtins
import keyword
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_DOTTED = re.compile(r"[^\W\d]\w*(?:\.\w*)*\Z|\Z")
_IMPORT = re.compile(r"\s*(?:import|from)\s+([\w.]*)\Z")


def complete(
    text: str, namespace: Mapping[str, Any], modules: Iterable[str]
) -> tuple[str, list[str]]:
    """
    The last word of a text, as far as it is there, and what it may become.

    Attributes are looked up, nothing is called for it.

    Args:
        modules: The names of those that may be imported.
    """
    if (statement := _IMPORT.match(text)) is not None:
        return _beginning(statement[1], modules)
    match = _DOTTED.search(text)
    *path, word = (match[0] if match else "").split(".")
    if path:
        return _beginning(word, _attributes(path, namespace))
    if not word:
        return "", []
    return _beginning(word, {*namespace, *vars(builtins), *keyword.kwlist})


def _beginning(word: str, names: Iterable[Any]) -> tuple[str, list[str]]:
    copied = list(names)  # in one step, since other threads bind names
    found = {name for name in copied if isinstance(name, str) and name.startswith(word)}
    if not word.rpartition(".")[2].startswith("_"):
        found = {name for name in found if not name.startswith("_")}
    return word, sorted(found)


def _attributes(path: list[str], namespace: Mapping[str, Any]) -> Iterable[str]:
    first, *rest = path
    value = namespace.get(first, getattr(builtins, first, None))
    try:
        for name in rest:
            value = getattr(value, name)
        return () if value is None else dir(value)
    except Exception:  # noqa: BLE001 - attributes run the code of others
        return ()
