"""The command line: arguments in, one call out."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from hotswap import garbage
from hotswap import options as settings

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from hotswap.options import Options


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status, or ends as the program that was run ends."""
    given = list(sys.argv[1:] if argv is None else argv)
    try:
        if _is_plain_run(given):
            return _start(given[1:], is_module=False, options=settings.read(os.getcwd()))
        from hotswap.arguments import parse  # noqa: PLC0415

        arguments = parse(given, _COMMANDS)
        status: int = arguments.command(arguments)
    except settings.OptionError as error:
        print(f"hotswap: {error}", file=sys.stderr)  # noqa: T201
        return 2
    return status


def _is_plain_run(given: Sequence[str]) -> bool:
    """Whether a program follows at once: to parse that would be a third of the time it takes."""
    return given[:1] == ["run"] and given[1:2] != [] and not given[1].startswith("-")


def _start(command: Sequence[str], *, is_module: bool, options: Options) -> int:
    garbage.put_off()
    from hotswap.runner import Program, run  # noqa: PLC0415

    target, *rest = command
    program = Program(target, rest, is_module=is_module)
    if not hasattr(os, "fork"):  # then edits are applied, and a restart is only called for
        run(program, options)
        return 0
    from hotswap.children import Forked  # noqa: PLC0415
    from hotswap.supervisor import supervise  # noqa: PLC0415

    try:
        return supervise(options, os.getcwd() if is_module else os.path.abspath(target))
    except Forked as forked:
        worker = forked.worker
    run(program, options, worker)
    return 0


def _run(arguments: argparse.Namespace) -> int:
    command = arguments.module or arguments.script
    if not command:
        arguments.fail("what shall be run? Give a script, or -m and a module")
    return _start(command, is_module=bool(arguments.module), options=_options(arguments))


def _plan(arguments: argparse.Namespace) -> int:
    from hotswap.preview import CannotCompare, preview  # noqa: PLC0415

    try:
        exclude = settings.read(os.getcwd()).exclude
        plan = preview(arguments.files, os.getcwd(), arguments.against, exclude)
    except (CannotCompare, OSError) as error:
        print(f"hotswap: {error}", file=sys.stderr)  # noqa: T201
        return 2
    print(plan)  # noqa: T201
    return 0 if plan.outcome not in {"rejected", "restart"} else 1


def _graph(arguments: argparse.Namespace) -> int:
    from hotswap.preview import picture  # noqa: PLC0415

    exclude = settings.read(os.getcwd()).exclude
    for line in picture(os.getcwd(), arguments.files, exclude):
        print(line)  # noqa: T201
    return 0


def _demo(arguments: argparse.Namespace) -> int:
    try:
        import google.protobuf.wrappers_pb2  # noqa: F401, PLC0415
        import grpc  # noqa: F401, PLC0415
    except ImportError as error:
        message = f"hotswap demo needs gRPC ({error}): pip install 'hotswap[grpc]'"
        print(message, file=sys.stderr)  # noqa: T201
        return 1
    from hotswap.demo.show import show  # noqa: PLC0415

    return show(fast=arguments.fast)


def _repl(arguments: argparse.Namespace) -> int:
    from hotswap.drop_in import become  # noqa: PLC0415
    from hotswap.repl.start import command  # noqa: PLC0415

    become(command(arguments.modules))


def _attach(arguments: argparse.Namespace) -> int:
    if os.name != "posix":
        print("hotswap: attach needs Unix sockets, which are not here", file=sys.stderr)  # noqa: T201
        return 1
    from hotswap.repl.attach_client import attach  # noqa: PLC0415

    return attach(arguments.target, arguments.module, arguments.code)


_PLAIN = ("poll", "drain", "grace", "connection_age", "once", "exec", "attach", "verbose", "quiet")


def _options(arguments: argparse.Namespace) -> Options:
    given = {key: getattr(arguments, key) for key in _PLAIN}
    for key in ("paths", "exclude", "never", "restart"):
        values = getattr(arguments, key)
        given[key] = None if values is None else tuple(values)
    return settings.read(os.getcwd()).overridden(given)


_COMMANDS = {
    "run": _run,
    "plan": _plan,
    "graph": _graph,
    "repl": _repl,
    "attach": _attach,
    "demo": _demo,
}
