"""Who heard nothing yet is not told that they did: late entry, grouping, reminders; real commands.

The office writes its own texts, so that the words of those that ship may change.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sending.played import PlayedOffice

ITERS = """
[[iter]]
key = "ordinario"
priority = 10
grouping = "client"
catch_up = "latest"
[iter.match]
payment_methods = ["transfer"]
[[iter.stage]]
key = "primo"
days = 10
channels = ["email"]
template = "apre"
[[iter.stage]]
key = "secondo"
days = 20
channels = ["email"]
template = "segue"
[[iter.stage]]
key = "ultimo"
days = 30
channels = ["email"]
template = "segue"

[[iter]]
key = "dedicato"
priority = 20
[iter.match]
payment_methods = ["direct"]
[[iter.stage]]
key = "unico"
days = 5
channels = ["email"]
template = "segue"
first_contact = "apre"

[[iter]]
key = "anticipo"
priority = 30
[iter.match]
payment_methods = ["cheque"]
[[iter.stage]]
key = "promemoria"
days = -3
channels = ["email"]
template = "promemoria"
[[iter.stage]]
key = "dopo"
days = 2
channels = ["email"]
template = "senza"
"""
CLAIM = "{% for each in previous %}[{{ each.date | date('short') }} {{ each.stage }}]{% endfor %}"
TEXTS = {
    "apre": 'subject = "apre"\ntext = "Apre. {{ table }}"\n',
    "segue": """
assumes = ["previous"]
subject = "segue"
text = "Segue CLAIM {{ table }}"
[first]
subject = "primo"
text = "Primo. {{ table }}"
""".replace("CLAIM", CLAIM),
    "senza": 'assumes = ["previous"]\nsubject = "senza"\ntext = "Senza. {{ table }}"\n',
}


def row(key: str, client: str, due: str, method: str = "transfer") -> dict[str, str]:
    """An invoice of 100."""
    return {
        "key": key,
        "client": client,
        "document_number": key,
        "due_date": due,
        "amount": "100.00",
        "residual": "100.00",
        "currency": "EUR",
        "payment_method": method,
    }


LEDGER = [
    # 24 days late when the hub first sees it: it enters at the second stage.
    row("L-1", "L", "2026-10-30"),
    # The first is reminded on 23 November; on 3 December the second joins its second stage.
    row("G-1", "G", "2026-11-13"),
    row("G-2", "G", "2026-11-23"),
    # The stage names what a first contact gets.
    row("D-1", "D", "2026-11-01", "direct"),
    # Only a reminder before the due date came first.
    row("R-1", "R", "2026-11-26", "cheque"),
]
CLIENTS = [
    {"code": code, "name": f"Cliente {code}", "email": f"{code.lower()}@cliente.example"}
    for code in ("L", "G", "D", "R")
]
DAYS = ("2026-11-23", "2026-11-28", "2026-11-29", "2026-12-03", "2026-12-13")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> PlayedOffice:
    """The office after three weeks."""
    made = PlayedOffice(tmp_path_factory.mktemp("first") / "acme", ITERS)
    made.ledger(CLIENTS, LEDGER)
    made.do("init")
    texts = made.folder / "it"
    texts.mkdir()
    for key, words in TEXTS.items():
        (texts / f"{key}.toml").write_text(words, encoding="utf-8")
        made.do("templates", "check", f"it/{key}.toml")
        made.do("templates", "import", f"it/{key}.toml", "--by", "admin")
        made.do("templates", "publish", key, "--by", "admin", "--on", DAYS[0])
    made.do("iters", "import", "iters.toml", "--on", DAYS[0])
    for day in DAYS:
        made.day(day)
    return made


def words(office: PlayedOffice, client: str, on: str) -> tuple[str, str]:
    """Subject and first line of the one message of that day."""
    sent = office.to(client, on)
    return sent.subject, sent.words.splitlines()[0]


def test_a_case_that_enters_late_begins_with_a_first_contact(office: PlayedOffice) -> None:
    assert words(office, "L", "2026-11-23") == ("primo", "Primo.")
    assert words(office, "L", "2026-11-29") == ("segue", "Segue [23/11/2026 secondo]")


def test_one_installment_that_was_never_mentioned_is_enough(office: PlayedOffice) -> None:
    assert words(office, "G", "2026-11-23") == ("apre", "Apre.")
    joined = office.to("G", "2026-12-03")
    assert joined.note["installments"] == ["G-1", "G-2"]
    assert joined.subject == "primo"
    # Now both were in a message; the one of 23 November was about one of them only.
    assert words(office, "G", "2026-12-13") == ("segue", "Segue [03/12/2026 secondo]")


def test_the_stages_own_first_contact_comes_first(office: PlayedOffice) -> None:
    assert words(office, "D", "2026-11-23") == ("apre", "Apre.")


def test_a_reminder_before_the_due_date_is_no_earlier_message(office: PlayedOffice) -> None:
    # No words of its own for a first contact, so the neutral text that ships.
    assert "26/11/2026" in office.to("R", "2026-11-23").subject
    subject, greeting = words(office, "R", "2026-11-28")
    assert subject.startswith("Situazione dei pagamenti")
    assert greeting == "Spett.le Cliente R,"


def test_a_text_that_claims_is_not_published(office: PlayedOffice, tmp_path: Path) -> None:
    claiming = tmp_path / "it" / "vanto.toml"
    claiming.parent.mkdir()
    claiming.write_text('subject = "x"\ntext = "Come già sollecitato"\n', encoding="utf-8")
    checked = office.tries("templates", "check", str(claiming))
    assert checked.code == 1
    assert "“già sollecitat” speaks of an earlier message" in checked.err
    office.do("templates", "import", str(claiming), "--by", "admin")
    refused = office.tries("templates", "publish", "vanto", "--by", "admin")
    assert refused.code == 1
    assert "speaks of an earlier message" in refused.err


def test_a_first_contact_that_is_no_text_is_refused_and_a_known_one_is_kept(
    office: PlayedOffice,
) -> None:
    exported = office.do("iters", "export").out
    assert 'first_contact = "apre"' in exported
    wrong = office.folder / "wrong.toml"
    wrong.write_text(exported.replace('"apre"', '"aper"'), encoding="utf-8")
    refused = office.tries("iters", "import", "wrong.toml", "--on", DAYS[-1])
    assert refused.code != 0
    assert "first_contact" in refused.err
    assert "aper" in refused.err
