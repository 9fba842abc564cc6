"""
What of a protobuf file may not be another in a process that has registered the file?

Each message and each enumeration that was there; services may change, and more may come.
"""

from __future__ import annotations

import ast
import importlib
import sys
from typing import TYPE_CHECKING, Any

from hotswap.effects import NeedsRestart

if TYPE_CHECKING:
    from hotswap.statements import Statement

PACKAGE = "google.protobuf"
KINDS = "message_type", "enum_type"
REGISTERS = "AddSerializedFile"


def library(name: str) -> Any:
    """A module of protobuf's."""
    return importlib.import_module(f"{PACKAGE}.{name}")


def refuse_changed(old: Statement, new: Statement) -> None:
    """
    Compare what two versions of a line that protoc made register.

    Raises:
        NeedsRestart: What was registered would have to be another.
    """
    if REGISTERS not in new.text or REGISTERS not in old.text:
        return
    before, after = _serialized(old), _serialized(new)
    if before and after and (why := _obstacle(before, after)):
        reason = f"{why}, and protobuf takes it only once in a process"
        raise NeedsRestart(reason, (new.path, new.first))


def _serialized(statement: Statement) -> bytes:
    calls = [
        node
        for one in statement.nodes
        for node in ast.walk(one)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == REGISTERS
    ]
    values = [getattr(one, "value", None) for call in calls for one in call.args]
    return next((value for value in values if type(value) is bytes), b"")


def _obstacle(before: bytes, after: bytes) -> str:
    try:
        parse = library("descriptor_pb2").FileDescriptorProto.FromString
        old, new = parse(before), parse(after)
    except Exception:  # noqa: BLE001 - protobuf is not there, or the text is not its own
        return ""
    if rest(old) != rest(new):
        return f"{old.name} has other options, extensions or names"
    now = {one.name: one for one in types(new)}
    for one in types(old):
        if one.name in now and now[one.name] != one:
            return f"{one.name} of {old.name} changed"
        if one.name not in now and _is_registered(old.name, one.name):
            return f"{one.name} of {old.name} is gone"
    return ""


def _is_registered(file: str, name: str) -> bool:
    """With its file; what came to that later may go."""
    pools = sys.modules.get(f"{PACKAGE}.descriptor_pool")
    try:
        return pools is None or name in names(pools.Default().FindFileByName(file))
    except KeyError:
        return True


def rest(proto: Any) -> Any:
    """Without its types and services, and without what it imports: names of that are whole."""
    found = type(proto)()
    found.CopyFrom(proto)
    for name in (*KINDS, "service", "dependency"):
        found.ClearField(name)
    return found


def types(proto: Any) -> list[Any]:
    """Its messages and enumerations."""
    return [one for kind in KINDS for one in getattr(proto, kind)]


def names(file: Any) -> set[str]:
    """What a registered file has of these."""
    return {*file.message_types_by_name, *file.enum_types_by_name}
