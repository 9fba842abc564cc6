"""How do IPython and Jupyter get edits between cells, and what does `%hotswap` do?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hotswap import session
from hotswap.console import Console
from hotswap.repl import magic, pictures
from hotswap.repl.autoreload import Autoreload
from hotswap.repl.pending import MARK, Pending

if TYPE_CHECKING:
    from collections.abc import Callable

    from hotswap.reloader import Reloader
    from hotswap.report import Report

_loaded: list[Extension] = []


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext hotswap`: apply edits before each cell, and know `%hotswap`."""
    if not _loaded:
        _loaded.append(Extension(shell, session.follow()))


def unload_ipython_extension(_: Any) -> None:
    """`%unload_ext hotswap`: stop following."""
    while _loaded:
        _loaded.pop().close()


class Extension:
    """hotswap in a shell of IPython's."""

    def __init__(self, shell: Any, reloader: Reloader) -> None:
        self.reloader = reloader
        self._shell = shell
        self._pending = Pending(reloader)
        self._pending.note(*shell.user_ns.get("In", ()))
        self._running = 0
        self._autoreload = Autoreload(shell)
        shell.events.register("pre_run_cell", self._before_cell)
        shell.events.register("post_run_cell", self._after_cell)
        pictures.register(shell, Console(lambda: reloader.modules, verbose=True))
        if hasattr(shell, "kernel"):  # a notebook
            session.tell_by(self._display)
        self._prompts = getattr(shell, "prompts", None)
        if self._prompts is not None:  # a terminal
            shell.prompts = _marked(type(self._prompts), lambda: bool(reloader.behind))(shell)
        magic.register(shell, self)
        self._share()

    def close(self) -> None:
        """Leave the shell as it was."""
        self._shell.events.unregister("pre_run_cell", self._before_cell)
        self._shell.events.unregister("post_run_cell", self._after_cell)
        if self._prompts is not None:
            self._shell.prompts = self._prompts
        session.tell_by(None)
        self.off()

    # -- as `%hotswap` asks for it -----------------------------------------------------------

    @property
    def is_on(self) -> bool:
        """Whether edits are applied."""
        return bool(self.reloader.watching)

    def on(self, *, alone: bool) -> None:
        """Apply edits before each cell, and those that were saved meanwhile now."""
        if alone:
            self._autoreload.turn_off()
        if not self.is_on:
            self.reloader.start()
            self.reloader.reload()
        self._share()

    def off(self) -> None:
        """Apply nothing until told to."""
        self._pending.drop()
        self.reloader.stop()
        self._share()

    # -- events of the shell -----------------------------------------------------------------

    def _before_cell(self, info: Any) -> None:
        self._running += 1
        if self._running > 1:  # a cell that a cell runs
            return
        self._pending.apply()
        self._pending.note(_text(self._shell, info))
        self._share()

    def _after_cell(self, _: Any) -> None:
        self._running = max(self._running - 1, 0)
        self._share()  # before it sees what the cell has imported

    def _display(self, report: Report) -> None:
        if report.outcome != "unchanged":
            import IPython.display  # noqa: PLC0415

            show: Any = IPython.display.display
            show(report)

    def _share(self) -> None:
        self._autoreload.keep_out_of(lambda: self.reloader.modules if self.is_on else ())


def _marked(kind: Any, is_behind: Callable[[], bool]) -> Any:
    """Prompts as of this kind, with the mark before them if need be."""

    class Marked(kind):  # type: ignore[misc]
        def in_prompt_tokens(self) -> Any:
            usual = super().in_prompt_tokens()
            return [(usual[0][0], MARK), *usual] if is_behind() else usual

    return Marked


def _text(shell: Any, info: Any) -> str:
    """The Python of a cell; nothing if it is none."""
    try:
        # Before IPython 9 it was not told.
        return str(getattr(info, "transformed_cell", None) or shell.transform_cell(info.raw_cell))
    except Exception:  # noqa: BLE001 - IPython will say what is wrong with it
        return ""
