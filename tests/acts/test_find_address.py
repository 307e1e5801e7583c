"""A reminder that no medium can carry: the address found is kept, and the message leaves by it.

By the real commands. Of the case "promemoria senza mail": T1 has no mail address, the reminder of
its invoice due on 16 October 2026 is due five days before, a Sunday: so on Monday the 12th.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import CONFIG, Ended, inside

ITERS = """
[[iter]]
key = "bonifico"
priority = 30
[[iter.stage]]
key = "promemoria"
label = "Promemoria"
anchor = "due_date"
days = -5
working_days = true
channels = ["email"]
template = "promemoria"
[[iter.stage]]
key = "primo_sollecito"
anchor = "due_date"
days = 5
channels = ["email", "letter"]
template = "primo_sollecito"
"""
CLIENTS = "code,name,email\nT1,Cliente T1 S.r.l.,{email}\nT2,Cliente T2 S.r.l.,t2@example.it\n"
ITEMS = """key,client,due_date,residual,currency,payment_method
T1-1,T1,2026-10-16,1000.00,EUR,transfer
T2-1,T2,2026-12-31,1000.00,EUR,transfer
"""
MONDAY, TUESDAY, WEDNESDAY = "2026-10-12", "2026-10-13", "2026-10-14"


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """The office after Monday: a task for T1, no message."""
    (tmp_path / "plugins.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "ledger").mkdir()
    (tmp_path / "ledger/installments.csv").write_text(ITEMS, encoding="utf-8")
    (tmp_path / "iters.toml").write_text(ITERS, encoding="utf-8")
    ledger_says(tmp_path, "")
    for words in (
        ("init", "--login", "anna"),
        ("users", "add", "luca", "--role", "operator"),
        ("iters", "import", "iters.toml", "--on", MONDAY),
        ("run", "--on", MONDAY, "--really-send"),
    ):
        assert run(tmp_path, *words).code == 0, words
    (task,) = steps(tmp_path)
    assert (task["action"], task["status"], task["client"]) == ("task", "ready", "T1")
    return tmp_path


def run(office: Path, *words: str) -> Ended:
    return inside(office, *words)


def ledger_says(office: Path, email: str) -> None:
    text = CLIENTS.format(email=email)
    (office / "ledger/clients.csv").write_text(text, encoding="utf-8")


def steps(office: Path) -> list[dict[str, Any]]:
    return run(office, "steps", "--format", "json").rows()


def sent(office: Path) -> list[tuple[str, str, str]]:
    rows = run(office, "deliveries", "--format", "json").rows()
    return [(row["on"], row["client"], row["to"]) for row in rows]


def test_the_address_found_carries_the_message(office: Path) -> None:
    done = ("act", "done", "1", "--by", "luca", "--on", TUESDAY)
    assert "looks for an address by which Promemoria can leave" in run(office, *done).err
    assert "name@example.it" in run(office, *done, "--email", "non lo so").err
    found = run(office, *done, "--email", "amm@t1.example", "--outcome", "trovata al telefono")
    assert found.out == "Address found, the message can leave: step:1.\n"
    assert run(office, "run", "--on", TUESDAY, "--really-send").code == 0
    task, message = steps(office)
    assert (task["status"], task["counted_on"], task["outcome"]) == (
        "done",
        None,
        "trovata al telefono",
    )
    assert (message["stage"], message["medium"], message["status"]) == (
        "promemoria",
        "email",
        "counted",
    )
    assert message["counted_on"] == TUESDAY
    assert sent(office) == [(TUESDAY, "T1", "amm@t1.example")]
    (kept,) = run(office, "corrections", "--format", "json").rows()
    assert (kept["client"], kept["field"], kept["value"], kept["erp_value"]) == (
        "T1",
        "email",
        "amm@t1.example",
        "",
    )
    assert (kept["origin"], kept["made_by"], kept["made_on"]) == ("step:1", "luca", TUESDAY)


def test_an_address_that_a_call_brings_carries_it_too(office: Path) -> None:
    call = ("act", "contact", "T1", "--kind", "inbound_call", "--email", "amm@t1.example")
    assert run(office, *call, "--by", "luca", "--on", TUESDAY).code == 0
    assert [step["status"] for step in steps(office)] == ["cancelled"]
    assert run(office, "run", "--on", TUESDAY, "--really-send").code == 0
    assert sent(office) == [(TUESDAY, "T1", "amm@t1.example")]


def test_no_word_stands_for_an_address(office: Path) -> None:
    """Nothing was sent, so the stage does not count; to go on without it, it is skipped."""
    by = ("--by", "luca", "--on", TUESDAY)
    refused = run(office, "act", "done", "1", *by, "--outcome", "trovato l'indirizzo")
    assert refused.code == 1
    assert "`incasso act skip step:1 --why …`" in refused.err
    # A telephone does not carry a mail.
    assert run(office, "act", "done", "1", *by, "--phone", "011 5550100").code == 1
    assert [step["status"] for step in steps(office)] == ["ready"]
    assert run(office, "act", "skip", "step:1", *by, "--why", "detto a voce").code == 0
    assert run(office, "run", "--on", TUESDAY, "--really-send").code == 0
    assert [step["status"] for step in steps(office)] == ["skipped"]
    assert sent(office) == []


def test_a_sync_keeps_the_correction_until_the_erp_says_something_else(office: Path) -> None:
    right = ("act", "correct", "T1", "--email", "amm@t1.example", "--from", "telefonata")
    assert run(office, *right, "--by", "luca", "--on", TUESDAY).code == 0

    def email() -> str:
        rows = run(office, "clients", "--client", "T1", "--format", "json").rows()
        return str(rows[0]["email"])

    clients = office / "ledger/clients.csv"
    same = clients.read_text(encoding="utf-8").replace("Cliente T1", "Nuovo nome T1")
    clients.write_text(same, encoding="utf-8")
    run(office, "sync", "--on", WEDNESDAY)
    assert email() == "amm@t1.example"
    ledger_says(office, "erp@t1.example")
    run(office, "sync", "--on", WEDNESDAY)
    assert email() == "erp@t1.example"
    events = run(office, "journal", "--kind", "client.correction_ended", "--format", "json")
    (ended,) = json.loads(events.out)
    assert ended["facts"] == {
        "field": "email",
        "value": "amm@t1.example",
        "erp_value": "erp@t1.example",
    }
