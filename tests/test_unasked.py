"""What functions remember for a line that does not ask for it any more."""

from __future__ import annotations

import pytest

GET = "known = {}\ndef get(name):\n    if name not in known: known[name] = len(name)\n    return known[name]\n"
LIST = "known = []\ndef get(name):\n    if name not in known: known.append(name)\n    return name\n"
HELD = (
    "class Known:\n    def __init__(self): self.names = {}\n"
    "    def get(self, name):\n        if name not in self.names: self.names[name] = 1\n"
    "        return self.names[name]\n"
    "get = Known().get\nknown = get.__self__\n"
)
MADE = {"by key": GET, "in a list": LIST, "of an object": HELD}
USE = "import reg\nX = [reg.get(name) for name in ({})]\n"


@pytest.mark.parametrize("reg", MADE.values(), ids=MADE)
def test_an_entry_that_is_no_longer_asked_for(project, reg):
    """The program may have asked for it as well."""
    project.write("reg", reg)
    project.write("use", USE.format("'one', 'two'"))
    project.load("use")
    project.write("use", USE.format("'one',"))
    report = project.reload()
    assert (report.outcome, report.location) == ("restart", (str(project.path("use")), 2))
    assert "would keep 'two', which is no longer asked for" in report.reason


READS = "known = {'one': 1, 'two': 2}\ndef get(name): return known[name]\n"
STAYS = {
    "nothing is filled": (READS, "'one',"),
    "another text more": (GET, "'one', 'two', 'one'"),
    "in another order": (GET, "'two', 'one', 'two'"),
}


@pytest.mark.parametrize(("reg", "names"), STAYS.values(), ids=STAYS)
def test_what_is_asked_for_stays(project, reg, names):
    """And what nobody has entered on request."""
    project.write("reg", reg)
    project.write("use", USE.format("'one', 'two'"))
    known = project.load("use").reg.known
    project.write("use", USE.format(names))
    assert project.reload().outcome == "reloaded"
    assert list(known) == ["one", "two"]


NAMES = {
    "of its own": ("NAMES = ({})\n", "NAMES"),
    "of another module": ("from conf import NAMES\n", "NAMES"),
    "by way of a module": ("import conf\n", "conf.NAMES"),
    "in a function": ("import conf\ndef names(): return conf.NAMES\n", "names()"),
}
FILLS = {
    "by key": "known = {'base': 0}\ndef get(name): known[name] = 1\n",
    "in a list": "known = ['base']\ndef get(name): known.append(name)\n",
}


@pytest.mark.parametrize(("above", "names"), NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("fills", FILLS.values(), ids=FILLS)
@pytest.mark.parametrize("after", ["'two', 'one'", "'one',"])
def test_names_that_a_loop_goes_through_have_changed(project, fills, above, names, after):
    """What it had entered is there, and where it was."""
    reason = "the order of what is in" if "two" in after else "would keep 'two'"
    project.write("reg", fills)
    project.write("conf", "NAMES = 'one', 'two'\n")
    text = f"import reg\n{above}for name in {names}: reg.get(name)\n"
    project.write("use", text.format("'one', 'two'"))
    project.load("use")
    project.write("conf", f"NAMES = {after}\n")
    project.write("use", text.format(after))
    report = project.reload()
    assert (report.outcome, reason in report.reason) == ("restart", True), report


@pytest.mark.parametrize("fills", FILLS.values(), ids=FILLS)
def test_a_name_more_that_a_loop_goes_through(project, fills):
    """It comes behind those that were there."""
    project.write("reg", fills)
    text = "import reg\nNAMES = ({})\nfor name in NAMES: reg.get(name)\n"
    project.write("use", text.format("'one', 'two'"))
    known = project.load("use").reg.known
    project.write("use", text.format("'one', 'two', 'two'"))
    assert project.reload().outcome == "reloaded"
    assert list(dict.fromkeys(known)) == ["base", "one", "two"]
