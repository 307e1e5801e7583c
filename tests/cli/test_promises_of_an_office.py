"""Promises and plans of an office through its commands, worked out by hand.

Due on Friday 2 October 2026, so the first letter leaves on 7 October (5 days later) and the call is
due on 12 October (5 days after it). Q1's second invoice was due on 5 October: its first letter is
for Saturday the 10th, so for Monday 12 October. V2's promise is for Friday 16 October: the bank has
Monday 19 to Wednesday 21, and it is broken on Thursday 22.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import inside, well

CONFIG = """
[hub]
timezone = "Europe/Rome"

[companies.acme]
name = "ACME Forniture S.r.l."
address = ["Via dell'Artigianato 21", "10148 Torino (TO)"]
iban = "IT60X0542811101000000123456"
email = "crediti@acme.example"
province = "TO"

[connectors.acme]
plugin = "csv"
clients = "clients.csv"
installments = "installments.csv"
read = "full"

[channels.room]
plugin = "folder"
media = ["email", "pec"]
folder = "outbox"
"""
ITER = """
[[iter]]
key = "bonifico"
label = "Mancato bonifico"
min_gap_days = 2
tolerance = "5.00"

[[iter.stage]]
key = "sollecito"
days = 5
working_days = true
channels = ["email"]
template = "primo_sollecito"

[[iter.stage]]
key = "telefonata"
anchor = "previous"
days = 5
working_days = true
action = "call"
"""
DEBTS = {
    "Q1-1": ("Q1", "2026-10-02", "1000.00"),
    "Q1-2": ("Q1", "2026-10-05", "5000.00"),
    "Q2-1": ("Q2", "2026-10-02", "700.00"),
    "Q7-1": ("Q7", "2026-10-02", "700.00"),
    "Q7-2": ("Q7", "2026-10-20", "900.00"),
    "V2-1": ("V2", "2026-10-02", "1000.00"),
}


class Played:
    """The office, played day by day."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "plugins.toml").write_text(CONFIG, encoding="utf-8")
        (folder / "iters.toml").write_text(ITER, encoding="utf-8")
        rows = ["code,name,email,pec,phone,zip,city,address"] + [
            f"{c},Cliente {c} S.r.l.,{c.lower()}@cliente.example,,+39 02 5550101,20121,Milano,Via 1"
            for c in ("Q1", "Q2", "Q7", "V2")
        ]
        (folder / "clients.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        self.owes()
        well(folder, "init")
        well(folder, "users", "add", "anna", "--name", "Anna", "--role", "credit_manager")
        well(folder, "users", "add", "luca", "--name", "Luca")
        well(folder, "iters", "import", "iters.toml", "--on", "2026-10-07")

    def owes(self, **residual: str) -> None:
        """The ledger as the ERP exports it; `Q1_1="0.00"` is paid."""
        rows = ["key,client,document_number,document_date,due_date,amount,residual,payment_method"]
        for key, (client, due, amount) in DEBTS.items():
            left = residual.get(key.replace("-", "_"), amount)
            rows.append(f"{key},{client},{client},2026-07-01,{due},{amount},{left},transfer")
        (self.folder / "installments.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")

    def run(self, day: str) -> None:
        well(self.folder, "run", "--on", day, "--really-send")

    def act(self, day: str, *words: str, by: str = "luca") -> str:
        return well(self.folder, "act", *words, "--by", by, "--on", day).out.strip()

    def rows(self, *words: str) -> list[dict[str, Any]]:
        return well(self.folder, *words, "--format", "json").rows()

    def steps(self, installment: str) -> list[tuple[str, str, str]]:
        """Stage, day and status of the steps about an installment, oldest first."""
        found = self.rows("steps", "--client", DEBTS[installment][0])
        return [
            (row["stage"], row["due_on"], row["status"])
            for row in found
            if installment in row["installments"]
        ]

    def promises(self, day: str, *words: str) -> list[tuple[str, str, str, int]]:
        """Client, amount, status, count of broken ones."""
        found = self.rows("promises", "--on", day, *words)
        return [(row["client"], row["amount"], row["status"], row["broken"]) for row in found]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """As it stands on 12 October: everybody has promised something."""
    office = Played(tmp_path_factory.mktemp("promises"))
    office.run("2026-10-07")
    promised = ("promise", "Q1", "--until", "2026-10-30", "--amount", "1000")
    office.act("2026-10-07", *promised, "--why", "paga F1")
    office.act("2026-10-07", "promise", "V2", "--until", "2026-10-16", "--method", "transfer")
    office.act("2026-10-08", "promise", "Q7", "--until", "2026-10-30")
    office.run("2026-10-12")
    return office


def test_a_promise_stops_what_was_promised_and_nothing_else(office: Played) -> None:
    """Q1 promised 1,000 of 6,000: the 5,000 go their own way."""
    assert office.steps("Q1-1") == [("sollecito", "2026-10-07", "counted")]
    assert office.steps("Q1-2") == [("sollecito", "2026-10-12", "counted")]
    (why,) = office.rows("explain", "Q1-1", "--on", "2026-10-12")
    (promise,) = [one for one in why["conditions"] if one["name"] == "promise"]
    # 30 October is a Friday; Monday 2 to Wednesday 4 November are the bank's.
    assert (promise["value"], promise["until"], promise["blocks"]) == (
        "2026-10-30",
        "2026-11-04",
        True,
    )


def test_a_plan_of_a_part_is_questioned(office: Played) -> None:
    words = ("act", "plan", "Q2", "--pay", "2026-10-30=100", "--by", "anna", "--on", "2026-10-12")
    refused = inside(office.folder, *words)
    assert (refused.code, refused.out, refused.has_traceback) == (1, "", False)
    assert refused.err == (
        "The payments come to 100.00 EUR, 700.00 EUR are owed: add the rest, or agree to this with "
        "`--confirm`.\n"
    )
    assert office.rows("agreements", "--client", "Q2") == []
    said = well(office.folder, *words, "--confirm").out
    assert said == "Plan of 1 payment, 100.00 EUR until 30 Oct 2026: client acme/Q2.\n"
    (plan,) = office.rows("agreements", "--client", "Q2")
    assert (plan["amount"], plan["residual"], plan["installments"]) == (
        "100.00",
        "700.00",
        ["Q2-1"],
    )


def test_what_falls_due_after_the_promise_goes_its_own_way(office: Played) -> None:
    """Q7's second invoice is due on 20 October: its letter leaves 5 days later, Monday the 26th."""
    for day in ("2026-10-16", "2026-10-17", "2026-10-19", "2026-10-21"):
        office.run(day)
    assert office.steps("V2-1") == [("sollecito", "2026-10-07", "counted")]
    assert office.promises("2026-10-21", "--due") == [("V2", "1000.00", "active", 0)]
    office.run("2026-10-22")
    assert office.steps("V2-1")[1:] == [
        ("telefonata", "2026-10-22", "ready"),
        ("promise_broken", "2026-10-22", "ready"),
    ]
    assert office.promises("2026-10-22", "--broken") == [("V2", "1000.00", "broken", 1)]
    (event,) = office.rows("journal", "--kind", "agreement.broken")
    assert (event["client"], event["facts"]["amount"]) == ("V2", "1000.00")
    (task,) = [row for row in office.rows("steps") if row["stage"] == "promise_broken"]
    assert (task["operator"], task["iter"], task["total"]) == ("luca", None, "1000.00")
    seen = well(office.folder, "show", "step", str(task["id"]), "--on", "2026-10-22").out
    assert seen.startswith(
        f"step:{task['id']} check of a broken promise, task, ready, 2026-10-22\n"
    )
    (shown,) = office.rows("show", "step", str(task["id"]), "--on", "2026-10-22")
    assert (shown["iter"], shown["total"], shown["credited"]) == ("", "1000.00", "0.00")
    (line,) = shown["installments"]
    assert (line["installment"], line["due_date"], line["residual"]) == (
        "V2-1",
        "2026-10-02",
        "1000.00",
    )
    stages = well(office.folder, "steps", "--client", "V2", "--columns", "stage").out
    assert "check of a broken promise" in stages
    assert "telefonata" in stages
    (why,) = office.rows("explain", "V2", "--on", "2026-10-22")
    assert "Finora il cliente non ha mantenuto 1 promessa." in why["remarks"]
    office.run("2026-10-26")
    assert office.steps("Q7-1") == [("sollecito", "2026-10-07", "counted")]
    assert office.steps("Q7-2") == [("sollecito", "2026-10-26", "counted")]


def test_a_kept_promise_leaves_the_list(office: Played) -> None:
    office.owes(Q1_1="0.00")
    office.run("2026-10-27")
    assert ("Q1", "1000.00", "active", 0) not in office.promises("2026-10-27")
    assert ("Q1", "1000.00", "kept", 0) in office.promises("2026-10-27", "--all")


def test_a_promise_made_again_is_a_renewal(office: Played) -> None:
    office.act("2026-10-27", "promise", "V2", "--until", "2026-11-06")
    assert office.promises("2026-10-27", "--client", "V2") == [("V2", "1000.00", "active", 1)]
    (_, again) = office.rows("agreements", "--client", "V2")
    assert (again["renewal"], again["renews"]) == (1, 2)
    (task,) = [row for row in office.rows("steps") if row["stage"] == "promise_broken"]
    assert task["status"] == "counted"


def test_a_review_of_parked_cases_is_shown_like_any_step(office: Played) -> None:
    words = ("park", "Q2", "--into", "legal", "--review", "2026-11-20", "--confirm")
    office.act("2026-10-27", *words, "--why", "non risponde", by="anna")
    (task,) = [row for row in office.rows("steps") if row["stage"] == "park_review"]
    (shown,) = office.rows("show", "step", str(task["id"]), "--on", "2026-10-27")
    assert (shown["action"], shown["total"], shown["due_on"]) == ("task", "700.00", "2026-11-20")
    assert [line["installment"] for line in shown["installments"]] == ["Q2-1"]


def test_payments_in_parts_and_agreements_in_the_history_of_a_client(office: Played) -> None:
    """Q2 owes 700 and pays 300, then the 400 that are left; V2 promises again."""
    office.act("2026-10-27", "promise", "V2", "--until", "2026-11-10", "--method", "cheque")
    office.owes(Q1_1="0.00", Q2_1="400.00")
    office.run("2026-10-28")
    office.owes(Q1_1="0.00", Q2_1="0.00")
    office.run("2026-10-29")
    told = well(office.folder, "history", "Q2", "--on", "2026-10-29").out
    assert "28 Oct 2026 Invoice Q2 paid in part, 300.00 EUR, 400.00 EUR left\n" in told
    assert "29 Oct 2026 Invoice Q2 paid, 400.00 EUR\n" in told
    assert told.count(" paid, ") == 1
    assert "Parked in legal, review on 20 Nov 2026 (Anna): non risponde" in told
    again = well(office.folder, "history", "V2", "--on", "2026-10-29").out
    assert "27 Oct 2026 Superseded: promise, new agreement: promise (Luca)\n" in again
    assert "Promise of 1,000.00 EUR by 10 Nov 2026, cheque, invoice V2 (Luca)\n" in again
    statuses = [one["status"] for one in office.rows("agreements", "--client", "V2")]
    assert statuses == ["broken", "superseded", "active"]
    # The file numbers no installments: both of Q1's are 1, so their keys tell them apart.
    whole = well(office.folder, "history", "Q1", "--on", "2026-10-29").out
    assert "27 Oct 2026 Invoice Q1 (Q1-1) paid, 1,000.00 EUR\n" in whole
