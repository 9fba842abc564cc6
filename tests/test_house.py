"""The file list reads like the way of an edit: each file imports only those before it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1] / "hotswap"

ORDER = """
    batch folders polling inotify observer watcher
    values identity garbage state policy journal source scan copied compare bytecode syntax newborn statements outlines alignment lineage functions closures running calls asked awaited recorder monitored profiled chains repl.typed finds loading specs finder audit tracking
    extras entries harmless effects threads containers piles members exits libraries fills made numbering placing settling rebound unasked recalled naming registries detect texts index offers lookups hearing files graph cycles catches behind seen history shadows sought disk kin steps sight lookers readers traces entered touches order importers left fresh sequence protos waiting marks contents wakes starts purges newcomers notyet overrides plan ahead survey
    dotted caches grounds below stars bodies arranging degrees enums remembered unions unseen told classes remaking hooked standins likeness holders taken succession rites moves gone returns leading partials rewrapping following births cradle unrepeatable hashes acted relics belongings books forgetting swap heirs makers stored instead settle namespaces reach schemas written given foreseen runs execute removal renewal prompt apply failures
    ownership gate proxies report round
    servers.registration servers.addresses servers.lifecycle servers.routing servers.hooks servers.grpc servers.grpc_aio servers
    reloader
    repl.names options tracebacks console repl.pending repl.lines repl.above repl.plain repl again channel listeners handover forks leave worker session loop signals terminal saves repl.places children processes wishes supervisor listen drop_in
    repl.magic repl.words repl.reins repl.loops repl.routes repl.commands repl.outbox repl.connection repl.attach_server runner preview
    repl.pictures repl.autoreload repl.ipython repl.start repl.asking repl.attach_client
    demo demo.scenes demo.actors demo.show
    manual arguments cli __main__ __init__
""".split()  # noqa: SIM905

LIBRARIES = {
    "grpc": {"servers.routing", "demo.actors", "cli"},
    "IPython": {"repl.ipython"},
    "prompt_toolkit": {"repl.above", "repl.asking"},
    "rich": {"console", "demo.show"},
    "watchdog": {"inotify", "observer"},
}
"""Where they may be imported; gRPC itself tells the files of `servers` that it is there."""


def name_of(path):
    name = ".".join(path.relative_to(HOUSE).with_suffix("").parts)
    return name.removesuffix(".__init__") if "." in name else name


FILES = {name_of(path): path for path in HOUSE.rglob("*.py") if "project" not in path.parts}


def imports(path):
    """All modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner.removeprefix("hotswap.") in FILES else node.module


def test_each_file_has_its_place():
    """A new one has to be put where it belongs."""
    assert sorted(ORDER) == sorted(FILES)


@pytest.mark.parametrize("name", ORDER)
def test_a_file_imports_only_those_before_it(name):
    """So the stages of an edit depend on each other in one direction."""
    known = {imported.removeprefix("hotswap.") for imported in imports(FILES[name])}
    assert known & set(ORDER[ORDER.index(name) :]) == set()


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_is_imported_where_it_is_needed(library):
    """And nowhere else."""
    users = {
        name
        for name, path in FILES.items()
        if any(imported.split(".")[0] == library for imported in imports(path))
    }
    assert users <= LIBRARIES[library]
