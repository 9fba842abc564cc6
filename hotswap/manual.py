"""What do the commands say of themselves?"""

from __future__ import annotations

OVERVIEW = """\
Save a file; the running process runs the new code a few milliseconds later.
No port closes, no stream is cut, no state is lost.

  hotswap run server.py            write this where you wrote `python server.py`
  hotswap run -m app.server        ... or `python -m app.server`
  hotswap plan app/handlers.py     what would saving this file do?
  hotswap graph                    who imports whom?
  hotswap repl app.models          a prompt where it is always current
  hotswap attach                   a prompt inside a program that runs
  hotswap demo                     see it happen, on a small gRPC server

`hotswap COMMAND --help` tells more about each."""

RUN = """\
Run a program as `python` would, and follow its modules: whatever of them you save is applied to
the running process. Followed are all imported modules that belong neither to the standard library
nor to an installed package. Options for hotswap stand before the program; all that follows it is
the program's.

  hotswap run server.py --port 50051
  hotswap run -m app.server
  hotswap run --exclude '*/migrations/*' server.py
  hotswap run --poll 1 server.py          on network mounts, which send no events
  hotswap run --exec 'fib(20)' fib.py     see what it gives, again after each edit
  hotswap run --attach server.py          then `hotswap attach` is a prompt inside of it

What happened is told on stderr, in one line for each edit:

  swapped     functions got new bodies; nothing was executed, all state is kept
  reloaded    what changed was executed again, and then whatever depends on it
  rejected    the new code does not work: nothing changed, the old code goes on serving
  restart     the edit cannot be applied to a running process, for the reason given: another
              process takes over, and the old one serves until it does

Defaults come from [tool.hotswap] in the nearest pyproject.toml, under the same names."""

PLAN = """\
Say what saving files would do to a program that runs their former version: what is swapped, which
statements execute, in which order and why. Nothing is imported or executed for it; the modules are
those below the working directory. A running program can know better, and do less: a statement
that gives what it gave before wakes nobody.

  hotswap plan app/handlers.py
  hotswap plan --against main~3 app/handlers.py app/models.py

The exit status is 1 if the edit would be rejected or needs a restart."""

ATTACH = """\
A prompt inside a program that was started with `hotswap run --attach`. It is named by its PID, or
by the name that it was given or has from its file; the only one that runs needs no name.

  hotswap attach
  hotswap attach server
  hotswap attach 4182 --in app.cache
  hotswap attach server -c 'len(CACHE)'
  hotswap attach server < look.py

Commands run in the namespace of a module of the program: `__main__`, or what --in names, or `%in
app.cache` at the prompt. What they write comes here, and what they raise; the program goes on.
`_` is the last value. What is awaited is awaited on the program's own event loop, all else runs
in a thread beside its own. Tab completes, Ctrl-C interrupts a command, Ctrl-D leaves. A call into C
(a sleep, a lock, a query) is interrupted when it returns.

With -c, or with commands on stdin, the exit status is 1 if one of them raised. It is 1, too, if the
program is not there, is not yours, or was started without --attach."""
