"""How does a process end that another one has followed? Its servers first, then the rest."""

from __future__ import annotations

import signal
import sys
import threading
import time
from typing import Any

_PARKED_FOR = 0.1
"""Seconds in which whoever calls without a pause has arrived, also on a busy machine."""
_TOLD_WITHIN = 0.02
"""Seconds in which a server that stops has written so to its connections."""


def stop_servers(grace: float) -> bool:
    """
    Stop the servers; whether all calls ended in the seconds given.

    A call that reaches a server after it was told to stop and before its client has heard of
    it is lost. So calls are held back for that moment: whoever calls without a pause has
    arrived, and is answered, before the next call goes elsewhere.
    """
    if not started():
        return True
    from hotswap.gate import GATE  # noqa: PLC0415

    with GATE.held():
        time.sleep(_PARKED_FOR)
        wait = _lifecycle().stop(grace)
        time.sleep(_TOLD_WITHIN)
    complete: bool = wait()
    return complete


def end_main(patience: float) -> None:
    """Interrupt the main function, if it does not end by itself as its servers have ended."""
    main = threading.main_thread()
    main.join(patience)
    if main.is_alive() and main.ident is not None:
        signal.pthread_kill(main.ident, signal.SIGINT)


def started() -> int:
    """How many servers serve."""
    lifecycle = _lifecycle()
    return lifecycle.started if lifecycle is not None else 0


def waiting() -> int:
    """How many servers were made and do not serve yet."""
    lifecycle = _lifecycle()
    return lifecycle.waiting if lifecycle is not None else 0


def _lifecycle() -> Any:
    """The servers of this process; None as long as the program has not imported any library."""
    module = sys.modules.get("hotswap.servers.lifecycle")
    return getattr(module, "LIFECYCLE", None)  # another thread may be about to import it
