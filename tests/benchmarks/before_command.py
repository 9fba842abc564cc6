"""
What does it cost a prompt to apply edits before each command, if there are none?

    python tests/benchmarks/before_command.py

All that is done from when a command was typed until it runs, at Python's own prompt and at that of
IPython, in programs of no modules and of a thousand. The exit status is 1 if the median of five
hundred commands is above a millisecond anywhere.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

from hotswap.reloader import Reloader
from hotswap.repl.plain import Prompt

COMMANDS = 500
LIMIT = 0.001
SIZES = (0, 1, 1000)
TYPED = "order.total(), VAT\n"


def main() -> int:
    """Print a line for each prompt and size: the best of the commands, and the one in the middle."""
    print(f"{'prompt':>8}  {'modules':>8}  {'best':>9}  {'median':>9}  {'CPU':>9}")
    medians = []
    for size in SIZES:
        with (
            tempfile.TemporaryDirectory() as folder,
            _followed(Path(folder).resolve(), size) as one,
        ):
            for prompt, before in _prompts(one):
                best, median, processor = _measure(before)
                medians.append(median)
                times = "  ".join(map(_shown, (best, median, processor)))
                print(f"{prompt:>8}  {size:>8}  {times}")
    return int(max(medians) > LIMIT)


@contextlib.contextmanager
def _followed(folder: Path, size: int) -> Iterator[Reloader]:
    sys.path.insert(0, str(folder))
    names = [f"followed_{size}_{number}" for number in range(size)]
    with Reloader([folder]) as reloader, contextlib.closing(reloader):
        for name in names:
            (folder / f"{name}.py").write_text(f"NAME = {name!r}\ndef f(): return NAME\n")
        importlib.invalidate_caches()
        for name in names:
            importlib.import_module(name)
        assert len(reloader.modules) == size
        yield reloader
    sys.path.remove(str(folder))


def _prompts(reloader: Reloader) -> Iterator[tuple[str, Callable[[], object]]]:
    """What each does before a command."""
    prompt = Prompt(reloader)
    code = compile(TYPED, "<stdin>", "single")
    yield "Python", lambda: prompt.before(code)
    if importlib.util.find_spec("IPython"):
        from IPython.core.interactiveshell import InteractiveShell  # noqa: PLC0415

        from hotswap.repl.ipython import Extension  # noqa: PLC0415

        extension = Extension(InteractiveShell.instance(history_manager=None), reloader)
        cell = SimpleNamespace(raw_cell=TYPED, transformed_cell=TYPED)
        yield "IPython", lambda: (extension._before_cell(cell), extension._after_cell(None))
        extension.close()


def _measure(before: Callable[[], object]) -> tuple[float, float, float]:
    before()
    began = time.process_time()
    times = _times(before)
    return min(times), statistics.median(times), (time.process_time() - began) / COMMANDS


def _times(call: Callable[[], object]) -> list[float]:
    times = []
    for _ in range(COMMANDS):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return times


def _shown(seconds: float) -> str:
    return f"{seconds * 1e6:6.1f} µs"


if __name__ == "__main__":
    sys.exit(main())
