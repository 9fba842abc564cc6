"""
Which functions ran on behalf of which line of which module, while own modules executed?

A function that ran at import is not merely swapped: what its call made has to be made again.
"""

from __future__ import annotations

import dis
from dataclasses import dataclass
from functools import partial
from types import CodeType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hotswap.functions import Lineage
    from hotswap.journal import Journal


_IMPORT_NAME = dis.opmap["IMPORT_NAME"]


@dataclass(eq=False, slots=True)
class Site:
    """A line of a module's top level; `line` follows it through edits, 0 once it is gone."""

    module: str
    line: int
    files: tuple[str, ...] = ()
    """The files with functions that ran on its behalf."""


@dataclass(eq=False, slots=True)
class Call:
    """A function's code, and the sites on whose behalf it ran."""

    code: CodeType
    sites: set[Site]


class Calls:
    """All calls that were seen, by the file that the called function is in."""

    def __init__(self) -> None:
        self._by_file: dict[str, dict[int, Call]] = {}
        self._sites: dict[str, dict[int, Site]] = {}
        self._importing: dict[str, tuple[CodeType, ...]] = {}
        self._took_codes = False
        self._fresh: list[CodeType] = []
        self.version = 0
        """Grows with each function that is seen for the first time."""

    @property
    def importing(self) -> dict[str, tuple[CodeType, ...]]:
        """By file, the functions that ran and import something themselves."""
        self._classify()
        return self._importing

    @property
    def took_codes(self) -> bool:
        """Whether some function that ran looked at `__code__` of what it was given."""
        self._classify()
        return self._took_codes

    def _classify(self) -> None:
        """Not when a function is seen first: that is on the way of every import."""
        fresh, self._fresh = self._fresh, []
        for code in fresh:
            if _IMPORT_NAME in code.co_code[::2]:
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
            self.version += 1
        else:
            call.sites.add(site)

    def holds(self, code: CodeType) -> int:
        """How many references to a function's code are kept here."""
        known = id(code) in self._by_file.get(code.co_filename, {})
        return known + sum(one is code for one in self._fresh)

    def of(self, code: CodeType) -> set[Site]:
        """The living sites on whose behalf this code ran."""
        call = self._by_file.get(code.co_filename, {}).get(id(code))
        return {site for site in call.sites if site.line} if call else set()

    def count(self, path: str) -> int:
        """How many functions of a file ran."""
        return len(self._by_file.get(path, ()))

    def in_file(self, path: str) -> Iterable[Call]:
        """Every code of a file that ran."""
        return list(self._by_file.get(path, {}).values())

    def renew(self, lineage: Lineage, path: str, journal: Journal) -> None:
        """Bring the calls of a file to the latest generation of its code."""
        calls = self._by_file.get(path)
        if not calls:
            return
        journal.note(lambda: self._by_file.__setitem__(path, calls))
        fresh: dict[int, Call] = {}
        for call in calls.values():
            code = lineage.latest(call.code)
            known = fresh.setdefault(id(code), Call(code, set()))
            known.sites |= call.sites
        self._by_file[path] = fresh

    def move(self, module: str, lines: dict[int, int], journal: Journal) -> None:
        """A module's lines moved: `lines` maps old to new; a line that is missing is gone."""
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
        return list(self._sites.get(module, {}).values())

    def forget(self, module: str, first: int, last: int, journal: Journal) -> None:
        """What ran on behalf of these lines is about to be seen anew."""
        sites = self._sites.get(module, {})
        for line in [line for line in sites if first <= line <= last]:
            site = sites.pop(line)
            journal.note(partial(self._revive, sites, site, line))
            site.line = 0

    def _revive(self, sites: dict[int, Site], site: Site, line: int) -> None:
        site.line = line
        sites[line] = site

    def _put_back(
        self, module: str, sites: dict[int, Site], before: list[tuple[Site, int]]
    ) -> None:
        self._sites[module] = sites
        for site, line in before:
            site.line = line
