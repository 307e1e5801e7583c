"""What a client's name hides is seen on the terminal, in a log and not in a mail's headers."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from incasso.cli.log import OneLine
from incasso.cli.options import Format
from incasso.cli.output import complain, say, show
from incasso.contract.visible import visible, visible_cell
from incasso.mail.composing import one_line
from incasso.store.lists.listing import Column, Kind

ODD = "Rossi\u202egpj.exe\x9b2J\x07\u2066\ufeff"
SEEN = r"Rossi\u202egpj.exe\x9b2J\x07\u2066\ufeff"


@pytest.mark.parametrize("kind", [Kind.PROSE, Kind.CODE], ids=["prose", "code"])
def test_a_table_shows_the_code_of_what_would_not_be_seen(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    show([{"name": ODD}], Format.TABLE, columns=[Column("name", kind)])
    assert SEEN in capsys.readouterr().out


def test_sentences_for_people_show_it_too(capsys: pytest.CaptureFixture[str]) -> None:
    say(ODD)
    complain(ODD)
    said = capsys.readouterr()
    assert (said.out, said.err) == (f"{SEEN}\n", f"{SEEN}\n")


@pytest.fixture
def record() -> Iterator[logging.LogRecord]:
    name = f"{ODD}\n2026-01-01 00:00:00,000 all is well"
    yield logging.LogRecord("incasso", logging.INFO, "", 0, "client %s", (name,), None)


def test_a_log_line_cannot_begin_another(record: logging.LogRecord) -> None:
    line = OneLine().format(record)
    assert line.endswith(rf"client {SEEN}\n2026-01-01 00:00:00,000 all is well")


@pytest.mark.parametrize(
    "text", ["Bar Sport S.r.l.", "Müller & Söhne – Zürich", "東京", "👨‍👩‍👧", "می‌خواهم", "a\u00a0b"]
)
def test_ordinary_names_stay_as_they_are(text: str) -> None:
    assert visible(text) == text == visible_cell(text)


def test_lines_stay_lines_where_they_belong() -> None:
    assert visible("one\r\ntwo\n\tthree") == "one\r\ntwo\n\tthree"
    assert visible("one\rtwo") == r"one\x0dtwo"
    assert visible_cell("one\r\ntwo\tthree") == r"one\r\ntwo\tthree"


def test_a_mails_headers_turn_nothing_round() -> None:
    assert one_line("attachments", "fattura\u202efdp.exe") == "fatturafdp.exe"
    assert one_line("subject", "\u2067Sollecito\u2069") == "Sollecito"
