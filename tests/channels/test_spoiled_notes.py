"""A damaged note in the folder: its receipt all the same, or one sentence; never another's."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from incasso.api import TemporaryError
from tests.channels.mail import context, message
from tests.channels.test_folder import channel, put
from tests.fuzzing import each_spoiled

WORDS: Final = (
    b'"at": null', b'"at": "2026-03-02T10:00:00"', b'"at": "2026-03-02T10:00:00+99:00"',
    b'"delivery": 7', b'"delivery": "d-0002"', b"[" * 5000, b"{", b"}", b'"\\ud800"',
)  # fmt: skip


def test_spoiled_notes(tmp_path: Path) -> None:
    over = channel(tmp_path, counts_as_delivered=True)
    for delivery in ("d-0001", "d-0002"):
        put(over, message(delivery=delivery))
    one, other = sorted(tmp_path.rglob("*.json"))
    good = [one.read_bytes(), other.read_bytes()]

    def check(content: bytes) -> None:
        one.write_bytes(content)
        try:
            receipt = over.channel_find("d-0001", context())
            [update] = over.channel_poll(("d-0001",), context())
        except TemporaryError as error:
            assert "d-0001.json" in str(error)
            return
        assert receipt is not None and receipt.at.tzinfo is not None
        assert receipt.ref == update.ref == "d-0001"
        assert b"d-0001" in content

    check(good[0])
    each_spoiled("notes", good, check, words=WORDS, times=2)
