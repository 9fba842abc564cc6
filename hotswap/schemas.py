"""
How is another version of a protobuf file taken up in a process that has registered the file?

The pool registers a file once. If all that was in it stays as it was, what came is registered
beside it, as a file of its own; and what its services are now is told by a descriptor from a pool
of its own: nobody but reflection asks the pool of the process for services.
"""

from __future__ import annotations

import contextlib
import itertools
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from hotswap.protos import KINDS, PACKAGE, library, names, rest, types

if TYPE_CHECKING:
    from hotswap.journal import Journal
    from hotswap.source import Unit

_BUILDS = "BuildMessageAndEnumDescriptors", "BuildTopDescriptorsAndMessages"
LATEST: dict[str, Any] = {}
"""By name, the files that are by now what the pool does not say."""


@contextlib.contextmanager
def another_version(unit: Unit, journal: Journal) -> Iterator[None]:
    """While the block runs, a module that protoc made may give its file to the pool again."""
    if not _is_generated(unit):
        yield
        return
    pools, builder, _ = map(library, ("descriptor_pool", "internal.builder", "descriptor_pb2"))
    files = _Files(pools.Default(), journal)
    before = {name: getattr(builder, name) for name in _BUILDS}
    default, pools.Default = pools.Default, lambda: files
    for name, build in before.items():
        setattr(builder, name, _build_all(build, files))
    try:
        yield
    finally:
        pools.Default = default
        vars(builder).update(before)


def _is_generated(unit: Unit) -> bool:
    if f"{PACKAGE}.internal.builder" not in sys.modules:
        return False
    return all(f"_builder.{name}(".encode() in unit.data for name in _BUILDS)


class _Files:
    """Stands in for the pool of the process where files are registered."""

    def __init__(self, pool: Any, journal: Journal) -> None:
        self._pool, self._journal = pool, journal

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)

    def AddSerializedFile(self, serialized: bytes) -> Any:  # noqa: N802 - the pool's name
        """Register a file; of one that is registered already, what it has more."""
        try:
            file = self._pool.AddSerializedFile(serialized)
        except TypeError:
            file = self._twin(serialized)
            if file is None or not self._register(file):
                raise
            self._journal.set_item(LATEST, file.name, file)
        else:
            self._journal.del_item(LATEST, file.name)
        return file

    def registered(self, name: str) -> list[Any]:
        """A file, and what came to it later."""
        parts = itertools.chain([name], (f"{name}#{count}" for count in itertools.count(1)))
        found: list[Any] = []
        with contextlib.suppress(KeyError):
            found.extend(map(self._pool.FindFileByName, parts))
        return found

    def parts(self, file: Any) -> list[Any]:
        """The registered files that have what a version of a file has."""
        registered = self.registered(file.name)
        if registered and file is registered[0]:
            return [file]
        return [one for one in registered if names(one) & names(file)]

    def _twin(self, serialized: bytes) -> Any:
        """The file in a pool of its own."""
        pool, known = type(self._pool)(), set()

        def add(file: Any) -> None:
            if file.name not in known:
                known.add(file.name)
                for one in file.dependencies:
                    add(one)
                pool.AddSerializedFile(file.serialized_pb)

        proto = library("descriptor_pb2").FileDescriptorProto.FromString(serialized)
        try:
            for name in proto.dependency:
                add(self._pool.FindFileByName(name))
            return pool.AddSerializedFile(serialized)
        except (KeyError, TypeError):
            return None

    def _register(self, twin: Any) -> bool:
        """Register what came with this version; False if anything else is in it now."""
        files, new = self.registered(twin.name), _proto(twin)
        if not files or rest(_proto(files[0])) != rest(new) or names(files[0]) - names(twin):
            return False
        known = {one.name: one for file in files for one in types(_proto(file))}
        came = rest(new)
        for kind in KINDS:
            made = getattr(new, kind)
            if any(known.get(one.name, one) != one for one in made):
                return False
            getattr(came, kind).extend(one for one in made if one.name not in known)
        if any(0 < len(names(one) - names(twin)) < len(names(one)) for one in files):
            return False  # what came earlier has gone in part
        if came.message_type or came.enum_type:
            came.name = f"{twin.name}#{len(files)}"
            came.dependency.extend([*new.dependency, *(one.name for one in files)])
            came.ClearField("extension")
            self._pool.AddSerializedFile(came.SerializeToString())
        return True


class _Latest:
    """Stands in for the pool of the process where somebody asks for services."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)

    def FindFileByName(self, name: str) -> Any:  # noqa: N802 - the pool's name
        """The file as it is now."""
        return LATEST.get(name) or self._pool.FindFileByName(name)

    def FindFileContainingSymbol(self, symbol: str) -> Any:  # noqa: N802 - the pool's name
        """The file as it is now, if that is in it."""
        for file in LATEST.values():
            with contextlib.suppress(KeyError):
                if file.pool.FindFileContainingSymbol(symbol) is file:
                    return file
        file = self._pool.FindFileContainingSymbol(symbol)
        if file.name.partition("#")[0] in LATEST:
            raise KeyError(symbol)
        return file


def tell_latest(servicer: Any) -> None:
    """Have a servicer of reflection tell of files as they are now."""
    pools = sys.modules.get(f"{PACKAGE}.descriptor_pool")
    if pools is not None and getattr(servicer, "_pool", None) is pools.Default():
        servicer._pool = _Latest(servicer._pool)


def _proto(file: Any) -> Any:
    proto = library("descriptor_pb2").FileDescriptorProto()
    file.CopyToProto(proto)
    return proto


def _build_all(build: Any, files: _Files) -> Any:
    """What the generated code calls to bind what is in a file: with all parts of it."""

    def built(file: Any, *others: Any) -> None:
        *given, module = others
        now: dict[str, Any] = {}
        ever: dict[str, Any] = {}
        for one in files.registered(file.name):
            build(one, *given, ever)
        for one in files.parts(file):
            build(one, *given, now)
        if given:
            of_first = {f"_{name.upper()}" for name in files.parts(file)[0].services_by_name}
            now = {name: value for name, value in now.items() if name not in of_first}
            now |= {f"_{name.upper()}": one for name, one in file.services_by_name.items()}
        for name in ever.keys() - now.keys():
            module.pop(name, None)
        module.update({name: _kept(module.get(name), value) for name, value in now.items()})

    return built


def _kept(old: Any, new: Any) -> Any:
    """An enumeration is wrapped anew each time."""
    same = type(old) is type(new) and getattr(old, "DESCRIPTOR", None) is not None
    return old if same and old.DESCRIPTOR is getattr(new, "DESCRIPTOR", None) else new
