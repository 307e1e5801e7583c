"""Output that nobody reads on: `incasso journal | head` ends quietly, whatever it prints."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from incasso.cli import main as command
from incasso.cli.exit_codes import PROBLEM, READER_GONE
from tests.started import started

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a pipe of POSIX")

PRINTS = {
    "a page of help": ("--help",),
    "the help of a command": ("act", "hold", "--help"),
    "a table": ("journal",),
    "an array": ("journal", "--format", "json"),
    "lines": ("journal", "--format", "jsonl"),
    "sentences": ("explain", "1001"),
    "a report": ("report", "overdue"),
    "what is installed": ("plugins", "list"),
}
INCASSO = (sys.executable, "-W", "error", "-m", "incasso.cli.main")
prints = pytest.mark.parametrize("words", PRINTS.values(), ids=PRINTS)


@prints
def test_a_closed_pipe_ends_it_quietly(lived: Path, words: tuple[str, ...]) -> None:
    with started(
        [*INCASSO, *words], cwd=lived, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == READER_GONE == 141


@pytest.mark.parametrize("words", [PRINTS["a page of help"], PRINTS["lines"]])
def test_head_gets_its_line(lived: Path, words: tuple[str, ...]) -> None:
    line = f"'{sys.executable}' -W error -m incasso.cli.main {' '.join(words)}"
    done = subprocess.run(
        ["bash", "-c", f"{line} | head -n 1; echo ${{PIPESTATUS[0]}} >&2"],
        cwd=lived,
        capture_output=True,
        text=True,
        check=False,
    )
    assert len(done.stdout.splitlines()) == 1
    # What fits into the pipe is written before `head` goes.
    assert done.stderr.strip() in ("0", "141")


def test_an_error_that_nobody_reads_ends_quietly_too(lived: Path) -> None:
    with started(
        [*INCASSO, "explain", "nobody"],
        cwd=lived,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
    assert process.returncode == READER_GONE


def test_the_pipe_of_a_server_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(words: list[str]) -> object:
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr(command, "_run", broken)
    assert command.main(["sync"]) == PROBLEM
    assert capfd.readouterr().err.strip(), "and a sentence says so"
