"""Acts with any words, days and amounts: done, or refused in a sentence; the journal holds."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.cli.command import DAY, inside, well
from tests.fuzzing import each_spoiled

LATER: Final = "2026-12-24"
ACTS: Final = (
    ("hold", "1001", "--until", LATER, "--why", "ferie"),
    ("promise", "1001", "--amount", "100.00", "--until", LATER, "--on", DAY),
    ("dispute", "1002", "--amount", "10.00", "--code", "price", "--until", LATER),
    ("extend", "1002", "--to", LATER, "--approved-by", "anna"),
    ("plan", "1001", "--pay", "2026-12-01=100.00", "--pay", "2026-12-31=50.00", "--confirm"),
    ("charges", "1001", "--amount", "5.00"),
    ("exclude", "1003", "--why", "causa"),
    ("contact", "1001", "--kind", "call", "--minutes", "5", "--call-back", "2026-12-01 10:30"),
    ("correct", "1001", "--from", "telefonata", "--email", "a@example.it", "--zip", "20100"),
    ("skip", "step:1"),
    ("done", "step:2", "--promise", LATER, "--amount", "20.00"),
    ("move", "step:1", "--to", LATER),
    ("block-orders", "1001", "--why", "insoluti"),
    ("assign", "1001", "--to", "anna"),
    ("undo", "--why", "errore"),
)
WORDS: Final = (
    b"\n--by\nanna", b"\n--by\nnobody", b"step:99", b"case:1", b"acme/1001", b"\n--until\n",
    b"\n--on\n", b"\n--format\njson", b"1e3", b"1,5", "€ 3,00".encode(), b"2026-02-30",
    b"99999-01-01", b"0001-01-01", b"\n--why\n", b"\n\n", b"-", b"--",
)  # fmt: skip


def test_spoiled_acts(office: Path) -> None:
    def check(content: bytes) -> None:
        # What no shell can hand over: a NUL. Bytes that are no UTF-8 come as lone surrogates.
        words = content.replace(b"\0", b"").decode("utf-8", "surrogateescape").split("\n")
        ended = inside(office, "act", *words)
        assert ended.code in (0, 1, 2), ended
        assert (ended.err if ended.code else ended.out + ended.err).strip(), ended
        assert not ended.has_traceback and "Unexpected" not in ended.err, ended

    each_spoiled("acts", ["\n".join(act).encode() for act in ACTS], check, words=WORDS, times=0.5)
    well(office, "verify")
