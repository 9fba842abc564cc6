"""How does `hotswap run` run a program? As `python` does, and its modules are followed."""

from __future__ import annotations

import builtins
import contextlib
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from importlib.machinery import BuiltinImporter, ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType, TracebackType
from typing import Any

from hotswap import garbage, session
from hotswap.console import Console
from hotswap.finder import Loader
from hotswap.options import Options
from hotswap.policy import Policies
from hotswap.reloader import Reloader
from hotswap.worker import Worker

_SETTLED_AFTER = 0.1
_READ_EVERY = 10
"""Looks after which sources are read: each time, that would keep up with the imports."""


class Program:
    """What is run, as it was given on the command line."""

    def __init__(
        self, target: str, arguments: Sequence[str] = (), *, is_module: bool = False
    ) -> None:
        self.target, self.arguments, self.is_module = target, arguments, is_module


class _Source:
    """What fills `__main__`."""

    def __init__(self, path: str, data: bytes, code: CodeType, attributes: dict[str, Any]) -> None:
        self.path, self.data, self.code, self.attributes = path, data, code, attributes


def run(program: Program, options: Options, worker: Worker | None = None) -> None:
    """
    Run a program to its end, in this process and thread, and follow its modules meanwhile.

    What the program raises goes through, as if the interpreter itself had run it; a supervisor,
    if there is one, hears of it.
    """
    main = _prepare(program)
    reloader = _reloader(_named(program, options), worker)
    try:
        _execute(program, main, reloader, worker)
    except SystemExit as end:
        if options.exec is None or end.code:
            raise
    if options.exec is not None:  # it goes on after each edit
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


def _execute(program: Program, main: ModuleType, reloader: Reloader, worker: Worker | None) -> None:
    with _uncaught_errors_shown_as_by_python(worker):
        source = _locate(program)
        vars(main).update(source.attributes)
        if os.path.isfile(source.path):
            reloader.tracker.run_main(main, source.path, source.data, source.code)
        else:  # In an archive there is nothing to follow.
            exec(source.code, vars(main))  # noqa: S102


def _named(program: Program, options: Options) -> Options:
    """With the name by which the program can be attached to, if it can be."""
    if options.attach is not True:
        return options
    from hotswap.repl.names import name_of  # noqa: PLC0415 - seldom asked for

    name = name_of(program.target, is_module=program.is_module)
    return options.overridden({"attach": name})


def _reloader(options: Options, worker: Worker | None) -> Reloader:
    reloader = Reloader(
        options.paths,
        options.exclude,
        poll=options.poll,
        drain=options.drain / 1000,
        policies=Policies(options.never, options.restart),
    )
    console = Console(lambda: reloader.modules, verbose=options.verbose, quiet=options.quiet)
    console.supervised = worker is not None
    session.adopt(reloader, worker)
    if worker is None:
        reloader.subscribe(console.show)
    else:
        worker.attach(reloader, console)
    if options.attach:
        from hotswap.repl.attach_server import let_in  # noqa: PLC0415 - seldom asked for

        console.attached_as = let_in(str(options.attach), reloader, worker)
    reloader.tracker.sources.later = True
    garbage.put_off()
    threading.Thread(
        target=_follow, args=(reloader, console, options), name="hotswap-start", daemon=True
    ).start()
    return reloader


def _follow(reloader: Reloader, console: Console, options: Options) -> None:
    """
    Begin to watch once the imports are done.

    Before, watching would make them slower, and it would not be known yet what is followed.
    What is saved meanwhile is found by looking at all files once.
    """
    _await_imports(reloader)
    reloader.hold()  # a reload sets the threshold, too, as long as it lasts
    reloader.tracker.sources.later = False
    reloader.tracker.sources.read(reloader.tracker.units)
    garbage.resume()
    reloader.release()
    reloader.start()
    if reloader.modules:
        console.banner(reloader.watching)
    worker = session.worker()
    if worker is not None:
        worker.follows()
    reloader.reload()
    if options.exec is not None:
        from hotswap.again import repeat  # noqa: PLC0415

        repeat(options.exec)


def _await_imports(reloader: Reloader) -> None:
    """Until no more comes; what was not read on the way is read now and then meanwhile."""
    known = looks = 0
    while known != len(sys.modules):
        known, looks = len(sys.modules), looks + 1
        time.sleep(_SETTLED_AFTER)
        if not looks % _READ_EVERY:
            reloader.hold()
            reloader.tracker.sources.read(reloader.tracker.units)
            reloader.release()


# -- as python does ---------------------------------------------------------------------------


def _prepare(program: Program) -> ModuleType:
    """Set up `sys` and a fresh `__main__`."""
    sys.argv = ["-m" if program.is_module else program.target, *program.arguments]
    if not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
        sys.path[0] = _first_path(program)
    main = ModuleType("__main__")
    vars(main).update(__builtins__=builtins, __loader__=BuiltinImporter)
    if sys.version_info < (3, 14):
        vars(main).update(__annotations__={})
    sys.modules["__main__"] = main
    return main


def _first_path(program: Program) -> str:
    if program.is_module:
        return os.getcwd()
    if _is_container(program.target):
        return os.path.abspath(program.target)
    return os.path.dirname(os.path.realpath(program.target))


def _is_container(path: str) -> bool:
    """Whether a path is a folder or an archive, whose `__main__` is what is run."""
    if os.path.isdir(path):
        return True
    for hook in sys.path_hooks:
        with contextlib.suppress(ImportError):
            hook(path)
            return True
    return False


def _locate(program: Program) -> _Source:
    if program.is_module or _is_container(program.target):
        return _module(program)
    return _script(program.target)


def _script(target: str) -> _Source:
    file = os.path.join(os.getcwd(), target)
    path = os.path.abspath(file)
    try:
        with open(path, "rb") as stream:
            data = stream.read()
    except OSError as error:
        reason = f"[Errno {error.errno}] {error.strerror}"
        print(f"{sys.executable}: can't open file {file!r}: {reason}", file=sys.stderr)  # noqa: T201
        raise SystemExit(2) from None
    attributes = {
        "__file__": file,
        "__cached__": None,
        "__loader__": SourceFileLoader("__main__", file),
    }
    return _Source(path, data, compile(data, path, "exec", dont_inherit=True), attributes)


def _module(program: Program) -> _Source:
    spec, code = _find(program)
    stand_in: Any = spec.loader
    if isinstance(stand_in, Loader):  # which nobody needs who executes `__main__`
        spec.loader = stand_in.real
    path = spec.origin or ""
    attributes = {
        "__file__": spec.origin,
        "__cached__": spec.cached,
        "__loader__": spec.loader,
        "__package__": spec.parent,
        "__spec__": spec,
    }
    if program.is_module:
        sys.argv[0] = path
    loader: Any = spec.loader
    if path.endswith(".pyc"):
        return _Source(path, b"", code, attributes)
    data = loader.get_data(path)
    return _Source(path, data, compile(data, path, "exec", dont_inherit=True), attributes)


def _find(program: Program) -> tuple[ModuleSpec, CodeType]:
    import runpy  # noqa: PLC0415

    details: Any = runpy
    try:
        if program.is_module:
            _, spec, code = details._get_module_details(program.target, details._Error)
        else:
            _, spec, code = details._get_main_module_details(details._Error)
    except details._Error as error:
        raise SystemExit(f"{sys.executable}: {error}") from None
    return spec, code


@contextlib.contextmanager
def _uncaught_errors_shown_as_by_python(worker: Worker | None) -> Iterator[None]:
    """The interpreter shows an error and picks the exit status; it is shown without our frames."""
    try:
        yield
    except SystemExit:
        raise
    except BaseException as error:
        from hotswap.tracebacks import program_only  # noqa: PLC0415

        shown = program_only(error).__traceback__
        if worker is not None and _is_told(error, worker):
            raise SystemExit(1) from None
        hook = sys.excepthook

        def show(kind: type[BaseException], value: BaseException, _: TracebackType | None) -> None:
            value.__traceback__ = shown
            hook(kind, value, shown)

        sys.excepthook = show
        raise


def _is_told(error: BaseException, worker: Worker) -> bool:
    """Whether it is shown elsewhere, or is not to be shown."""
    if isinstance(error, KeyboardInterrupt):
        return worker.stopping
    return worker.failed(error)
