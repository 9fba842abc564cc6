"""
Which functions ran on behalf of which line of which module, while own modules executed?

A function that ran at import is not merely swapped: what its call made has to be made again.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from functools import partial
from typing import TYPE_CHECKING, Any

from hotswap.running import Site

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import CodeType

    from hotswap.journal import Journal
    from hotswap.lineage import Lineage
    from hotswap.running import Running

_LONGEST_LOG = 60_000


class Call:
    """A function's code, and the sites on whose behalf it ran."""

    __slots__ = ("code", "sites")

    def __init__(self, code: CodeType, sites: set[Site]) -> None:
        self.code, self.sites = code, sites


class Lines:
    """The lines of instructions; what was looked up last is remembered, and likely asked again."""

    def __init__(self) -> None:
        self._code: CodeType | None = None
        self._starts: list[int] = []
        self._lines: list[int | None] = []

    def at(self, code: CodeType, instruction: int) -> int | None:
        """The line of the instruction at an offset in bytes; None if it belongs to no line."""
        if code is not self._code:
            table = list(code.co_lines())
            self._code, self._starts = code, [start for start, _, _ in table]
            self._lines = [line for _, _, line in table]
        return self._lines[bisect_right(self._starts, instruction) - 1]


class Calls:
    """All calls that were seen, by the file that the called function is in."""

    def __init__(self) -> None:
        self._by_file: dict[str, dict[int, Call]] = {}
        self._sites: dict[str, dict[int, Site]] = {}
        self._importing: dict[str, tuple[CodeType, ...]] = {}
        self._asked: dict[str, set[Site]] = {}
        self._took_codes = False
        self._fresh: list[CodeType] = []
        self._version = 0
        self._log: list[Any] = []
        """
        Code that started, who was executing, and at which instruction; to be entered.

        These stand one after the other, since tuples would make the garbage collector run more
        often.
        """
        self._lock = threading.Lock()

    def saw(self, code: CodeType, running: Running, instruction: int) -> None:
        """
        `code` started while a module stood at this instruction (its offset, in bytes).

        This is on the way of every import: it is entered when somebody asks, and that is when
        the line is looked up, too.
        """
        log = self._log
        log += (code, running, instruction)
        if len(log) > _LONGEST_LOG:
            self._enter()

    def _enter(self) -> None:
        """Enter what was seen; before anything is read or changed, so that nobody can tell."""
        if not self._log and not self._lock.locked():
            return
        with self._lock:
            count = len(self._log)  # other threads may go on to write behind that
            entries = iter(self._log[:count])
            del self._log[:count]
            lines = Lines()
            for code, running, instruction in zip(entries, entries, entries, strict=True):
                line = lines.at(running.code, instruction)
                if line is not None:
                    self.add(code, self.site(running.unit.name, line))

    @property
    def version(self) -> int:
        """Grows with each function that is seen for the first time."""
        self._enter()
        return self._version

    def importing_in(self, path: str) -> list[CodeType]:
        """The functions of a file that ran and import something themselves."""
        self._classify()
        return [code for code in self._importing.get(path, ()) if self.of(code)]

    @property
    def importing(self) -> list[CodeType]:
        """The same, of all files."""
        self._classify()
        return [code for path in self._importing for code in self.importing_in(path)]

    @property
    def took_codes(self) -> bool:
        """Whether some function that ran looked at `__code__` of what it was given."""
        self._classify()
        return self._took_codes

    def _classify(self) -> None:
        """Not when a function is seen first: that is on the way of every import."""
        from opcode import opmap  # noqa: PLC0415 - nor is this

        self._enter()
        fresh, self._fresh = self._fresh, []
        for code in fresh:
            if opmap["IMPORT_NAME"] in code.co_code[::2]:
                path = code.co_filename
                self._importing[path] = (*self._importing.get(path, ()), code)
            self._took_codes = self._took_codes or "__code__" in code.co_names

    def site(self, module: str, line: int) -> Site:
        """The one site for a line of a module."""
        sites = self._sites.get(module)
        if sites is None:
            sites = self._sites[module] = {}
        found = sites.get(line)
        if found is None:
            found = sites[line] = Site(module, line)
        return found

    def add(self, code: CodeType, site: Site) -> None:
        """`code` ran on behalf of `site`."""
        path = code.co_filename
        if path not in site.files:
            site.files += (path,)
        calls = self._by_file.get(path)
        if calls is None:
            calls = self._by_file[path] = {}
        call = calls.get(id(code))
        if call is None:
            calls[id(code)] = Call(code, {site})
            self._fresh.append(code)
            self._version += 1
        else:
            call.sites.add(site)

    def holds(self, code: CodeType) -> int:
        """How many references to a function's code are kept here."""
        self._enter()
        known = id(code) in self._by_file.get(code.co_filename, {})
        importing = self._importing.get(code.co_filename, ())
        return known + sum(one is code for one in (*self._fresh, *importing))

    def of(self, code: CodeType) -> set[Site]:
        """The living sites on whose behalf this code ran."""
        self._enter()
        call = self._by_file.get(code.co_filename, {}).get(id(code))
        return {site for site in call.sites if site.line} if call else set()

    def count(self, path: str) -> int:
        """How many functions of a file ran."""
        self._enter()
        return len(self._by_file.get(path, ()))

    def counts(self) -> dict[str, int]:
        """The same for all files."""
        self._enter()
        return {path: len(calls) for path, calls in self._by_file.items()}

    def in_file(self, path: str) -> Iterable[Call]:
        """Every code of a file that ran."""
        self._enter()
        calls = self._by_file.get(path)
        return list(calls.values()) if calls else ()

    def renew(self, lineage: Lineage, path: str, journal: Journal) -> None:
        """Bring the calls of a file to the latest generation of its code."""
        self._enter()
        calls = self._by_file.get(path)
        if not calls:
            return
        journal.note(partial(self._replace, path, calls))
        fresh: dict[int, Call] = {}
        for call in calls.values():
            if not any(site.line for site in call.sites):
                continue  # they have been seen anew
            code = lineage.latest(call.code)
            if code is not call.code and id(code) not in fresh:
                self._fresh.append(code)
            known = fresh.setdefault(id(code), Call(code, set()))
            known.sites |= call.sites
        self._by_file[path] = fresh

    def move(self, module: str, lines: dict[int, int], journal: Journal) -> None:
        """A module's lines moved: `lines` maps old to new; a line that is missing is gone."""
        self._enter()
        sites = self._sites.get(module, {})
        if not sites:
            return
        before = [(site, site.line) for site in sites.values()]
        journal.note(lambda: self._put_back(module, sites, before))
        fresh: dict[int, Site] = {}
        for site, line in before:
            site.line = lines.get(line, 0)
            if site.line:
                fresh[site.line] = site
        self._sites[module] = fresh

    def sites_of(self, module: str) -> list[Site]:
        """Every living site of a module."""
        self._enter()
        return list(self._sites.get(module, {}).values())

    def forget(self, module: str, first: int, last: int, journal: Journal) -> None:
        """What ran on behalf of these lines is about to be seen anew."""
        self._enter()
        for site in self._sites.get(module, {}).values():
            if first <= site.line <= last:
                for sites in [one for one in self._asked.values() if site in one]:
                    sites.discard(site)
                    journal.note(partial(sites.add, site))
                if site.files:
                    self._forget(site, journal)

    # -- modules that are asked for by a string -------------------------------------------------

    def ask(self, name: str, module: str, line: int | None) -> None:
        """A module was imported by its name as a string on behalf of a line of another."""
        if line:
            self._asked.setdefault(name, set()).add(self.site(module, line))

    def askers(self, module: str) -> set[Site]:
        """The living sites that imported a module by its name as a string."""
        return {site for site in self._asked.get(module, ()) if site.line}

    def asked_on_behalf_of(self, module: str, first: int, last: int) -> list[str]:
        """The modules that some lines of a module imported by their names as strings."""
        return [
            name
            for name, sites in self._asked.items()
            if any(site.module == module and first <= site.line <= last for site in sites)
        ]

    def on_behalf_of(self, site: Site) -> list[CodeType]:
        """The functions that ran for a site."""
        self._enter()
        calls = (call for path in site.files for call in self.in_file(path))
        return [call.code for call in calls if site in call.sites]

    def on_behalf_of_lines(self, module: str, first: int, last: int) -> list[CodeType]:
        """The functions that ran for some lines of a module."""
        sites = self.sites_within(module, first, last)
        return [code for site in sites for code in self.on_behalf_of(site)]

    def sites_within(self, module: str, first: int, last: int) -> list[Site]:
        """The sites from one line of a module to another."""
        return [site for site in self.sites_of(module) if first <= site.line <= last]

    def _replace(self, path: str, calls: dict[int, Call]) -> None:
        self._enter()
        self._by_file[path] = calls

    def _forget(self, site: Site, journal: Journal) -> None:
        """The site stays: modules were imported on its behalf, and files were read."""
        files, site.files = site.files, ()
        journal.note(lambda: setattr(site, "files", files))
        for path in files:
            for call in self._by_file.get(path, {}).values():
                if site in call.sites:
                    call.sites.discard(site)
                    journal.note(partial(call.sites.add, site))

    def _put_back(
        self, module: str, sites: dict[int, Site], before: list[tuple[Site, int]]
    ) -> None:
        self._enter()
        self._sites[module] = sites
        for site, line in before:
            site.line = line
