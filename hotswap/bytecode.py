"""
What does a piece of code look up, import and bind when it runs?

Read off the bytecode, for one code object at a time: code is at hand for every module
without parsing, also for functions whose source is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from opcode import opmap
from types import CodeType

from hotswap.compare import definition_scopes
from hotswap.scan import GLOBAL_ONLY, Import, Scan, Scope, instructions

_STORE_ATTR = opmap["STORE_ATTR"]


class _Weak:
    """What may be referred to without being held."""

    __slots__ = ("__weakref__",)


@dataclass(frozen=True, slots=True)
class Reads(_Weak):
    """
    What one scope, with the scopes inside that run whenever it runs, looks up.

    Tuples of strings, since there is one for each module: the garbage collector does not track
    those, so they do not make the pass over the heap longer.
    """

    names: tuple[str, ...]
    """Every name that is looked up."""
    bare: tuple[str, ...]
    """Names whose object is used as such."""
    chains: tuple[tuple[str, ...], ...]
    """`a.b.c` for attributes that are taken from a name."""
    attributes: tuple[str, ...]
    """Attributes taken from anything else than a name or the first argument."""
    imports: tuple[Import, ...]
    given: tuple[Import, ...]
    """Of these, those that are bound to a variable of its own, which is used as such."""
    binds: tuple[str, ...]
    """Names bound at module level (from a function: those it declares global)."""
    rebinds: tuple[str, ...]
    """Names bound at module level more than once, or unbound."""
    calls: bool
    namespace: bool
    """Looks at the module's namespace as a whole: globals(), or there vars(), dir(), locals()."""


def _read_by_string(scan: Scan) -> None:
    """`getattr(module, "X")`, `sys.modules["a"].X`, `import_module("a").X`: names in strings."""
    both = scan.strings | scan.listed  # `("__doc__", "__name__")` is for nothing else
    scan.attributes |= {text for text in both if text[:2] == "__" == text[-2:]} - {"__main__"}
    imports = (
        "__import__" in scan.bare
        or "import_module" in scan.bare
        or any(chain[:2] == ("sys", "modules") for chain in scan.chains)
        or any(chain[-1] == "import_module" for chain in scan.chains)
    )
    if imports or not scan.bare.isdisjoint(("getattr", "hasattr")):
        words = {text for text in scan.strings if text.replace(".", "").isidentifier()}
        scan.attributes |= {text for text in words if "." not in text}
        if imports:
            scan.imports += [Import(0, text, None, "") for text in words]


def read(code: CodeType) -> Reads:
    """What `code` looks up when it runs; functions defined inside are not looked into."""
    scan = Scan()
    for scope in definition_scopes(code):
        Scope(scope, scan, module_level=scope is code and code.co_name == "<module>").read()
    _read_by_string(scan)
    return Reads(
        tuple(scan.bare | {chain[0] for chain in scan.chains}),
        tuple(scan.bare),
        tuple(scan.chains),
        tuple(scan.attributes),
        tuple(scan.imports),
        tuple(scan.given),
        tuple(scan.binds),
        tuple(scan.rebinds),
        scan.calls,
        scan.namespace or ("sys", "modules") in scan.chains,
    )


def global_binds(codes: Iterable[CodeType]) -> frozenset[str]:
    """Names that these codes bind by `global`."""
    found: set[str] = set()
    for code in codes:
        for op, arg in instructions(code):
            if op in GLOBAL_ONLY:
                found.add(code.co_names[arg])
    return frozenset(found)


def attributes_set(code: CodeType) -> frozenset[str]:
    """The attributes that a piece of code may set, of whatever it is given."""
    found: set[str] = set()
    if _STORE_ATTR in code.co_code[::2]:
        found |= {code.co_names[arg] for op, arg in instructions(code) if op == _STORE_ATTR}
    if not {"setattr", "__setattr__", "__dict__"}.isdisjoint(code.co_names):
        found |= {one for one in code.co_consts if type(one) is str}
    return frozenset(found)


def mentioned(code: CodeType) -> tuple[str, ...]:
    """Every global, attribute and module name that `code` mentions; a cheap first look."""
    found: set[str] = set()
    for scope in definition_scopes(code):
        found.update(scope.co_names)
    return tuple(found)


def absolute(level: int, target: str, package: str) -> str:
    """The absolute name of what `from ..target import` means inside `package`."""
    if not level:
        return target
    base = package.rsplit(".", level - 1)[0] if level > 1 else package
    return f"{base}.{target}" if target else base
