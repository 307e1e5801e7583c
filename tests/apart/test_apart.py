"""A reader of foreign files may loop, crash or fill the memory: the hub gets one sentence."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from incasso import apart
from incasso.apart import pool
from incasso.contract.errors import TemporaryError
from incasso.contract.text import Text
from tests.apart import readers

SMALL = apart.Bounds(megabytes=512, seconds=20)
SHORT = apart.Bounds(megabytes=512, seconds=0.4)


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No child of another test, and one that finds the readers of this folder."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))
    pool.close()
    yield
    pool.close()


def test_a_reader_reads() -> None:
    assert apart.run(readers.doubled, b"ab", answer=bytes) == b"abab"
    parts = [int(each) for each in apart.stream(readers.counted, 1000)]
    assert parts == list(range(1000))


def test_the_child_is_kept_for_the_next_file() -> None:
    first = apart.run(readers.number, answer=int)
    assert first != os.getpid()
    assert apart.run(readers.number, answer=int) == first
    assert pool.idle() == (first,)


def test_an_announced_error_comes_back_with_its_sentence() -> None:
    with pytest.raises(readers.OddError) as raised:
        apart.run(readers.refused, "it", answer=bytes, errors=(readers.OddError,))
    sentence = raised.value.args[0]
    assert isinstance(sentence, Text)
    assert (sentence.template, sentence.values["name"]) == ("{name} is odd", "it")


def test_an_error_of_the_contract_comes_back_in_the_middle_of_a_stream() -> None:
    parts = apart.stream(readers.refused_late)
    assert next(parts) == b"1"
    with pytest.raises(TemporaryError, match="it is being written"):
        next(parts)
    assert len(pool.idle()) == 1


@pytest.mark.parametrize(
    ("reader", "cause", "said"),
    [
        (readers.greedy, apart.Cause.MEMORY, "more than 512 MB of memory"),
        (readers.greedy_library, apart.Cause.MEMORY, "more than 512 MB of memory"),
        (readers.surprised, apart.Cause.CRASH, "LookupError: no such thing"),
        (readers.always_shot, apart.Cause.CRASH, "SIGSEGV"),
        (readers.lying, apart.Cause.CRASH, "Expected `bytes`"),
    ],
)
def test_what_goes_wrong_is_one_sentence(reader: object, cause: apart.Cause, said: str) -> None:
    answer = list[bytes] if reader is readers.lying else bytes
    with pytest.raises(apart.ReadApartError, match=said) as raised:
        apart.run(reader, answer=answer, bounds=SMALL)  # type: ignore[arg-type]
    assert raised.value.cause is cause
    assert apart.run(readers.doubled, b"x", answer=bytes) == b"xx"


def test_a_reader_that_never_ends_is_ended() -> None:
    began = time.monotonic()
    with pytest.raises(apart.ReadApartError, match=r"longer than 0\.4 seconds") as raised:
        apart.run(readers.endless, answer=bytes, bounds=SHORT)
    assert raised.value.cause is apart.Cause.TIME
    assert time.monotonic() - began < 15
    assert pool.idle() == ()


def test_a_reader_that_hangs_in_the_middle_is_ended() -> None:
    parts = apart.stream(readers.hanging, bounds=SHORT)
    assert next(parts) == b"1"
    with pytest.raises(apart.ReadApartError, match="longer than"):
        next(parts)
    assert pool.idle() == ()


def test_the_time_that_the_caller_takes_does_not_count() -> None:
    parts = apart.stream(readers.counted, 2, bounds=apart.Bounds(megabytes=512, seconds=5))
    first = next(parts)
    ended = time.monotonic() + 0.05
    while time.monotonic() < ended:
        pass
    assert [first, *parts] == [b"0", b"1"]


def test_a_child_killed_from_outside_is_replaced_and_asked_again(tmp_path: Path) -> None:
    """The system kills when memory is short: the file need not be at fault."""
    marks = str(tmp_path / "marks")
    assert apart.run(readers.shot, marks, answer=bytes) == b"alive"
    assert Path(marks).read_text() == ".."


def test_a_child_killed_while_it_waits_is_replaced() -> None:
    first = apart.run(readers.number, answer=int)
    os.kill(first, signal.SIGKILL)
    assert apart.run(readers.number, answer=int) != first


def test_a_child_that_has_grown_is_replaced() -> None:
    first = apart.run(readers.grown, answer=int)
    assert pool.idle() == ()
    assert apart.run(readers.number, answer=int) != first


def test_a_stream_left_in_the_middle_leaves_nobody_at_work() -> None:
    parts = apart.stream(readers.counted, 10_000_000)
    assert next(parts) == b"0"
    del parts
    gc.collect()
    assert pool.idle() == ()
    assert apart.run(readers.doubled, b"x", answer=bytes) == b"xx"


def test_several_threads_have_children_of_their_own() -> None:
    read: list[list[int]] = []

    def work() -> None:
        read.append([int(each) for each in apart.stream(readers.counted, 3000)])

    threads = [Thread(target=work) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert read == [list(range(3000))] * 4
    assert len(pool.idle()) <= 2


def test_the_child_has_none_of_the_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "geheim")
    known = apart.run(readers.variables, answer=list[str])
    assert "MAIL_PASSWORD" not in known
    assert "PATH" in known


def test_the_child_ends_with_its_parent() -> None:
    program = (
        "import os, signal\n"
        "from incasso import apart\n"
        "from tests.apart import readers\n"
        "print(apart.run(readers.number, answer=int), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    path = os.pathsep.join(each or "." for each in sys.path)
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
        check=False,
    )
    child = int(done.stdout)
    ended = time.monotonic() + 30
    while Path(f"/proc/{child}").exists() and time.monotonic() < ended:
        time.sleep(0.01)
    assert not Path(f"/proc/{child}").exists()
