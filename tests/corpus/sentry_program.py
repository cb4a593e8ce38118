"""Makes items with the real `sentry_sdk`, all its default integrations on, and writes them down as JSON lines.

    python sentry_program.py SEED COUNT OUT DIRECTORY

Each line: `{"type", "payload", "headers"}`; the first: `{"planted": [...]}`. DIRECTORY holds the application's package
`acme_corpus` and gets the user's own files, in directories with odd names. What is planted is in names, paths, source,
literals, locals, arguments, the environment, messages, tags and all else that the SDK collects.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import logging
import os
import random
import string
import subprocess
import sys
import threading
import urllib.request
import warnings
from pathlib import Path

import sentry_sdk
from sentry_sdk import crons, metrics
from sentry_sdk.envelope import Envelope, Item, PayloadRef
from sentry_sdk.sessions import track_session
from sentry_sdk.transport import Transport

ODD = ("plain", "with space", "ünïcødé", "per%20cent", "C:\\Users\\Me", "dots..and", "quo'te", "--dashes", "日本")


class Planted:
    """Random strings of many shapes; each is remembered."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.all: list[str] = []

    def word(self) -> str:
        made = "zq" + "".join(self.random.choices(string.ascii_lowercase, k=8))
        self.all.append(made)
        return made

    def name(self) -> str:
        return f"{self.word()}_{self.random.randrange(100)}"

    def kind(self) -> str:
        return self.word().capitalize()

    def path(self) -> str:
        heads = ("/home/", "C:\\Users\\", "\\\\server\\", "/Users/", "./", "~/")
        return f"{self.random.choice(heads)}{self.word()}/{self.random.choice(ODD)}/{self.word()}.py"

    def secret(self) -> str:
        return f"sk-{self.word()}{''.join(self.random.choices(string.ascii_letters, k=20))}"

    def prose(self) -> str:
        return f"could not open {self.path()} for {self.word()}: {self.secret()}"

    def any(self) -> str:
        return self.random.choice((self.word, self.name, self.path, self.secret, self.prose))()


class Writing(Transport):
    """Writes every item down."""

    def __init__(self, out) -> None:
        super().__init__({"dsn": "http://key@127.0.0.1:9/1"})
        self._out = out
        self.count = 0

    def capture_envelope(self, envelope: Envelope) -> None:
        for item in envelope.items:
            payload = item.payload.json
            if payload is None:
                try:
                    payload = json.loads(item.get_bytes())
                except ValueError:
                    payload = {"bytes": item.get_bytes().decode("latin-1")}
            line = {"type": item.type, "payload": payload, "headers": [envelope.headers, item.headers]}
            self._out.write(json.dumps(line, default=str) + "\n")
            self.count += 1


def user_module(plant: Planted, directory: Path):
    """Import a module of the user's own, planted all over, from a directory with an odd name."""
    place = directory / f"{plant.random.choice(ODD).replace(chr(92), '_')} {plant.word()}"
    place.mkdir()
    name, function, kind, local = plant.name(), plant.name(), plant.kind(), plant.name()
    file = place / f"{name}.py"
    file.write_text(
        f"class {kind}(Exception):\n    pass\n\n\n"
        f"def {function}({local}={plant.prose()!r}):\n"
        f"    secret = {plant.secret()!r}  # {plant.word()}\n"
        f"    raise {kind}({plant.prose()!r} + secret, {plant.word()!r})\n",
        encoding="utf-8",
    )
    spec = importlib.util.spec_from_file_location(name, file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return getattr(module, function)


def run_time_code(plant: Planted):
    """Make a function of source that names itself after paths, modules of the library, or its own text."""
    name = plant.name()
    source = (
        f"def {name}(x={plant.secret()!r}):\n    raise type({plant.kind()!r}, (Exception,), {{}})({plant.prose()!r})\n"
    )
    filename = plant.random.choice((plant.path(), source, "<string>", json.__file__, os.__file__, f"<{plant.word()}>"))
    space = {"__name__": plant.random.choice((plant.name(), "json.decoder", "acme_corpus.tools", "os", "__main__"))}
    exec(compile(source, filename, "exec"), space)
    return space[name]


def failing(plant: Planted, directory: Path):
    """Choose something that fails, of the user's, of the application's, of the library's."""
    from acme_corpus import tools

    return plant.random.choice(
        (
            user_module(plant, directory),
            run_time_code(plant),
            lambda: tools.read(plant.path()),
            lambda: tools.parse(plant.prose()),
            lambda: tools.Tool().run(plant.word(), user_module(plant, directory)),
            lambda: tools.chained(plant.prose()),
            lambda: tools.grouped(plant.prose(), plant.word()),
            lambda: tools.deep(plant.random.randrange(3, 60), plant.prose()),
            lambda: subprocess.run([sys.executable, "-c", f"raise SystemExit('{plant.word()}')"], check=True, env={}),
            lambda: urllib.request.urlopen(f"http://127.0.0.1:9/{plant.word()}"),
            lambda: {}[plant.any()],  # type: ignore[index]
            lambda: int(plant.any()),
            lambda: plant.any().encode().decode("utf-16"),
            lambda: getattr(tools, plant.name()),
            lambda: compile(f"def {plant.name()}(:", plant.path(), "exec"),
            lambda: Path(plant.path()).read_text(),
        )
    )


def surroundings(plant: Planted, scope) -> None:
    """Put planted strings wherever a scope takes them."""
    scope.set_tag(plant.random.choice(("kind", plant.word())), plant.any())
    scope.set_user({"id": plant.any(), "email": f"{plant.word()}@x.example", "username": plant.word()})
    scope.set_extra(plant.word(), {plant.word(): [plant.any()]})
    scope.set_context(
        plant.random.choice(("os", "runtime", plant.word())), {"name": plant.any(), "version": plant.any()}
    )
    scope.add_breadcrumb(
        category=plant.random.choice(("http", plant.word())), message=plant.prose(), data={"url": plant.path()}
    )
    scope.set_transaction_name(plant.path())
    scope.fingerprint = [plant.any()] if plant.random.random() < 0.3 else None
    scope.add_attachment(bytes=plant.prose().encode(), filename=f"{plant.word()}.txt")


def capture(plant: Planted, directory: Path) -> None:
    """Make one event in one of the ways that there are."""
    call, log = failing(plant, directory), logging.getLogger(plant.random.choice(("acme_corpus", plant.word())))

    def fail() -> None:
        try:
            call()
        except Exception as error:
            error.add_note(plant.prose())
            if plant.random.random() < 0.5:
                sentry_sdk.capture_exception()
            else:
                log.exception("%s %s", plant.prose(), plant.any())

    async def failing_task() -> None:
        call()

    async def loop() -> None:
        await asyncio.gather(asyncio.create_task(failing_task(), name=plant.word()), return_exceptions=True)

    def thread() -> None:
        running = threading.Thread(target=call, name=plant.word())
        running.start()
        running.join()

    ways = (fail, fail, fail, fail, thread, lambda: asyncio.run(loop()))
    others = (
        lambda: log.error("%s %s", plant.prose(), plant.any(), extra={plant.word(): plant.any()}),
        lambda: sentry_sdk.capture_message(plant.prose(), level="fatal"),
    )
    plant.random.choice(ways + others)()


def everything_else(plant: Planted, transport: Writing) -> None:
    """Make an item of every other type."""
    with sentry_sdk.start_transaction(name=plant.path(), op=plant.word()) as transaction:
        transaction.set_data(plant.word(), plant.any())
        with sentry_sdk.start_span(op=plant.word(), name=plant.prose()) as span:
            span.set_data(plant.word(), plant.any())
    crons.capture_checkin(monitor_slug=plant.word(), status="error")
    metrics.count(plant.word(), 1, attributes={plant.word(): plant.any()})
    sentry_sdk.logger.error(plant.prose(), attributes={plant.word(): plant.any()})  # type: ignore[attr-defined]
    with track_session(sentry_sdk.get_isolation_scope(), session_mode=plant.random.choice(("application", "request"))):
        sentry_sdk.get_isolation_scope().set_user({"id": plant.any(), "ip_address": "10.1.2.3"})
    sentry_sdk.get_client().session_flusher.flush()  # type: ignore[attr-defined]
    envelope = Envelope(headers={"trace": {plant.word(): plant.any()}})
    for kind in ("feedback", "replay_event", "user_report", "profile_chunk", "statsd", plant.word()):
        envelope.add_item(Item(PayloadRef(json={"contexts": {"feedback": {"message": plant.prose()}}}), type=kind))
    discarded = [
        {"reason": plant.random.choice(("before_send", plant.word())), "category": "error", "quantity": 1},
        {"reason": "network_error", "category": plant.random.choice(("error", plant.word())), "quantity": plant.any()},
        {"reason": "sample_rate", "category": "transaction", "quantity": 7, plant.word(): plant.any()},
    ]
    report = {"timestamp": 1.8e9, "discarded_events": discarded, plant.word(): plant.any()}
    envelope.add_item(Item(PayloadRef(json=report), type="client_report"))
    transport.capture_envelope(envelope)


def main() -> None:
    """Make the items."""
    seed, count, out, directory = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], Path(sys.argv[4])
    plant = Planted(seed)
    sys.argv += [plant.any(), f"--{plant.word()}={plant.secret()}"]
    os.environ[plant.word().upper()] = plant.secret()
    sys.path.insert(0, str(directory))
    warnings.simplefilter("ignore")
    threading.excepthook = sys.unraisablehook = lambda args: None  # type: ignore[assignment]
    logging.disable(logging.NOTSET)
    logging.getLogger().addHandler(logging.NullHandler())
    with open(out, "w", encoding="utf-8") as file:
        transport = Writing(file)
        sentry_sdk.init(
            dsn="http://key@127.0.0.1:9/1",
            transport=transport,
            release=f"{plant.word()}@1.0",
            environment=plant.word(),
            server_name=plant.word(),
            traces_sample_rate=1.0,
            profiles_sample_rate=1.0,
            enable_logs=True,
            attach_stacktrace=True,
            max_request_body_size="always",
            add_full_stack=True,
        )
        while transport.count < count:
            with sentry_sdk.isolation_scope() as scope:
                surroundings(plant, scope)
                for _ in range(9):
                    capture(plant, directory)
                everything_else(plant, transport)
                sentry_sdk.flush(0)
        sentry_sdk.get_client().close(timeout=0)
        file.write(json.dumps({"planted": sorted(set(plant.all))}) + "\n")


if __name__ == "__main__":
    main()
