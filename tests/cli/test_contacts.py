"""Contacts, appointments, files beside acts and taking back, as an office types them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import Ended, inside

DAY = "2026-11-23"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One client who is late; a signed plan lies beside the configuration."""
    folder = tmp_path_factory.mktemp("office")
    (folder / "clients.csv").write_text("code,name\nC1,Rossi\n", "utf-8")
    items = "key,client,due_date,residual\nF1,C1,2026-10-01,10.00\n"
    (folder / "items.csv").write_text(items, "utf-8")
    (folder / "plugins.toml").write_text(
        '[hub]\ntimezone = "Europe/Rome"\n[connectors.acme]\nplugin = "csv"\n'
        'clients = "clients.csv"\ninstallments = "items.csv"\n',
        "utf-8",
    )
    (folder / "piano.pdf").write_bytes(b"%PDF firmato\x00\xff")
    for words in (("init", "--login", "anna"), ("sync", "--on", DAY)):
        assert inside(folder, *words).code == 0, words
    return folder


def act(office: Path, *words: str) -> Ended:
    return inside(office, "act", *words, "--by", "anna", "--on", DAY)


def test_an_appointment_has_its_day_and_hour_in_json(office: Path) -> None:
    """In the office's own time, whatever the machine's; Italian and ISO are read alike."""
    for typed in ("2026-11-25 15:30", "25/11/2026 15.30", "2026-11-25T15:30"):
        call = ("contact", "C1", "--kind", "call", "--outcome", "no_answer", "--call-back", typed)
        ended = inside(office, "act", *call, "--by", "anna", "--on", DAY, language="it")
        assert ended.code == 0, ended.err
        (found,) = inside(office, "callbacks", "--format", "json").rows()
        assert (found["call_back_on"], found["call_back_time"]) == ("2026-11-25", "15:30")
        assert (found["client"], found["by"], found["reached"]) == ("C1", "anna", False)
    for wrong in ("domani", "2026-11-25 25:00", "2026-11-25 15:30:00"):
        ended = act(office, "contact", "C1", "--kind", "call", "--call-back", wrong)
        assert ended.code == 2 and ended.err.count("\n") == 1


def test_a_file_goes_in_and_comes_out_byte_for_byte(office: Path) -> None:
    note = ("contact", "C1", "--kind", "note", "--text", "piano firmato")
    assert act(office, *note, "--attach", "piano.pdf", "--attach", "items.csv").code == 0
    listed = inside(office, "attachments", "--client", "C1", "--format", "json").rows()
    assert [(row["name"], row["act"], row["made_by"]) for row in listed] == [
        ("piano.pdf", "contact", "anna"),
        ("items.csv", "contact", "anna"),
    ]
    digest = listed[0]["sha256"]
    assert "piano.pdf, 14 bytes, acme/C1" in inside(office, "attachment", digest[:10]).out
    assert inside(office, "attachment", digest, "--save", "copia.pdf").code == 0
    assert (office / "copia.pdf").read_bytes() == b"%PDF firmato\x00\xff"
    lost = inside(office, "attachment", digest, "--save", "nessuna/copia.pdf")
    assert lost.code == 2 and "nessuna/copia.pdf cannot be written" in lost.err


@pytest.mark.parametrize("path", ["manca.pdf", ".", "\x01"])
def test_a_path_that_is_no_file_is_one_sentence(office: Path, path: str) -> None:
    before = len(inside(office, "journal", "--format", "json").rows())
    ended = act(office, "hold", "C1", "--why", "x", "--attach", path)
    assert ended.code == 2 and "cannot be read" in ended.err and ended.err.count("\n") == 1
    assert len(inside(office, "journal", "--format", "json").rows()) == before


def test_undo_takes_the_last_act_back_and_says_what(office: Path) -> None:
    assert act(office, "hold", "C1", "--why", "x").code == 0
    assert act(office, "undo").out == "Taken back (hold), as before: client acme/C1.\n"
    again = act(office, "hold", "C1", "--why", "y")
    assert again.code == 0
    number = inside(office, "journal", "--kind", "agreement.made", "--format", "json").rows()[-1]
    assert act(office, "undo", str(number["id"])).code == 0
    twice = act(office, "undo", str(number["id"]))
    assert twice.code == 1 and "was taken back on" in twice.err


def test_the_outcomes_there_are(office: Path) -> None:
    found = inside(office, "outcomes", "--format", "json").rows()
    assert [row["key"] for row in found if not row["reached"]] == [
        "message_left",
        "no_answer",
        "wrong_number",
    ]
    wrong = act(office, "contact", "C1", "--kind", "call", "--outcome", "no_anwser")
    assert wrong.code == 1 and "did you mean 'no_answer'?" in wrong.err
