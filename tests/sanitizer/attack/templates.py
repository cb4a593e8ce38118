"""Fifty ways to bring a string into an event of Sentry's SDK or into an exception, from the contract alone."""

from __future__ import annotations

import errno
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Template = Callable[[str], Any]

JSON = {"module": "json", "function": "loads", "abs_path": json.__file__, "lineno": 346}


def event(**fields: Any) -> dict[str, Any]:
    return {"event_id": "ab" * 16, "timestamp": 1_790_000_000.0, **fields}


def value(**fields: Any) -> dict[str, Any]:
    return event(exception={"values": [{"type": "ValueError", "stacktrace": {"frames": [JSON]}, **fields}]})


def frame(**fields: Any) -> dict[str, Any]:
    return value(stacktrace={"frames": [{**JSON, **fields}]})


ITEMS: dict[str, Template] = {
    "level": lambda s: value() | {"level": s},
    "event id": lambda s: value() | {"event_id": s[:32].ljust(32, "a")},
    "time": lambda s: value() | {"timestamp": s},
    "platform": lambda s: value() | {"platform": s},
    "logger": lambda s: value() | {"logger": s},
    "message": lambda s: value() | {"message": s, "logentry": {"message": s, "params": [s]}},
    "release": lambda s: value() | {"release": s, "dist": s, "environment": s},
    "unknown key": lambda s: value() | {s: s},
    "tags": lambda s: value() | {"tags": {s: s, "mode": s}},
    "tag pairs": lambda s: value() | {"tags": [[s, s], ["mode", s], [["mode"], s]]},
    "fingerprint": lambda s: value() | {"fingerprint": [s, "{{ default }}"]},
    "user": lambda s: value() | {"user": {"id": s, "email": s, "ip_address": s, "username": s, "data": {s: s}}},
    "request": lambda s: value() | {"request": {"url": s, "headers": {s: s}, "data": s, "cookies": s}},
    "sdk": lambda s: value() | {"sdk": {"name": s, "packages": [{"name": s}], "integrations": [s]}},
    "context": lambda s: value() | {"contexts": {s: {s: s}, "os": {"name": s, "version": s, "build": s}}},
    "runtime": lambda s: (
        value() | {"contexts": {"runtime": {"name": s, "version": s, "build": s}, "device": {"arch": s}}}
    ),
    "trace": lambda s: (
        value() | {"contexts": {"trace": {"trace_id": "ab" * 16, "span_id": "cd" * 8, "op": s, "data": s}}}
    ),
    "trace ids": lambda s: value() | {"contexts": {"trace": {"trace_id": s, "span_id": s, "parent_span_id": s}}},
    "breadcrumb": lambda s: value() | {"breadcrumbs": {"values": [{"category": "http", "message": s, "data": {s: s}}]}},
    "breadcrumb category": lambda s: (
        value() | {"breadcrumbs": [{"category": s, "level": s, "type": s, "timestamp": s}]}
    ),
    "thread": lambda s: value() | {"threads": {"values": [{"id": s, "name": s, "state": s, "current": s}]}},
    "thread frame": lambda s: event(threads=[{"stacktrace": {"frames": [{**JSON, "function": s, "vars": {s: s}}]}}]),
    "debug meta": lambda s: value() | {"debug_meta": {"images": [{"code_file": s, "debug_file": s}]}},
    "modules": lambda s: value() | {"modules": {s: s}, "server_name": s, "transaction": s, "extra": {s: s}},
    "type": lambda s: value(type=s),
    "type of a module": lambda s: value(type=s, module="json.decoder"),
    "module": lambda s: value(module=s),
    "submodule": lambda s: value(module=f"json.{s}", type="JSONDecodeError"),
    "value": lambda s: value(value=s),
    "value with notes": lambda s: value(value=f"x\n{s}"),
    "mechanism": lambda s: value(mechanism={"type": s, "source": s, "description": s, "help_link": s, "data": {s: s}}),
    "mechanism source": lambda s: value(mechanism={"type": "chained", "source": f"exceptions[{s}]", "exception_id": s}),
    "errno": lambda s: value(mechanism={"type": "generic", "meta": {"errno": {"number": 2, "name": s}, "signal": s}}),
    "errno number": lambda s: value(mechanism={"type": "generic", "meta": {"errno": {"number": s}}}),
    "function": lambda s: frame(function=s),
    "qualified function": lambda s: frame(function=f"loads.<locals>.{s}"),
    "frame module": lambda s: frame(module=s),
    "frame package": lambda s: frame(module=f"json.{s}", abs_path=f"/usr/lib/python3.11/json/{s}.py"),
    "frame path": lambda s: frame(abs_path=f"/home/{s}/json/__init__.py", filename=s),
    "line": lambda s: frame(lineno=s, colno=s),
    "source": lambda s: frame(context_line=s, pre_context=[s], post_context=[s], vars={s: s}, package=s),
    "in app": lambda s: frame(in_app=s, instruction_addr=s, symbol=s, platform=s),
    "raw frames": lambda s: value(
        stacktrace=None, raw_stacktrace={"frames": [{**JSON, "function": s}], "registers": {s: s}}
    ),
    "session": lambda s: {
        "sid": s,
        "status": s,
        "started": s,
        "timestamp": s,
        "attrs": {"release": s, "user_agent": s},
    },
    "report": lambda s: {
        "timestamp": 1_790_000_000.0,
        "discarded_events": [{"reason": s, "category": s, "quantity": 1}],
    },
}


def raising(kind: type[BaseException], *arguments: object) -> BaseException:
    try:
        raise kind(*arguments)
    except BaseException as error:
        return error


def with_note(s: str) -> BaseException:
    error = raising(ValueError, "x")
    error.add_note(s)
    return error


def chained(s: str) -> BaseException:
    try:
        try:
            raise KeyError(s)
        except KeyError as error:
            raise RuntimeError(s) from error
    except RuntimeError as error:
        return error


def executed(s: str) -> BaseException:
    name = "".join(c for c in s if c.isalnum()) or "x"
    space: dict[str, Any] = {"__name__": "json.decoder"}
    source = f"class A{name}(ValueError):\n    pass\ndef f{name}():\n    raise A{name}({s!r})\n"
    exec(compile(source, f"/tmp/{name}.py", "exec"), space)
    try:
        space[f"f{name}"]()
    except ValueError as error:
        return error
    raise AssertionError


def made(s: str, module: str) -> type[ValueError]:
    name = s.replace("\0", "")
    return type(name, (ValueError,), {"__module__": module, "__qualname__": f"{name}.x", "__str__": lambda _: s})


EXCEPTIONS: dict[str, Callable[[str], BaseException]] = {
    "argument": lambda s: raising(ValueError, s),
    "file": lambda s: raising(FileNotFoundError, errno.ENOENT, s, f"/home/{s}", None, s),
    "note": with_note,
    "chain": chained,
    "group": lambda s: BaseExceptionGroup(s, [raising(ValueError, s), ExceptionGroup(s, [KeyError(s)])]),
    "made type": lambda s: raising(made(s, s), s),
    "lying type": lambda s: raising(made(s, "json.decoder"), s),
    "executed": executed,
    "codec": lambda s: raising(UnicodeDecodeError, s, s.encode(), 0, 1, s),
    "syntax": lambda s: raising(SyntaxError, s, (f"{s}.py", 1, 1, s)),
    "json": lambda s: raising(json.JSONDecodeError, s, s, 0),
    "import": lambda s: raising(ImportError, s),
    "exit": lambda s: raising(SystemExit, s),
}
