"""How does a report look in IPython and in a notebook?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hotswap.report import Report

if TYPE_CHECKING:
    from hotswap.console import Console

_COLOURS = {"swapped": "green", "reloaded": "teal", "rejected": "crimson", "restart": "darkorange"}


def register(shell: Any, console: Console) -> None:
    """Show reports as the console would, and in a notebook with more of it."""

    def pretty(report: Report, printer: Any, _: bool) -> None:  # noqa: FBT001 - IPython calls it so
        printer.text(console.text(report).rstrip())

    def rich(report: Report) -> str:
        return html(report.outcome, console.text(report), is_open=not report.applied)

    formatters = shell.display_formatter.formatters
    formatters["text/plain"].for_type(Report, pretty)
    formatters["text/html"].for_type(Report, rich)


def html(outcome: str, text: str, *, is_open: bool) -> str:
    """One line, and the others beneath it for whoever unfolds them."""
    from html import escape  # noqa: PLC0415

    first, _, rest = text.rstrip().partition("\n")
    colour = _COLOURS.get(outcome, "gray")
    style = f"border-left: 3px solid {colour}; padding-left: .6em; margin: 0"
    body = escape(first)
    if rest:
        unfolded = " open" if is_open else ""
        body = f"<details{unfolded}><summary>{body}</summary>{escape(rest)}</details>"
    return f'<pre style="{style}">{body}</pre>'
