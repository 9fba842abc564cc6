"""Who imports whom, and who reads which name of whom while it is imported."""

from __future__ import annotations

import pytest

from hotswap.lookups import Key

#     server      cli
#     /    \     /
# greeter   ledger        upper imports lower
#     \    /
#     clock
MODULES = {
    "clock": "ZONE = 'UTC'\nclass Clock: pass\ndef now(): return ZONE",
    "greeter": "from clock import now\ndef greet(): return now()",
    "ledger": "import clock\nSTART = clock.now()\nclass Entry(clock.Clock): pass",
    "server": "import greeter as g\nfrom ledger import *\nserve = g.greet",
    "cli": "from ledger import START as begin\ndef main():\n    import server",
}


@pytest.fixture
def graph(project):
    for name, source in MODULES.items():
        project.write(name, source)
    project.load("server", "cli")
    return project.reloader.graph


@pytest.mark.parametrize(
    ("module", "importers"),
    [
        ("clock", "greeter ledger"),
        ("greeter", "server"),
        ("ledger", "server cli"),
        ("server", ""),
        ("elsewhere", ""),
    ],
)
def test_importers_are_told_in_topological_order(graph, module, importers):
    """Those that import it when they are imported; an import in a function does not count."""
    assert [unit.name for unit in graph.importers(module)] == importers.split()


@pytest.mark.parametrize(
    ("modules", "dependents"),
    [
        ("clock", "greeter ledger server cli"),
        ("greeter", "server"),
        ("ledger", "server cli"),
        ("greeter ledger", "server cli"),
        ("clock ledger", "greeter server cli"),
        ("cli", ""),
    ],
)
def test_dependents_are_all_above(graph, modules, dependents):
    """Directly or by way of others, without those asked for."""
    assert graph.dependents(set(modules.split())) == set(dependents.split())


@pytest.mark.parametrize(
    ("module", "key", "reads"),
    [
        ("clock", "clock.ZONE", False),
        ("clock", "clock.Clock", False),
        ("greeter", "clock.now", True),
        ("greeter", "clock.ZONE", False),
        ("ledger", "clock.now", True),
        ("ledger", "clock.Clock", True),
        ("ledger", "clock.ZONE", False),
        ("server", "ledger.START", True),
        ("server", "greeter.greet", True),
        ("server", "greeter.other", False),
        ("server", "clock.now", False),
        ("cli", "ledger.START", True),
        ("cli", "ledger.Entry", False),
        ("cli", "server.serve", False),
    ],
)
def test_who_reads_a_name_at_import(graph, module, key, reads):
    """By a from-import, an attribute of the module, or a star; bodies of functions do not count."""
    unit = graph.units[module]
    assert graph.reads_key(unit, graph.reads(unit), Key(*key.split("."))) is reads


@pytest.fixture
def package(project):
    project.write("pkg/__init__", "from . import low\nfrom .low import X as Y\nNAMES = [Y]")
    project.write("pkg/low", "X = 1")
    project.write(
        "pkg/sub/__init__", "from ..low import X\nfrom .. import low as other\nZ = other.X"
    )
    project.write("user", "import pkg.sub\nV = pkg.low.X\nW = pkg.sub.X")
    project.write("dynamic", "import importlib\nm = importlib.import_module('pkg.low')\nV = m.X")
    project.load("user", "dynamic")
    return project.reloader.graph


@pytest.mark.parametrize(
    ("module", "modules"),
    [
        ("pkg.low", ""),
        ("pkg", "pkg.low"),
        ("pkg.sub", "pkg pkg.low"),
        ("user", "pkg pkg.sub"),
        ("dynamic", "pkg.low"),
    ],
)
def test_what_a_module_imports(package, module, modules):
    """Relative names, parents of packages, submodules taken by `from`, imports by string."""
    found = package.dependencies(package.units[module]) & package.units.keys()
    assert found >= set(modules.split())
    assert found <= {*modules.split(), "pkg"}


@pytest.mark.parametrize(
    ("module", "key", "reads"),
    [
        ("pkg", ("pkg.low", "X"), True),
        ("pkg.sub", ("pkg.low", "X"), True),
        ("pkg.sub", ("pkg", "low"), True),
        ("pkg.sub", ("pkg", "NAMES"), False),
        ("user", ("pkg.low", "X"), True),
        ("user", ("pkg.sub", "X"), True),
        ("user", ("pkg.sub", "Z"), False),
        ("user", ("pkg", "Y"), False),
        ("dynamic", ("pkg.low", "X"), True),
        ("dynamic", ("pkg.low", "Y"), False),
    ],
)
def test_who_reads_a_name_of_a_package(package, module, key, reads):
    """Through chains of attributes, and by a module that was imported by a string."""
    unit = package.units[module]
    assert package.reads_key(unit, package.reads(unit), Key(*key)) is reads


def test_a_star_offers_the_public_names(graph):
    """What a star-import binds is known from the module that offers it."""
    server = graph.units["server"]
    assert {"START", "Entry", "clock"} <= set(graph.offered(server, graph.reads(server)))


def test_a_module_that_is_edited_is_read_anew(project, graph):
    """What was read of a module is remembered with its code, and forgotten with it."""
    project.edit("greeter", "from clock import now", "import cli\nfrom clock import now")
    project.reload()
    assert [unit.name for unit in graph.importers("cli")] == ["greeter"]
