"""
Which arguments does the command line take?

Apart from the commands, since `hotswap run` has no need of it where there is nothing to parse.
"""

from __future__ import annotations

import argparse
import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hotswap import manual

Command = Callable[[argparse.Namespace], int]


def _attach_name(text: str) -> bool | str:
    from hotswap.repl.names import is_name  # noqa: PLC0415 - seldom given

    if text and not is_name(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no name (letters, digits, - _ and .)")
    return text or True


_REPL = """\
A prompt whose modules are always current: IPython, or where it is not installed Python's own.
What is saved is applied before the next command runs, never in the middle of one. Names that were
imported with `from` follow, names that you bound yourself are left alone. `(behind)` stands before
the prompt while a file differs from what runs.

  hotswap repl                      follow whatever is imported there
  hotswap repl app.models app.api   with these imported

At the prompt:

  hotswap.undo()                    take the last reload back, until the next save
  hotswap.on_change(app.api.check)  call this again after each edit, and show what it gives
  %hotswap?                         in IPython: what else there is"""


def _seconds(text: str) -> float:
    return _number(text, "seconds above 0", lambda number: number > 0)


def _milliseconds(text: str) -> float:
    return _number(text, "milliseconds", lambda number: number >= 0)


def _number(text: str, of: str, accepts: Callable[[float], bool]) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not accepts(number):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of {of}")
    return number


def _python(text: str) -> str:
    for mode in ("eval", "exec"):
        try:
            compile(text, "<--exec>", mode, ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            reason = error
        else:
            return text
    raise argparse.ArgumentTypeError(f"{text!r} is no Python: {reason}")


_COLLECTS = {"action": "append"}
_IS_SET = {"action": "store_true", "default": None}

_OPTIONS: dict[str, dict[str, Any]] = {
    "--path": {
        "dest": "paths",
        "metavar": "PATH",
        **_COLLECTS,
        "help": "follow only this file or folder; may be repeated",
    },
    "--exclude": {
        "metavar": "GLOB",
        **_COLLECTS,
        "help": "never follow files whose path or name matches; may be repeated",
    },
    "--never": {
        "metavar": "MODULE",
        **_COLLECTS,
        "help": "reject edits of modules whose name matches; may be repeated",
    },
    "--restart": {
        "metavar": "MODULE",
        **_COLLECTS,
        "help": "restart when a module whose name matches is edited; may be repeated",
    },
    "--poll": {
        "metavar": "SECONDS",
        "type": _seconds,
        "help": "look for edits this often instead of waiting for events of the system",
    },
    "--drain": {
        "metavar": "MS",
        "type": _milliseconds,
        "help": "milliseconds that running calls get to end before code changes (default: 50)",
    },
    "--grace": {
        "metavar": "SECONDS",
        "type": _seconds,
        "help": "seconds that calls get to end when another process takes over (default: 10)",
    },
    "--connection-age": {
        "metavar": "SECONDS",
        "type": _seconds,
        "help": "ask gRPC clients over TCP to connect anew so often that a restart cuts none off",
    },
    "--exec": {
        "metavar": "EXPR",
        "type": _python,
        "help": "run this once the program has started and again after each edit, and show what it "
        "gives; the program does not end by itself then",
    },
    "--attach": {
        "metavar": "[=NAME]",
        "type": _attach_name,
        "help": "let `hotswap attach` in, by this name (`--attach=NAME`) or the program's own: "
        "only you, through a Unix socket that is gone when the program is",
    },
    "--once": {
        **_IS_SET,
        "help": "end when the program fails, instead of waiting for a save that mends it",
    },
}
"""What `hotswap run` takes, beside how loud it is."""


def parse(argv: Sequence[str], commands: Mapping[str, Command]) -> argparse.Namespace:
    """What was given, with the one of `commands` that was asked for as `command`."""
    arguments = _parser().parse_args(argv)
    arguments.command = commands[arguments.command]
    return arguments


class _Parser(argparse.ArgumentParser):
    """Knows of options that have a value only after `=`, so that none is a program."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        if "--attach" in self._option_string_actions:
            args = _with_value(args, "--attach")
        return super().parse_known_args(args, namespace)


def _with_value(args: Sequence[str], option: str) -> list[str]:
    """The same with `--option=` where there is no value."""
    given, at = list(args), 0
    while at < len(given) and _is_before_program(given[at]):
        if given[at] == option:
            given[at] += "="
        at += 2 if _takes_next(given[at]) else 1
    return given


def _is_before_program(text: str) -> bool:
    is_short = not text.startswith("--")
    return text.startswith("-") and text not in {"-", "--"} and not (is_short and "m" in text)


def _takes_next(option: str) -> bool:
    """Whether an option, which may be cut short, has its value in the next argument."""
    full = [name for name in _OPTIONS if name.startswith(option)]
    return len(full) == 1 and _OPTIONS[full[0]].get("action") != "store_true"


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="hotswap",
        description=manual.OVERVIEW,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    _add_run(commands)
    _add_plan(commands)
    _add_graph(commands)
    _add_repl(commands)
    _add_attach(commands)
    _add_demo(commands)
    return parser


def _command(
    commands: Any, name: str, about: str, description: str, **options: str
) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser
    made = commands.add_parser(name, help=about, description=description, **options)
    made.formatter_class = argparse.RawDescriptionHelpFormatter
    made.set_defaults(command=name)
    return made


def _add_run(commands: Any) -> None:
    run = _command(
        commands,
        "run",
        "run a program and apply what you save to it",
        manual.RUN,
        usage="hotswap run [options] script.py [args ...]\n"
        "       hotswap run [options] -m package.module [args ...]",
    )
    for option, settings in _OPTIONS.items():
        run.add_argument(option, **settings)
    loudness = run.add_mutually_exclusive_group()
    loudness.add_argument(
        "-v", "--verbose", action="store_true", default=None,
        help="say what was executed and why; also tell of saves that change nothing",
    )  # fmt: skip
    loudness.add_argument(
        "-q", "--quiet", action="store_true", default=None,
        help="tell only of edits that could not be applied",
    )  # fmt: skip
    run.add_argument("-m", dest="module", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    run.add_argument("script", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    run.set_defaults(fail=run.error)


def _add_plan(commands: Any) -> None:
    plan = _command(
        commands,
        "plan",
        "say what saving files would do, without doing it",
        manual.PLAN,
    )
    plan.add_argument("files", metavar="FILE", nargs="+", help="as it is on disk now")
    plan.add_argument(
        "--against", metavar="REV_OR_FILE", default="HEAD",
        help="what is supposed to run: a revision of git, or a file (default: HEAD)",
    )  # fmt: skip


def _add_graph(commands: Any) -> None:
    graph = commands.add_parser(
        "graph",
        help="show which modules import which",
        description="Show the modules below the working directory, dependencies first, "
        "each with what it imports. Nothing is imported for it.",
    )
    graph.add_argument(
        "files", metavar="FILE", nargs="*", help="only these, and the modules that depend on them"
    )
    graph.set_defaults(command="graph")


def _add_repl(commands: Any) -> None:
    repl = _command(
        commands,
        "repl",
        "a prompt whose modules are always current",
        _REPL,
    )
    repl.add_argument("modules", metavar="MODULE", nargs="*", help="to be imported at the start")


def _add_attach(commands: Any) -> None:
    attach = _command(
        commands,
        "attach",
        "a prompt inside a program that runs",
        manual.ATTACH,
    )
    attach.add_argument(
        "target", metavar="PID|NAME", nargs="?", help="which program; not needed for the only one"
    )
    attach.add_argument(
        "--in", dest="module", metavar="MODULE", help="run commands in this module of the program"
    )
    attach.add_argument("-c", dest="code", metavar="CODE", help="run this, show values, and leave")


def _add_demo(commands: Any) -> None:
    demo = commands.add_parser(
        "demo",
        help="see it happen: a small gRPC server is edited while a client calls it",
        description="Lay a small gRPC project into a temporary folder, run it under `hotswap run`, "
        "call it without a pause, and edit it before your eyes.",
    )
    demo.add_argument("--fast", action="store_true", help="without pauses to read")
    demo.set_defaults(command="demo")


class _Version(argparse.Action):
    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help="show the version and exit")

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from importlib.metadata import version  # noqa: PLC0415

        print(f"hotswap {version('hotswap')}")  # noqa: T201
        parser.exit()
