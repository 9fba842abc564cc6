"""Modules that import each other."""

from __future__ import annotations

import pytest

#   egg ⇄ hen        egg is imported first, hen while egg is half done
SOURCES = {
    "egg": "SIZE = 1\nimport hen\nSUM = SIZE + hen.WEIGHT\ndef total(): return SUM",
    "hen": "from egg import SIZE\nWEIGHT = SIZE * 10\ndef count():\n  import egg\n  return egg.SUM",
}


@pytest.fixture
def farm(project):
    for name, source in SOURCES.items():
        project.write(name, source)
    project.load("egg")
    return project


@pytest.mark.parametrize(
    "edit",
    [
        ("egg", "SIZE = 1", "SIZE = 2"),
        ("hen", "SIZE * 10", "SIZE * 20"),
        ("egg", "SIZE + hen.WEIGHT", "SIZE - hen.WEIGHT"),
        ("egg", "return SUM", "return -SUM"),
        ("hen", "return egg.SUM", "return egg.SIZE"),
        ("hen", "WEIGHT = ", "MORE = 1\nWEIGHT = MORE + "),
        ("egg", "SIZE = 1", "MORE = 1\nSIZE = MORE + 1"),
        ("hen", "import SIZE", "import SIZE as S, SIZE"),
    ],
)
def test_a_cycle_ends_as_a_fresh_start_would(farm, edit):
    """Each statement after what stands above it, in either module."""
    farm.edit(*edit)
    assert farm.reload().applied
    assert farm.picture(*SOURCES) == farm.fresh_here(*SOURCES)


@pytest.mark.parametrize(
    "edit",
    [
        ("hen", "from egg import SIZE", "from egg import SIZE, SUM"),
        ("hen", "from egg import SIZE", "from egg import SIZE, total"),
        ("egg", "SIZE = 1\nimport hen", "import hen\nSIZE = 1"),
    ],
)
def test_what_works_now_and_would_fail_in_a_fresh_start_is_rejected(farm, edit):
    """All names are there in this process; a new one would ask a half-done module for them."""
    before = farm.picture(*SOURCES)
    farm.edit(*edit)
    report = farm.reload()
    assert (report.outcome, farm.fresh_here(*SOURCES)) == ("rejected", "ImportError")
    assert report.location == (str(farm.path("hen")), 1)
    assert "(import cycle)" in report.reason
    assert farm.picture(*SOURCES) == before


def test_a_cycle_that_is_new(project):
    """It is like one that was there from the start."""
    project.write("low", "X = 1")
    project.write("top", "from low import X\nY = X + 1")
    project.load("top")
    project.write("low", "X = 2\ndef late():\n    import top\n    return top.Y")
    assert project.reload().outcome == "reloaded"
    assert project.load("low").late() == 3


def test_three_in_a_circle(project):
    """The way round is as long as it likes."""
    project.write("a", "X = 1\nimport b\nZ = b.Y")
    project.write("b", "import c\nY = c.W + 1")
    project.write("c", "import a\nW = a.X + 1")
    project.load("a")
    project.edit("a", "X = 1", "X = 10")
    assert project.reload().outcome == "reloaded"
    assert project.load("a").Z == 12
    assert project.picture("a", "b", "c") == project.fresh_here("a", "b", "c")


def test_what_an_import_above_brings_is_there_for_the_partner(project):
    """The names of a half-done module are those above the line, its imports' among them."""
    project.write("kit", "K = 1")
    project.write("a", "from kit import K\nimport b")
    project.write("b", "import a")
    project.load("a")
    project.write("a", "from kit import K\nX = 1\nimport b")
    project.write("b", "from a import X\nY = X + 1")
    assert project.reload().applied
    assert project.picture("a", "b", "kit") == project.fresh_here("a", "b", "kit")


def test_a_star_import_of_a_module_that_would_be_half_done_needs_a_restart(project):
    """A fresh start finds there what stands above the line, and no name of the partner."""
    project.write("a", "A = 1")
    project.write("b", "from a import *")
    project.load("a", "b")
    project.write("a", "A = 1\nimport b")
    report = project.reload()
    assert (report.outcome, "while that is half done" in report.reason) == ("restart", True)


def test_a_cycle_that_is_no_longer_one(project):
    """What had been half done is brought up to date before it is asked for what is new."""
    project.write("a", "A = 1\nimport b")
    project.write("b", "from a import A")
    project.load("a")
    project.write("a", "A = 1\nC = 2")
    project.write("b", "from a import A, C")
    assert project.reload().applied
    assert project.picture("a", "b") == project.fresh_here("a", "b")


def test_a_new_module_closes_a_circle_that_a_fresh_start_does_not_get_through(project):
    """In this process all names are there when it is imported."""
    project.write("low", "X = 1")
    project.write("top", "import low\nfrom low import X\nY = X")
    project.load("low", "top")
    before = project.picture("low", "top")
    project.save({"low": "import late\nX = 1", "late": "import top"})
    report = project.reload()
    assert (report.outcome, project.fresh("low", "top")) == ("rejected", "ImportError")
    assert "cannot import name 'X' from 'low' (import cycle)" in report.reason
    assert project.picture("low", "top") == before


@pytest.mark.parametrize(
    ("new", "outcome"),
    [
        ("Y = 1", "reloaded"),
        ("from . import old\nY = old.X", "reloaded"),
        ("from . import Z\nY = Z", "rejected"),
        ("import pkg\nY = pkg.part.__name__", "rejected"),
    ],
)
def test_a_new_part_is_asked_of_a_package_that_is_half_done(project, new, outcome):
    """As every part is that another part imports."""
    project.write("pkg/__init__", "from . import part\nZ = 1")
    project.write("pkg/old", "X = 1")
    project.write("pkg/part", "from . import old\nY = old.X")
    project.load("pkg")
    project.save({"pkg/part": "from . import new, old\nY = old.X + new.Y", "pkg/new": new})
    assert project.reload().outcome == outcome
    fresh = project.fresh("pkg", "pkg.part", "pkg.old")
    if outcome == "rejected":
        assert isinstance(fresh, str)
    else:
        assert project.picture("pkg", "pkg.part", "pkg.old") == fresh


PACKAGE = {
    "pkg/__init__": "import pkg.one\nimport pkg.two",
    "pkg/one": "A = 1",
    "pkg/two": "import pkg.one\nA = 2",
}


def test_an_import_that_is_written_otherwise_leads_to_where_it_did(project):
    """The package is half done while its parts are imported, whatever it takes from them."""
    for name, source in PACKAGE.items():
        project.write(name, source)
    project.load("pkg")
    project.save(
        {
            "pkg/__init__": "from pkg.one import B\nfrom .two import B as C",
            "pkg/one": "A = B = 1",
            "pkg/two": "from pkg.one import B as D\nB = 2",
        }
    )
    report = project.reload()
    assert report.outcome == "reloaded", report.reason
    assert project.picture("pkg", "pkg.one") == project.fresh_here("pkg", "pkg.one")


@pytest.mark.parametrize("part", ["one", "two"])
def test_what_a_part_takes_of_its_package_by_a_star_has_not_the_parts_to_come(project, part):
    """They are the package's attributes once they have been imported."""
    for name, source in PACKAGE.items():
        project.write(name, source + ("\nfrom pkg import *" if name == f"pkg/{part}" else ""))
    project.write("m", "import pkg")
    project.load("m")
    project.edit("pkg/__init__", "import pkg.one", "NAME = 1\nimport pkg.one")
    report = project.reload()
    assert report.outcome == "reloaded", report.reason
    names = ("m", "pkg", "pkg.one", "pkg.two")
    assert project.picture(*names) == project.fresh_here(*names)


@pytest.mark.parametrize(
    ("below", "edit"),
    [
        ("A = 2", ("m4", "X = 1", "X = 1\nfrom m0 import A")),
        ("A = 2", ("m4", "X = 1", "import m0\nX = m0.A")),
        ("from more import *", ("m4", "X = 1", "X = 1\nfrom m0 import A")),
        ("from more import *", ("m0", "A = 1", "A = 5")),
        ("A = 2", ("m0", "A = 1", "A = 5")),
        ("del A", ("m4", "X = 1", "X = 1\nfrom m0 import A")),
    ],
)
def test_what_was_asked_for_half_way_and_is_bound_again_below_needs_a_restart(project, below, edit):
    """Its value of then is no more."""
    project.write("more", "A = 2")
    project.write("m0", f"A = 1\nimport m3, m4\n{below}")
    project.write("m3", "from m0 import A as B" if "del" not in below else "")
    project.write("m4", "X = 1")
    project.load("m0")
    before = project.picture("m0", "m3", "m4")
    project.edit(*edit)
    report = project.reload()
    assert (report.outcome, "asked for half-way" in report.reason) == ("restart", True)
    assert project.picture("m0", "m3", "m4") == before


@pytest.mark.parametrize("part", ["import pkg.one", "from pkg import one"])
def test_a_part_that_is_imported_from_outside_is_no_attribute_meanwhile(project, part):
    """Nor are those that others import later."""
    project.write("pkg/__init__", "X = 1")
    project.write("pkg/one", "from pkg import *")
    project.write("pkg/two", "from pkg import *\nimport pkg.one")
    project.write("m", f"{part}\nfrom pkg import *\nimport pkg.two")
    project.load("m")
    project.edit("pkg/__init__", "X = 1", "X = 2\nY = 1")
    report = project.reload()
    assert report.outcome == "reloaded", report.reason
    names = ("m", "pkg", "pkg.one", "pkg.two")
    assert project.picture(*names) == project.fresh_here(*names)


def test_a_circle_that_a_block_leads_to_may_not_be_one(project):
    """Nothing tells whether a fresh start gets there: that is tried, and not refused."""
    project.write("a", "from c import X\nimport b")
    project.write("b", "from a import X")
    project.write("c", "X = 1")
    project.load("a")
    lazy = "import sys\nif not hasattr(sys, 'version'):\n    import b\nfrom c import X"
    project.write("a", f"{lazy}\nimport b")
    assert project.reload().outcome == "restart"
    assert isinstance(project.fresh("a", "b"), dict)


def test_who_imports_a_module_first_changes_with_what_it_is_asked_for(project):
    """What led to it before is not asked to go on while the new one is at it."""
    project.write("top", "import grammar")
    project.write("grammar", "from cache import save\nfrom files import X")
    project.write("cache", "def save(): pass")
    project.write("files", "X = 1")
    project.load("top")
    project.save(
        {
            "grammar": "from cache import try_to_save\nfrom files import X",
            "cache": "from files import X\ndef try_to_save(): return X",
            "files": "Y = 1\nX = Y",
        }
    )
    report = project.reload()
    assert report.outcome == "reloaded", report.reason
    names = ("top", "grammar", "cache", "files")
    assert project.picture(*names) == project.fresh_here(*names)


def test_a_submodule_stays_an_attribute_though_a_star_offers_another_of_that_name(project):
    """It is imported below the star-import."""
    project.write("pkg/__init__", "from pkg.fields import *\nfrom pkg.form import F")
    project.write("pkg/form", "F = 1")
    project.write("pkg/fields/__init__", "from pkg.fields.form import *\nN = 1")
    project.write("pkg/fields/form", "G = 1")
    project.load("pkg")
    project.edit("pkg/fields/__init__", "N = 1", "N = 2")
    assert project.reload().outcome == "reloaded"
    names = ("pkg", "pkg.form", "pkg.fields", "pkg.fields.form")
    assert project.picture(*names) == project.fresh_here(*names)


def test_a_package_that_leads_to_its_part_by_another_line_is_half_done_meanwhile(project):
    """What the part needs of it now does not have the package executed first."""
    project.write("pkg/version", "V = 1")
    source = "from .version import V\nX = 1\nif X:\n    from .unix import Dirs as Result\n"
    project.write("pkg/__init__", source)
    lines = (
        "from .runtime import problem as _problem\nfrom .runtime import a\nfrom .xdg import Mixin"
    )
    project.write("pkg/unix", f"{lines}\nDirs = 1")
    project.write("pkg/xdg", "from .runtime import problem\nMixin = 1")
    project.write("pkg/runtime", "problem = 1\na = 1")
    project.write("pkg/windows", "from .xdg import Mixin")
    project.load("pkg", "pkg.windows")
    project.save(
        {
            "pkg/version": "V = 2",
            "pkg/__init__": "from .version import V\nX = 1\nif not X:\n"
            "    from .windows import Mixin as Dirs\nelse:\n    from .unix import Dirs\n",
            "pkg/unix": "from .paths import make\nfrom .runtime import problem, base, a\n"
            "from .xdg import Mixin\nDirs = Mixin",
            "pkg/xdg": "from .runtime import problem, base\nMixin = base",
            "pkg/runtime": "Y = 1\nfrom .paths import make\nproblem = base = a = make",
            "pkg/paths": "make = 1",
        }
    )
    report = project.reload()
    assert report.outcome == "reloaded", report.reason
    names = ("pkg", "pkg.unix", "pkg.xdg", "pkg.runtime", "pkg.windows")
    assert project.picture(*names) == project.fresh_here(*names)


def test_what_is_asked_for_before_its_module_has_bound_it(project):
    """A new module at the head of it all leads to one file, and that to another: which is first?"""
    project.save({"app": "import low, high", "low": "X = 1\n", "high": "from low import X\n"})
    project.load("app")
    project.save(
        {
            "new": "P = 1\nimport high\n",
            "app": "import new, low, high",
            "low": "from new import P\nX = 1\nclass Y: pass\n",
            "high": "from new import P\nfrom low import X, Y\n",
        }
    )
    assert project.reload().outcome != "rejected"
