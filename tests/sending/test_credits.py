"""Open credits are shown and taken off, once a day; dues to come are shown: real commands.

The amounts are worked out by hand beside each client.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.sending.played import PlayedOffice, Sent

DAY = "2026-11-23"
APART = """
[contact_policy]
join_iters = false
"""
ITERS = """
[[iter]]
key = "bonifico"
priority = 10
tolerance = "5.00"
[iter.match]
payment_methods = ["transfer"]
[[iter.stage]]
key = "primo"
days = 5
channels = ["email", "letter"]
template = "primo_sollecito"
show_coming = 30

[[iter]]
key = "diretta"
priority = 20
[iter.match]
payment_methods = ["direct"]
[[iter.stage]]
key = "primo"
days = 5
channels = ["email"]
template = "primo_sollecito"

[[iter]]
key = "assegno"
priority = 30
show_credits = false
[iter.match]
payment_methods = ["cheque"]
[[iter.stage]]
key = "primo"
days = 5
channels = ["email"]
template = "primo_sollecito"

[[iter]]
key = "contanti"
priority = 40
[iter.match]
payment_methods = ["card"]
[[iter.stage]]
key = "primo"
days = 5
channels = ["email"]
template = "primo_sollecito"
mode = "approve"
"""


def row(key: str, client: str, amount: str, due: str = "2026-10-31", **more: str) -> dict[str, str]:
    """One row of the ledger."""
    return {
        "key": key,
        "client": client,
        "document_kind": "invoice",
        "document_number": key,
        "document_date": "2026-09-01",
        "due_date": due,
        "amount": amount,
        "residual": amount,
        "currency": "EUR",
        "payment_method": "transfer",
        **more,
    }


def credit(
    key: str, client: str, amount: str, kind: str = "credit_note", **more: str
) -> dict[str, str]:
    """An open credit note."""
    return row(key, client, amount, document_kind=kind, **more)


LEDGER = [
    # c1: 100 less a credit note of 40.
    row("i1", "c1", "100.00"),
    credit("7NC", "c1", "-40.00"),
    # N2: 1,000 less 300. N3: 1,000 less an advance of 600, by letter.
    row("N2-1", "N2", "1000.00"),
    credit("N2-NC", "N2", "-300.00"),
    row("N3-1", "N3", "1000.00"),
    credit("N3-AC", "N3", "-600.00", "advance"),
    # two iters the same day: 400 + 1,000 less 300 is 1,100, whoever shows the credit.
    row("T-1", "T", "400.00"),
    row("T-2", "T", "1000.00", payment_method="direct"),
    credit("T-NC", "T", "-300.00"),
    # the message of 100 cannot bear 300: it asks its 100, the other 1,000 less 300.
    row("S-1", "S", "100.00"),
    row("S-2", "S", "1000.00", payment_method="direct"),
    credit("S-NC", "S", "-300.00"),
    # euros do not lower dollars.
    row("D-1", "D", "500.00"),
    credit("D-NC", "D", "-100.00", currency="USD"),
    # the iter shows no credits.
    row("O-1", "O", "500.00", payment_method="cheque"),
    credit("O-NC", "O", "-100.00"),
    # 200 past due; 350 due in 20 days is shown, 999 in 40 days is not; 80 was put off by ten days.
    row("F-1", "F", "200.00"),
    row("F-2", "F", "350.00", "2026-12-13"),
    row("F-3", "F", "999.00", "2027-01-02"),
    row("F-4", "F", "80.00", "2026-11-20"),
    # the second message waits for approval until the first has left: 600 less 50, then 700.
    row("A-1", "A", "600.00"),
    row("A-2", "A", "700.00", payment_method="card"),
    credit("A-NC", "A", "-50.00"),
    # credits cover everything past due: nothing leaves.
    row("Z-1", "Z", "100.00"),
    credit("Z-NC", "Z", "-100.00"),
]
CLIENTS = [
    {"code": code, "name": f"Cliente {code} S.r.l.", "email": f"{code.lower()}@cliente.example"}
    | {"address": "Via Po 2", "zip": "10121", "city": "Torino", "country": "IT"}
    for code in dict.fromkeys(each["client"] for each in LEDGER)
]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> PlayedOffice:
    """The office after its day."""
    made = PlayedOffice(tmp_path_factory.mktemp("credits") / "acme", ITERS + APART)
    made.ledger(
        [each | {"email": each["email"] * (each["code"] != "N3")} for each in CLIENTS], LEDGER
    )
    made.open(DAY)
    made.do("sync", "--on", DAY)
    made.do("act", "extend", "F-4", "--to", "2026-12-03", "--on", DAY, "--by", "admin")
    made.day(DAY)
    return made


def asked(sent: Sent) -> tuple[str, list[str]]:
    """What the note says was asked, and which credits were taken off."""
    return sent.note["total"], sent.note["credits"]


def test_a_credit_note_smaller_than_the_debt_is_named_and_taken_off(office: PlayedOffice) -> None:
    sent = office.to("c1", DAY)
    assert asked(sent) == ("60.00", ["7NC"])
    assert sent.note["installments"] == ["i1"]
    assert "Nota di credito 7NC" in sent.words
    assert "-40,00 €" in sent.words
    assert "60,00 €" in sent.words


def test_office_20_n2_asks_700_and_n3_400_by_letter(office: PlayedOffice) -> None:
    mail, letter = office.to("N2", DAY), office.to("N3", DAY)
    assert asked(mail) == ("700.00", ["N2-NC"])
    assert "Nota di credito N2-NC" in mail.words
    assert "versamento di 700,00 €" in " ".join(mail.words.split())
    assert letter.note["medium"] == "letter"
    assert asked(letter) == ("400.00", ["N3-AC"])
    assert "Acconto N3-AC" in letter.words
    assert "-600,00 €" in letter.words
    assert "Totale da pagare 400,00 €" in letter.words


def test_two_messages_of_a_day_show_a_credit_once(office: PlayedOffice) -> None:
    first, second = [each for each in office.sent(DAY) if each.client == "T"]
    totals = {"T-1": ("100.00", "1000.00"), "T-2": ("700.00", "400.00")}
    (key,) = first.note["installments"]
    assert (first.note["credits"], second.note["credits"]) == (["T-NC"], [])
    assert (first.note["total"], second.note["total"]) == totals[key]


def test_a_credit_that_a_message_cannot_bear_goes_to_the_next(office: PlayedOffice) -> None:
    found = {
        each.note["installments"][0]: asked(each) for each in office.sent(DAY) if each.client == "S"
    }
    assert found == {"S-1": ("100.00", []), "S-2": ("700.00", ["S-NC"])}


def test_another_currency_and_an_iter_without(office: PlayedOffice) -> None:
    assert asked(office.to("D", DAY)) == ("500.00", [])
    assert asked(office.to("O", DAY)) == ("500.00", [])
    assert "Nota di credito" not in office.to("O", DAY).words


def test_credits_that_cover_everything_stop_the_stage(office: PlayedOffice) -> None:
    assert [each for each in office.sent(DAY) if each.client == "Z"] == []


def test_dues_to_come_are_shown_and_not_asked(office: PlayedOffice) -> None:
    sent = office.to("F", DAY)
    assert asked(sent) == ("200.00", [])
    assert sent.note["installments"] == ["F-1"]
    table, below = sent.words.split("In scadenza entro il 23/12/2026")
    assert "200,00 €" in table
    assert "Fattura F-2" in below
    assert "13/12/2026" in below
    # Put off by the office: its new date counts.
    assert "Fattura F-4" in below
    assert "03/12/2026" in below
    assert "F-3" not in sent.words
    assert "F-2" not in table


def test_the_lists_keep_the_sum_of_the_installments(office: PlayedOffice) -> None:
    steps = json.loads(office.do("steps", "--format", "json").out)
    totals = {step["client"]: step["total"] for step in steps if step["client"] in ("c1", "N2")}
    assert totals == {"c1": "100.00", "N2": "1000.00"}


def test_what_left_in_the_morning_keeps_its_credit_in_the_afternoon(office: PlayedOffice) -> None:
    (morning,) = [each for each in office.sent(DAY) if each.client == "A"]
    assert asked(morning) == ("550.00", ["A-NC"])
    steps = json.loads(office.do("steps", "--format", "json").out)
    (waiting,) = [each["id"] for each in steps if each["status"] == "proposed"]
    office.do("act", "approve", str(waiting), "--on", DAY, "--by", "admin")
    office.do("dispatch", "--on", DAY, "--really-send")
    _, afternoon = [each for each in office.sent(DAY) if each.client == "A"]
    assert asked(afternoon) == ("700.00", [])
    assert "Nota di credito" not in afternoon.words


def test_two_iters_in_one_message_take_the_credit_off_once(tmp_path: Path) -> None:
    office = PlayedOffice(tmp_path / "acme", ITERS)
    office.ledger(
        [each for each in CLIENTS if each["code"] == "T"],
        [each for each in LEDGER if each["client"] == "T"],
    )
    office.open(DAY)
    office.day(DAY)
    sent = office.to("T", DAY)
    assert sent.note["installments"] == ["T-1", "T-2"]
    assert asked(sent) == ("1100.00", ["T-NC"])


def test_the_next_day_another_message_shows_it_again(tmp_path: Path) -> None:
    office = PlayedOffice(tmp_path / "acme", ITERS)
    rows = [
        row("A-1", "A", "600.00"),
        row("A-2", "A", "700.00", "2026-11-19", payment_method="direct"),
        credit("A-NC", "A", "-50.00"),
    ]
    office.ledger([each for each in CLIENTS if each["code"] == "A"], rows)
    office.open(DAY)
    office.day(DAY)
    office.day("2026-11-24")
    assert asked(office.to("A", DAY)) == ("550.00", ["A-NC"])
    assert asked(office.to("A", "2026-11-24")) == ("650.00", ["A-NC"])
