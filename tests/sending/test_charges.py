"""Bank charges of returned bills are asked beside them: real commands, amounts by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sending.played import CONFIG, PlayedOffice
from tests.sending.test_credits import credit, row

DAY, NEXT = "2026-11-23", "2026-11-24"
ITERS = """
[[iter]]
key = "insoluti"
priority = 10
[iter.match]
unpaid = true
[[iter.stage]]
key = "avviso"
anchor = "unpaid_date"
days = 0
channels = ["email", "letter", "sms"]
template = "insoluto_riba"

[[iter]]
key = "bonifico"
priority = 20
[iter.match]
payment_methods = ["transfer"]
[[iter.stage]]
key = "primo"
days = 5
channels = ["email"]
template = "primo_sollecito"
"""
CHARGED = CONFIG.replace("[companies.acme]\n", '[companies.acme]\nreturned_bill_charges = "5.00"\n')
CLIENTS = "RI WA SE TW CR LE SM US TR".split()


def bill(key: str, client: str, amount: str, **more: str) -> dict[str, str]:
    """A RiBa that came back."""
    more = {"payment_method": "riba", "unpaid_on": "2026-11-12", **more}
    return row(key, client, amount, **more)


LEDGER = [
    bill("RI-1", "RI", "1000.00"),  # 1,000 + 5 = 1,005
    bill("WA-1", "WA", "1000.00"),  # waived: 1,000
    bill("SE-1", "SE", "1000.00"),  # set by hand: 1,000 + 7.50 = 1,007.50
    bill("TW-1", "TW", "600.00"),  # two bills: 600 + 400 + 2 * 5 = 1,010
    bill("TW-2", "TW", "400.00"),
    bill("CR-1", "CR", "1000.00"),  # less a credit note: 1,000 + 5 - 300 = 705
    credit("CR-NC", "CR", "-300.00"),
    bill("LE-1", "LE", "200.00"),  # by letter: 200 + 5 = 205
    bill("SM-1", "SM", "300.00"),  # by short text: 300 + 5 = 305
    bill("US-1", "US", "500.00", currency="USD"),  # the company's rate is in euro: 500
    row("TR-1", "TR", "100.00"),  # did not come back: 100
]


def clients(*codes: str) -> list[dict[str, str]]:
    """With a mail address; LE has only a street, SM only a mobile number."""
    ways = {
        "LE": {"address": "Via Po 2", "zip": "10121", "city": "Torino", "country": "IT"},
        "SM": {"mobile": "+39 333 5550101"},
    }
    return [
        {"code": code, "name": f"Cliente {code} S.r.l."}
        | ways.get(code, {"email": f"{code.lower()}@cliente.example"})
        for code in codes
    ]


def fields(office: PlayedOffice, *words: str) -> list[dict[str, Any]]:
    """What a command says as JSON."""
    found: list[dict[str, Any]] = json.loads(office.do(*words, "--format", "json").out)
    return found


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> PlayedOffice:
    """The office after its day."""
    made = PlayedOffice(tmp_path_factory.mktemp("charges") / "acme", ITERS, config=CHARGED)
    made.ledger(clients(*CLIENTS), LEDGER)
    made.open(DAY)
    made.do("sync", "--on", DAY)
    by = ("--on", DAY, "--by", "admin")
    made.do("act", "charges", "WA-1", "--amount", "0", "--why", "cliente fedele", *by)
    made.do("act", "charges", "SE-1", "--amount", "7.50", "--currency", "EUR", *by)
    made.day(DAY)
    return made


@pytest.mark.parametrize(
    ("client", "total"),
    [
        ("RI", "1005.00"),
        ("WA", "1000.00"),
        ("SE", "1007.50"),
        ("TW", "1010.00"),
        ("CR", "705.00"),
        ("LE", "205.00"),
        ("SM", "305.00"),
        ("US", "500.00"),
        ("TR", "100.00"),
    ],
)
def test_what_each_message_asks(office: PlayedOffice, client: str, total: str) -> None:
    assert office.to(client, DAY).note["total"] == total


def test_the_charges_are_a_line_below_the_table_and_in_the_total(office: PlayedOffice) -> None:
    words = " ".join(office.to("RI", DAY).words.split())
    assert "Spese bancarie di insoluto 5,00 € Totale da pagare 1.005,00 €" in words
    assert "Importo: 1.005,00 €" in words
    assert "Spese bancarie" not in office.to("WA", DAY).words
    letter = office.to("LE", DAY).words
    assert "Spese bancarie di insoluto 5,00 €\nTotale da pagare 205,00 €" in letter
    assert "Importo 205,00 €" in letter
    short = office.to("SM", DAY).note
    text = (office.folder / "outbox" / DAY / short["file"]).read_text("utf-8")
    assert "305,00" in text


def test_lists_keep_the_sum_of_the_installments(office: PlayedOffice) -> None:
    steps = fields(office, "steps", "--client", "RI")
    assert [step["total"] for step in steps] == ["1000.00"]


def test_what_left_says_what_it_asked(office: PlayedOffice) -> None:
    name = office.to("CR", DAY).note["delivery"]
    (shown,) = fields(office, "show", "delivery", name)
    assert shown["total"] == "705.00"
    (told,) = fields(office, "journal", "--kind", "delivery.accepted", "--client", "CR")
    assert told["facts"]["total"] == "705.00"


def test_the_list_of_installments_names_them(office: PlayedOffice) -> None:
    asked = {each["key"]: each["charges"] for each in fields(office, "installments", "--on", DAY)}
    assert asked == {
        "RI-1": "5.00",
        "WA-1": "0.00",
        "SE-1": "7.50",
        "TW-1": "5.00",
        "TW-2": "5.00",
        "CR-1": "5.00",
        "CR-NC": "0.00",
        "LE-1": "5.00",
        "SM-1": "5.00",
        "US-1": "0.00",
        "TR-1": "0.00",
    }


def test_explain_and_history_tell(office: PlayedOffice) -> None:
    (told,) = fields(office, "explain", "SE-1", "--on", DAY)
    assert "in più si chiedono spese di 7,50 EUR" in " ".join(told["remarks"])
    (told,) = fields(office, "explain", "WA-1", "--on", DAY)
    assert "spese" not in " ".join(told["remarks"])
    history = [each["text"] for each in fields(office, "history", "SE")]
    assert "fattura SE-1: spese bancarie di 7,50 EUR (Amministratore)" in history
    assert "invio: avviso via e-mail a se@cliente.example, 1.007,50 EUR" in history
    history = [each["text"] for each in fields(office, "history", "WA")]
    assert (
        "fattura WA-1: non si chiedono spese bancarie (Amministratore): cliente fedele" in history
    )


def test_before_it_leaves_it_is_shown_and_an_act_is_taken_back(tmp_path: Path) -> None:
    """1,000 + 5 - 300 = 705; set to 7.50: 707.50; taken back: 705 again."""
    office = PlayedOffice(tmp_path / "acme", ITERS, config=CHARGED)
    office.ledger(clients("CR", "TR"), [each for each in LEDGER if each["client"] in ("CR", "TR")])
    office.open(DAY)
    office.do("sync", "--on", DAY)
    office.do("plan", "--on", DAY)
    number = str(next(s["id"] for s in fields(office, "steps", "--client", "CR")))

    def asked() -> tuple[str, ...]:
        (shown,) = fields(office, "show", "step", number, "--on", DAY)
        return tuple(shown[name] for name in ("owed", "charges", "credited", "total"))

    by = ("--on", DAY, "--by", "admin")
    assert asked() == ("1000.00", "5.00", "-300.00", "705.00")
    told = office.do("show", "step", number, "--on", DAY).out
    assert "Installments: 1,000.00 EUR (CR-1)\n  Bank charges: 5.00 EUR\n" in told
    assert "Open credits: -300.00 EUR\n  Total: 705.00 EUR\n" in told
    office.do("act", "charges", "CR-1", "--amount", "7.50", *by)
    assert asked() == ("1000.00", "7.50", "-300.00", "707.50")
    office.do("act", "undo", "last", *by)
    assert asked() == ("1000.00", "5.00", "-300.00", "705.00")

    for words, cure in (
        (("TR-1", "--amount", "5"), "did not come back"),
        (("CR", "--amount", "5"), "name its installment"),
        (("CR-1", "--amount", "-1"), "from 0"),
        (("CR-1", "--amount", "1000.01"), "to 1"),
        (("CR-1", "--amount", "5.0051"), "more decimals"),
        (("CR-1", "--amount", "5", "--currency", "USD"), "is in EUR, not in USD"),
    ):
        ended = office.tries("act", "charges", *words, *by)
        assert ended.code in (1, 2), words
        assert cure in ended.err, ended.err
    assert asked() == ("1000.00", "5.00", "-300.00", "705.00")


@pytest.mark.parametrize("wrong", ["-1", "1000.01", "5.005"])
def test_a_wrong_rate_is_refused_with_its_place(tmp_path: Path, wrong: str) -> None:
    office = PlayedOffice(tmp_path / "acme", ITERS, config=CHARGED.replace("5.00", wrong))
    ended = office.tries("init")
    assert ended.code != 0
    assert "returned_bill_charges" in ended.err
