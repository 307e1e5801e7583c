"""The log of what leaves: which messages left, from lines that a crash may have cut off."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from incasso.domain.proof.left import (
    Account,
    Begun,
    Doubtful,
    Fate,
    Intent,
    LeavingCase,
    Left,
    Line,
    NotLeft,
    Opened,
    PageDone,
    account,
    account_of_dead,
)
from incasso.domain.sending.delivery import DeliveryStatus
from incasso.domain.sending.lost import is_unknown
from incasso.store.proof import left_log
from incasso.store.proof.left_log import LeftLog

AT = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
LEFT_A, LEFT_B = Left("a", "ref-a", AT), Left("b", "ref-b", AT)


def intent(delivery: str) -> Intent:
    return Intent(
        delivery=delivery,
        step=7,
        source="acme",
        client="C1",
        iter="bonifico",
        iter_version=1,
        stage="sollecito",
        action="send",
        medium="email",
        channel="out",
        to="c1@example.it",
        language="it",
        template="primo_sollecito",
        cases=(LeavingCase("1-1", "sollecito", 10_000),),
        total=10_000,
        asked=10_000,
        currency="EUR",
        sha256="0" * 64,
        size=1,
        media_type="message/rfc822",
        filename="a.eml",
        ref="",
        due_on=date(2026, 11, 23),
        on=date(2026, 11, 23),
        at=AT,
    )


A, B = intent("a"), intent("b")


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([[A, B, LEFT_A, PageDone()]], {"a": Fate.LEFT, "b": Fate.NOT_LEFT}),
        ([[A, B, LEFT_A]], {"a": Fate.LEFT, "b": Fate.IN_DOUBT}),
        ([[A, Doubtful("a"), PageDone()]], {"a": Fate.IN_DOUBT}),
        ([[A, NotLeft("a")]], {"a": Fate.NOT_LEFT}),
        ([[A, NotLeft("a"), PageDone()], [A, LEFT_A]], {"a": Fate.LEFT}),
        ([[A, LEFT_A], [A]], {"a": Fate.LEFT}),
        ([[A], [A, NotLeft("a")]], {"a": Fate.NOT_LEFT}),
        ([[LEFT_B, PageDone()]], {}),
        ([[A, PageDone(), B]], {"a": Fate.NOT_LEFT, "b": Fate.IN_DOUBT}),
        ([[Opened(1), A, B, Begun("a")]], {"a": Fate.IN_DOUBT, "b": Fate.IN_DOUBT}),
        ([[A, B, Begun("a"), PageDone()]], {"a": Fate.IN_DOUBT, "b": Fate.NOT_LEFT}),
        ([[A, Begun("a"), LEFT_A, PageDone()]], {"a": Fate.LEFT}),
    ],
)
def test_what_the_lines_say(runs: list[list[Line]], expected: dict[str, Fate]) -> None:
    found: dict[str, Account] = {}
    for run in runs:
        account(found, run)
    assert {delivery: each.fate for delivery, each in found.items()} == expected


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ([Opened(1), A, B], {"a": Fate.NOT_LEFT, "b": Fate.NOT_LEFT}),
        ([Opened(1), A, B, Begun("a")], {"a": Fate.IN_DOUBT, "b": Fate.NOT_LEFT}),
        ([A, B, Begun("a"), LEFT_A, Begun("b")], {"a": Fate.LEFT, "b": Fate.IN_DOUBT}),
        ([A, Begun("a"), NotLeft("a")], {"a": Fate.NOT_LEFT}),
        ([A, Begun("a"), NotLeft("a"), PageDone(), A], {"a": Fate.NOT_LEFT}),
        ([A, Begun("a"), Doubtful("a"), PageDone()], {"a": Fate.IN_DOUBT}),
        ([A, Begun("a"), LEFT_A, PageDone(), A], {"a": Fate.LEFT}),
        ([Begun("a"), LEFT_A], {}),
    ],
)
def test_what_the_lines_of_a_dead_dispatch_say(run: list[Line], expected: dict[str, Fate]) -> None:
    found = account_of_dead(run)
    assert {delivery: each.fate for delivery, each in found.items()} == expected


def test_only_the_file_that_was_written_tells_of_a_dead_dispatch(tmp_path: Path) -> None:
    log = LeftLog(tmp_path, AT, "1")
    log.intend([A])
    log.begin("a")
    (path,) = left_log.files(tmp_path)
    ((opened, *lines),) = map(list, left_log.of_owner(tmp_path, "1"))
    assert isinstance(opened, Opened)
    assert lines == [A, Begun("a")]
    assert list(left_log.of_owner(tmp_path, "11")) == []
    content = path.read_bytes()
    path.rename(path.with_suffix(".moved"))
    path.write_bytes(content)
    assert list(left_log.of_owner(tmp_path, "1")) == []
    log.close()


def test_what_is_written_is_read_and_a_cut_line_says_nothing(tmp_path: Path) -> None:
    log = LeftLog(tmp_path, AT, "1")
    log.page_done()  # without a message there is no file
    assert left_log.files(tmp_path) == []
    log.intend([A, B])
    log.left("a", "ref-a", AT)
    log.not_left("b")
    log.page_done()
    log.close()
    (path,) = left_log.files(tmp_path)
    lines = [line for run in left_log.runs(tmp_path) for line in run]
    assert lines == [Opened(path.stat().st_ino), A, B, LEFT_A, NotLeft("b"), PageDone()]
    assert left_log.newest_left(tmp_path) == ["a"]
    whole = path.read_bytes()
    ends = [n for n, byte in enumerate(whole) if byte == ord("\n")]
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        read = [line for run in left_log.runs(tmp_path) for line in run]
        # A line counts from its last brace on, with or without its end.
        assert len(read) == sum(end <= length for end in ends)


def test_the_later_of_two_dispatches_in_one_second_is_the_newest(tmp_path: Path) -> None:
    for owner, later, delivery in (("9", 0, "a"), ("1", 250, "b")):
        log = LeftLog(tmp_path, AT + timedelta(milliseconds=later), owner)
        log.left(delivery, f"ref-{delivery}", AT)
        log.close()
    assert left_log.newest_left(tmp_path) == ["b"]
    left = [line for run in left_log.runs(tmp_path, AT) for line in run if isinstance(line, Left)]
    assert left == [LEFT_A, LEFT_B]


@pytest.mark.parametrize("put_back", [True, False])
@pytest.mark.parametrize("status", [None, *DeliveryStatus])
@pytest.mark.parametrize("fate", list(Fate))
def test_what_the_database_must_be_told(
    fate: Fate, status: DeliveryStatus | None, put_back: bool
) -> None:
    told = is_unknown(fate, status, put_back=put_back)
    if fate is Fate.NOT_LEFT or status in ("accepted", "delivered", "bounced", "failed"):
        assert not told
    elif status is None:
        assert told
    elif fate is Fate.LEFT:
        assert told is (status in ("queued", "sending", "uncertain"))
    else:
        assert told is (put_back and status in ("queued", "sending"))
