"""Iterables without an end, or that hang, and objects that are read slowly: the draft is made of what came in time."""

from __future__ import annotations

import dataclasses
import itertools
import json
import threading
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from telemetry_sdk._internal.budget import Budget
from telemetry_sdk.bug_report import draft, message_reader
from telemetry_sdk.bug_report.blobs import MOST_KEPT, Blobs
from telemetry_sdk.bug_report.drafting import draft_in_thread
from telemetry_sdk.exceptions import DraftError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from telemetry_sdk.bug_report import BugReportDraft, ReportContext

LATE = "transcripts whose end was left out because reading it took too long: 1"
MANY = "transcripts whose end was left out because it has too many messages: 1"


class SteppingClock:
    """A clock on which one step passes whenever it is read."""

    def __init__(self, step: float) -> None:
        self._step = step
        self.now = 0.0

    def __call__(self) -> float:
        self.now += self._step
        return self.now


@pytest.fixture
def untimed(context: ReportContext) -> ReportContext:
    """A context whose clock stands still."""
    return dataclasses.replace(context, monotonic=lambda: 0.0)


def messages_of(made: BugReportDraft, part: str = "conversation") -> list[Any]:
    return json.loads(made.content)[part]["messages"]


def message(number: int) -> dict[str, Any]:
    return {"role": "user", "content": f"message {number}"}


def test_an_endless_iterable_ends_with_its_messages(untimed: ReportContext, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(message_reader, "MOST_MESSAGES", 1000)
    made = draft("It froze", context=untimed, transcript=map(message, itertools.count()))
    assert messages_of(made) == [message(number) for number in range(1000)]
    assert made.notes == (MANY,)


def test_of_an_iterable_a_bounded_number_of_the_newest_messages_is_cleaned(
    untimed: ReportContext, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(message_reader, "MOST_KEPT", 10)
    made = draft("It froze", context=untimed, transcript=map(message, range(25)))
    assert messages_of(made) == [message(number) for number in range(15, 25)]
    assert json.loads(made.content)["conversation"]["first"] == 15
    note = "the 15 oldest messages were left out: of an iterable at most 10 are kept"
    assert json.loads(made.content)["conversation"]["notes"] == [note]
    assert len(messages_of(draft("It froze", context=untimed, transcript=list(map(message, range(25)))))) == 25


def test_an_endless_iterable_ends_also_where_no_message_is_included(
    untimed: ReportContext, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(message_reader, "MOST_MESSAGES", 1000)
    made = draft("It froze", context=untimed, transcript=map(message, itertools.count()), cut_before=10_000)
    assert messages_of(made) == []
    assert made.notes == ("numbers of messages to leave out or to cut at that name no message: 1", MANY)


def test_an_endless_iterable_ends_with_its_bytes(untimed: ReportContext, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(message_reader, "MOST_READ", 10_000)
    made = draft("It froze", context=untimed, transcript=itertools.repeat("x" * 997))
    assert len(messages_of(made)) == 10
    assert made.notes == ("transcripts whose end was left out because it is too large: 1",)


def test_a_list_is_read_to_its_end(untimed: ReportContext, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(message_reader, "MOST_MESSAGES", 10)
    made = draft("It froze", context=untimed, transcript=list(map(message, range(100))))
    assert len(messages_of(made)) == 100
    assert made.notes == ()


def test_an_endless_iterable_ends_with_its_time(context: ReportContext):
    timed = dataclasses.replace(context, monotonic=SteppingClock(0.01), walk_seconds=30.0)
    made = draft("It froze", context=timed, transcript=map(message, itertools.count()))
    found = messages_of(made)
    assert found[:100] == [message(number) for number in range(100)]
    assert len(found) < 3000
    assert LATE in made.notes


def test_a_slow_message_is_cut_and_those_before_it_stay(context: ReportContext):
    clock = SteppingClock(0.0)

    class Slow(dict[str, Any]):
        def items(self) -> Any:
            for number in itertools.count():
                yield f"field {number}", number
                clock.now += 1.0

    timed = dataclasses.replace(context, monotonic=clock, walk_seconds=30.0)
    made = draft("It froze", context=timed, transcript=[message(0), {"role": "user", "slow": Slow()}, message(2)])
    first, slow = messages_of(made)
    assert first == message(0)
    assert (slow["slow"]["field 5"], slow["slow"]["field 30"]) == (5, "[cut: too slow]")
    assert "values cut because reading them took too long: 1" in made.notes
    assert LATE in made.notes


def test_each_transcript_has_time_of_its_own(context: ReportContext):
    clock = SteppingClock(0.0)

    def slow() -> Iterator[dict[str, Any]]:
        for number in itertools.count():
            clock.now += 10.0
            yield message(number)

    timed = dataclasses.replace(context, monotonic=clock, walk_seconds=30.0)
    made = draft("It froze", context=timed, transcript=slow(), older_sessions=[[message(7)]])
    assert messages_of(made) == [message(0), message(1)]
    (older,) = json.loads(made.content)["older_sessions"]
    assert older["messages"] == [message(7)]


def test_a_walk_ends_with_the_time_of_several_together():
    clock = SteppingClock(0.0)
    whole = Budget(seconds=5.0, clock=clock)
    walk = Budget(whole=whole)
    assert walk.spend()
    clock.now = 5.0
    assert not walk.spend()
    assert (walk.is_spent, walk.is_late) == (True, True)


@pytest.mark.anyio
async def test_an_asynchronous_iterable_that_never_yields_is_left(untimed: ReportContext):
    closed = anyio.Event()

    async def hanging() -> AsyncIterator[dict[str, Any]]:
        yield message(0)
        try:
            await anyio.sleep_forever()
        finally:
            closed.set()

    timed = dataclasses.replace(untimed, walk_seconds=0.2)
    made = await draft_in_thread(draft_of, timed, {"transcript": hanging()})
    assert messages_of(made) == [message(0)]
    assert made.notes == (LATE,)
    assert closed.is_set()


@pytest.mark.anyio
async def test_an_iterable_that_hangs_is_left_with_what_came(untimed: ReportContext, released: threading.Event):
    timed = dataclasses.replace(untimed, walk_seconds=0.2)
    made = await draft_in_thread(draft_of, timed, {"transcript": hanging_after(3, released), "older_sessions": [[]]})
    assert messages_of(made) == [message(number) for number in range(3)]
    assert made.notes == (LATE,)


@pytest.mark.anyio
async def test_a_draft_of_an_iterable_that_hangs_is_cancelled_at_once(
    context: ReportContext, released: threading.Event
):
    reached = threading.Event()
    ended: list[BaseException] = []

    def make(*given: Any) -> BugReportDraft:
        try:
            return draft_of(*given)
        except BaseException as error:
            ended.append(error)
            raise

    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as tasks:
            parts = {"transcript": hanging_after(0, released, reached)}
            tasks.start_soon(draft_in_thread, make, dataclasses.replace(context, walk_seconds=3600.0), parts)
            while not reached.is_set():
                await anyio.lowlevel.checkpoint()
            scope.cancel()
    while not ended:
        await anyio.lowlevel.checkpoint()
    assert isinstance(ended[0], DraftError)


@pytest.mark.anyio
async def test_what_an_iterable_raises_is_raised(context: ReportContext):
    def failing() -> Iterator[dict[str, Any]]:
        yield message(0)
        raise LookupError("of the host")

    with pytest.raises(LookupError, match="of the host"):
        await draft_in_thread(draft_of, context, {"transcript": failing()})


def draft_of(context: ReportContext, parts: dict[str, Any]) -> BugReportDraft:
    return draft("It froze", context=context, **parts)


@pytest.fixture
def released() -> Iterator[threading.Event]:
    """An event for which iterables wait; set at the end of the test."""
    event = threading.Event()
    yield event
    event.set()


def hanging_after(
    count: int, released: threading.Event, reached: threading.Event | None = None
) -> Iterator[dict[str, Any]]:
    yield from map(message, range(count))
    if reached:
        reached.set()
    released.wait()


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"attachments": itertools.repeat("/dev/null")}, "attachments must be a list"),
        ({"older_sessions": itertools.repeat([])}, "older_sessions must be a list"),
        ({"leave_out": itertools.count()}, "leave_out names more than 10000 messages"),
    ],
    ids=["attachments", "older_sessions", "leave_out"],
)
def test_a_choice_without_an_end_is_refused(context: ReportContext, part: dict[str, Any], words: str):
    with pytest.raises(DraftError, match=words):
        draft("It froze", context=context, transcript=[], **part)


def test_a_mapping_without_an_end_is_cut(context: ReportContext):
    class Endless(Mapping[str, int]):
        def __getitem__(self, key: str) -> int:
            return int(key)

        def __iter__(self) -> Iterator[str]:
            return map(str, itertools.count())

        def __len__(self) -> int:
            return 1

    made = draft("It froze", context=context, git=Endless())
    assert json.loads(made.content)["git"]["7"] == 7
    assert any("too many" in note for note in made.notes)


def test_a_mapping_that_is_no_dict_is_kept(context: ReportContext):
    made = draft("It froze", context=context, transcript=[MappingProxyType({"role": "user", "content": "hi"})])
    assert messages_of(made) == [{"role": "user", "content": "hi"}]
    assert made.notes == ()


def test_texts_and_numbers_of_a_class_of_the_host_are_taken_as_they_are(context: ReportContext):
    class Text(str):
        __slots__ = ()

        def __str__(self) -> str:
            raise AssertionError

        def encode(self, *_: str) -> bytes:
            raise AssertionError

    class Number(int):
        def __int__(self) -> int:
            raise AssertionError

        def bit_length(self) -> int:
            raise AssertionError

    made = draft("It froze", context=context, transcript=[{Text("key"): [Text("value"), Number(7)]}])
    assert messages_of(made) == [{"key": ["value", 7]}]


def test_distinct_blobs_without_an_end_take_no_more_memory_than_is_kept():
    blobs = Blobs()
    line: Callable[[int], bytes] = lambda number: b'{"image":"iVBORw0KGgo%s"}' % (b"%09d" % number * 250)  # noqa: E731
    count = MOST_KEPT // 2261 + 2000
    marked = [blobs.take_out(line(number)) for number in range(count)]
    references = blobs.references(marked)
    kept = blobs.smallest_first(references)
    assert len(references) == count
    assert sum(blob.size for blob in kept) <= MOST_KEPT
    numbers = {blob.number for blob in kept}
    written: set[int] = set()
    put = [blobs.put_in(mark, numbers, written) for mark in marked]
    assert sum(b"iVBOR" in text for text in put) == len(kept)
    assert sum(text == b'{"image":"[left out: base64 data, 2261 characters]"}' for text in put) == count - len(kept)
