"""What may be set, on the command line and in `[tool.hotswap]`? One frozen `Options` says it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class OptionError(ValueError):
    """A setting that cannot be taken; the message names the file and the key."""


class Options:
    """How a program is followed. Fixed once it is made."""

    paths: tuple[str, ...] | None = None
    """Files and folders to follow; None: all modules of the project's own."""
    exclude: tuple[str, ...] = ()
    """Patterns of paths that are never followed."""
    never: tuple[str, ...] = ()
    """Patterns of modules that are never reloaded: an edit of them is rejected."""
    restart: tuple[str, ...] = ()
    """Patterns of modules whose edits need a restart."""
    poll: float | None = None
    """Look for edits every so many seconds, for mounts that send no events."""
    drain: float = 50.0
    """Milliseconds that running calls are given to end before code changes."""
    grace: float = 10.0
    """Seconds that calls are given to end before their process does, once another one serves."""
    connection_age: float | None = None
    """Seconds after which gRPC clients are asked to connect anew; None: never."""
    once: bool = False
    """End as the program ends, also when a save could mend what ended it."""
    exec: str | None = None
    """Python that runs once the program has started, and again after each edit."""
    attach: bool | str = False
    """Let `hotswap attach` in: by this name, or by that of the program."""
    verbose: bool = False
    """Say what was executed and why, and tell of saves that change nothing."""
    quiet: bool = False
    """Tell only of edits that were not applied."""

    def __init__(self, **given: Any) -> None:
        # No dataclass: to make one takes longer than all else that is done to run a program.
        vars(self).update(given)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"the option {name} is given when Options are made")

    def __eq__(self, other: object) -> bool:
        return all(getattr(self, name) == getattr(other, name, NotImplemented) for name in _KINDS)

    __hash__ = None  # type: ignore[assignment]

    def overridden(self, values: Mapping[str, Any]) -> Options:
        """These options with those of `values` that were given (are not None) put over them."""
        given = {key: value for key, value in values.items() if value is not None}
        return Options(**{**vars(self), **given})


def read(folder: str) -> Options:
    """
    The options that the pyproject.toml nearest to `folder`, there or above it, sets.

    Raises:
        OptionError: The file cannot be read, or has a key or a value that is not known.
    """
    path = _nearest(os.path.abspath(folder))
    return Options() if path is None else _from_table(path, _table(path))


def _nearest(folder: str) -> str | None:
    path = os.path.join(folder, "pyproject.toml")
    if os.path.isfile(path):
        return path
    parent = os.path.dirname(folder)
    return None if parent == folder else _nearest(parent)


def _table(path: str) -> Any:
    try:
        with open(path, "rb") as file:
            data = file.read()
        if b"hotswap" not in data:  # Spares most programs the import of a parser.
            return {}
        return _parse(data.decode()).get("tool", {}).get("hotswap", {})
    except (OSError, ValueError) as error:
        raise OptionError(f"{path}: {error}") from error


def _parse(text: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib  # noqa: PLC0415
    else:
        import tomli as tomllib  # noqa: PLC0415
    table: dict[str, Any] = tomllib.loads(text)
    return table


def _from_table(path: str, table: Any) -> Options:
    if not isinstance(table, dict):
        raise OptionError(f"{path}: tool.hotswap must be a table")
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _KINDS:
            known = ", ".join(_KINDS)
            raise OptionError(f"{path}: unknown key tool.hotswap.{key} (there are: {known})")
        expected, accepts = _KINDS[key]
        if not accepts(value):
            raise OptionError(f"{path}: tool.hotswap.{key} must be {expected}, not {value!r}")
        values[key] = tuple(value) if isinstance(value, list) else value
    return _located(Options(**values), os.path.dirname(path))


def _located(options: Options, folder: str) -> Options:
    """Paths in a file are relative to that file."""
    if options.paths is None:
        return options
    paths = tuple(os.path.join(folder, path) for path in options.paths)
    return options.overridden({"paths": paths})


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_positive(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0


def _is_duration(value: Any) -> bool:
    return _is_positive(value) or (value == 0 and not isinstance(value, bool))


def _is_switch(value: Any) -> bool:
    return isinstance(value, bool)


def _is_attach(value: Any) -> bool:
    if not isinstance(value, str):
        return _is_switch(value)
    from hotswap.repl.names import is_name  # noqa: PLC0415 - seldom given

    return is_name(value)


_KINDS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "paths": ("a list of strings", _is_texts),
    "exclude": ("a list of strings", _is_texts),
    "never": ("a list of strings", _is_texts),
    "restart": ("a list of strings", _is_texts),
    "poll": ("a number of seconds above 0", _is_positive),
    "drain": ("a number of milliseconds", _is_duration),
    "grace": ("a number of seconds", _is_duration),
    "connection_age": ("a number of seconds above 0", _is_positive),
    "once": ("true or false", _is_switch),
    "exec": ("a string", lambda value: isinstance(value, str)),
    "attach": ("true, false or a name (letters, digits, - _ and ., no number)", _is_attach),
    "verbose": ("true or false", _is_switch),
    "quiet": ("true or false", _is_switch),
}
