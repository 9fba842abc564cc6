"""Packages, cycles, registries, files that come and go: the process equals one that starts now."""

from __future__ import annotations

import sys

import pytest
from hypothesis import HealthCheck, Phase, assume, event, given, note, settings
from hypothesis import strategies as st

from .edits import edited, kit_edits, programs, saved
from .programs import KIT, KIT_EDITS, texts

# Whether a fresh start succeeds → what a reload may come to.
POSSIBLE = {
    True: {"unchanged", "swapped", "reloaded", "restart"},
    False: {"rejected", "restart"},
}


class Files:
    """The files of a project, as they are saved one after the other or at once."""

    def __init__(self, project, program):
        self._project = project
        self._saved = {}
        self._kit = ""
        self.save(self.wanted(program))

    def wanted(self, program, kit=None):
        """What differs from what is there: module → text, or None."""
        self._kit = self._kit if kit is None else kit
        text = KIT if not self._kit else KIT.replace(*KIT_EDITS[self._kit])
        new = texts(program, text)
        changed = {name: new[name] for name in new if self._saved.get(name) != new[name]}
        return {**dict.fromkeys(self._saved.keys() - new.keys()), **changed}

    def save(self, batch):
        """Write these files, and tell of them if the test fails."""
        for name, text in sorted(batch.items()):
            if text is None:
                self._project.delete(name)
                del self._saved[name]
            else:
                self._project.write(name, text)
                self._saved[name] = text
            note(f"[{name}]\n{'is gone' if text is None else text}")


def imported(project):
    """The project's modules that are imported."""
    folder = str(project.folder)
    modules = list(sys.modules.items())
    return [name for name, one in modules if str(getattr(one, "__file__", "")).startswith(folder)]


def anew(project):
    """What the modules hold if they are imported now; None if that fails."""
    with project.anew():
        try:
            project.load("app")
            return project.picture(*imported(project))
        except Exception as error:  # noqa: BLE001 - whatever a module raises
            note(f"fresh: {error!r}")
            return None


@pytest.mark.timeout(600)  # many programs, on a machine that may be busy
@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
    ],
)
@given(program=programs, data=st.data())
def test_a_reload_equals_a_fresh_start(projects, program, data):
    """
    After each batch all modules are as if they were imported now, or, if that fails, as before.
    """
    with projects() as project:
        files = Files(project, program)
        assume(anew(project) is not None)
        project.load("app")
        for _ in range(data.draw(st.integers(1, 5))):
            there = imported(project)
            before = project.picture(*there)
            program = data.draw(edited(program))
            files.save(data.draw(saved(files.wanted(program, data.draw(kit_edits)))))
            report = project.reload()
            note(f"{report.outcome} {report.reason} {report.location}\n{report.notes}\n")
            event(report.outcome)
            fresh = anew(project)
            assert report.outcome in POSSIBLE[fresh is not None]
            if report.applied:  # what nobody imports any more may be left
                assert project.picture(*fresh) == fresh
            else:
                assert project.picture(*there) == before
