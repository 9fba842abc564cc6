"""What did a reload come to? A value for programs; `hotswap.console` tells it to people."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True, repr=False)
class Report:
    """The outcome of one reload."""

    outcome: str
    """"unchanged", "swapped", "reloaded", "rejected" or "restart"."""
    modules: tuple[str, ...] = ()
    """Executed or swapped, in the order in which they were applied."""
    spared: tuple[str, ...] = ()
    """Modules that import what changed and did not have to execute."""
    reason: str = ""
    error: BaseException | None = None
    """What the program's code raised; its traceback shows the program's frames only."""
    location: tuple[str, int] | None = None
    """The file and line that the reason or the error is about."""
    seconds: float = 0.0
    generation: int = 0
    """The one that runs."""
    undone: int = 0
    """The generation that was, or was to be, taken back; 0: a reload."""
    kept: tuple[str, ...] = ()
    """Names, as in "module.NAME", that keep what the program set them to since what is undone."""
    paths: tuple[str, ...] = ()
    """The files of the batch that really differ."""
    names: tuple[str, ...] = ()
    """Functions, methods and names that changed, as in "Greeter.SayHello"."""
    notes: tuple[str, ...] = ()
    """One sentence each: what ran and why, what could not be undone."""

    def __repr__(self) -> str:
        said = [(one.name, getattr(self, one.name)) for one in fields(self)]
        said = [(name, value) for name, value in said if value or name == "generation"]
        return f"Report({', '.join(f'{name}={value!r}' for name, value in said)})"

    def timed(self, seconds: float) -> Report:
        """The same of a reload that took so long."""
        return replace(self, seconds=seconds)

    @property
    def applied(self) -> bool:
        """Whether memory and disk agree again."""
        return self.outcome in {"unchanged", "swapped", "reloaded"}
