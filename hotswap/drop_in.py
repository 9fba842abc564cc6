"""What does `run_with_reloader` do, in the process that was started by hand and in the worker?"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import NoReturn

from hotswap import session

_TYPES = ("auto", "stat", "watchdog")
_TAKE_A_VALUE = "WX"
_END_OPTIONS = "cm"


def run_with_reloader(
    main_func: Callable[[], object],
    extra_files: Iterable[str] | None = None,
    exclude_patterns: Iterable[str] | None = None,
    interval: float = 1,
    reloader_type: str = "auto",
) -> None:
    """
    Run a function, with every edit applied to the running process, or to a new one if need be.

    A drop-in for werkzeug's. The program is started anew under a supervisor, with the command line
    and the interpreter's options that it was started with; there, the function runs in the main
    thread. This call does not return: it ends the process with the program's exit status, and
    3 means that the program wants to be started again.

    Args:
        main_func: Called without arguments; it is expected to run until it is stopped.
        extra_files: Files (and folders, for the Python files in them) that need a new process when
            they change.
        exclude_patterns: Patterns (as of `fnmatch`) of paths that are not followed.
        interval: Seconds between looks, where files are looked at.
        reloader_type: "stat" looks at the files; "watchdog" waits for the system's events; "auto"
            does that too.

    Raises:
        ValueError: There is no such type.
        RuntimeError: The program was not started from a file or a module.
    """
    if reloader_type not in _TYPES:
        raise ValueError(f"reloader_type is {reloader_type!r}; there are: {', '.join(_TYPES)}")
    if not session.is_running_from_reloader():
        _start_under_supervisor()
    session.narrow(
        exclude=tuple(exclude_patterns or ()),
        extra=tuple(extra_files or ()),
        poll=interval if reloader_type == "stat" else None,
        interval=interval,
    )
    worker = session.worker()
    if worker is None:
        main_func()
    else:
        with contextlib.suppress(KeyboardInterrupt):
            worker.serve(main_func)
    raise SystemExit(0)


def _start_under_supervisor() -> NoReturn:
    """The supervisor takes the place of this process, of which nothing stays."""
    options, program = split(sys.orig_argv[1:])
    if not program or program[0] in {"-c", "-"}:
        raise RuntimeError("run_with_reloader needs a program in a file or a module to start again")
    become([sys.executable, *options, "-m", "hotswap", "run", *program])


def become(command: list[str]) -> NoReturn:
    """Run a command in place of this process, or where that cannot be, end as it ends."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    if os.name == "posix":
        os.execv(command[0], command)  # noqa: S606
    import subprocess  # noqa: PLC0415

    raise SystemExit(subprocess.call(command))


def split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """
    The options of the interpreter, and what it runs: a script, `-m` and a module, or `-c`.

    Options are those of CPython's command line: letters may stand together, and some take a value.
    """
    at = 0
    while at < len(arguments) and arguments[at][:1] == "-" and arguments[at] != "-":
        option = arguments[at]
        if option.startswith("--"):
            at += 2 if option == "--check-hash-based-pycs" else 1
            continue
        place = next((i for i, one in enumerate(option) if one in _TAKE_A_VALUE + _END_OPTIONS), 0)
        alone = place == len(option) - 1
        if place and option[place] in _END_OPTIONS:
            before = [option[:place]] if place > 1 else []
            value = [] if alone else [option[place + 1 :]]
            return (
                [*arguments[:at], *before],
                [f"-{option[place]}", *value, *arguments[at + 1 :]],
            )
        at += 2 if place and alone else 1
    return list(arguments[:at]), list(arguments[at:])
