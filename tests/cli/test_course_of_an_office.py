"""Two months of an office through its commands: extended, put off, rejected, at the lawyers.

Everything fell due on Friday 2 October 2026. By hand, from the iter: first letter 7 October, call
12 October, last notice 19 October (to approve, by PEC), lawyers 29 October (to approve).
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
counts_as_delivered = true
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

[[iter.stage]]
key = "diffida"
anchor = "previous"
days = 7
working_days = true
channels = ["pec"]
template = "ultimo_avviso"
mode = "approve"
advance_on = "delivered"

[[iter.stage]]
key = "legale"
anchor = "previous"
days = 10
working_days = true
action = "park"
container = "legal"
mode = "approve"
"""
CLIENTS = ("Q3", "Q6", "U1", "N10")
"""Extended; at the lawyers; rejected; put off in the ERP."""


class Played:
    """The office, played day by day."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "plugins.toml").write_text(CONFIG, encoding="utf-8")
        (folder / "iters.toml").write_text(ITER, encoding="utf-8")
        head = "code,name,email,pec,phone,zip,city,address\n"
        rows = (
            f"{c},Cliente {c} S.r.l.,{c.lower()}@cliente.example,{c.lower()}@pec.example,"
            "+39 02 5550101,20121,Milano,Via Roma 1\n"
            for c in CLIENTS
        )
        (folder / "clients.csv").write_text(head + "".join(rows), encoding="utf-8")
        self.owes()
        well(folder, "init")
        well(folder, "users", "add", "anna", "--name", "Anna", "--role", "credit_manager")
        well(folder, "iters", "import", "iters.toml", "--on", "2026-10-07")

    def owes(self, **put_off: str) -> None:
        """The ledger as the ERP exports it."""
        head = "key,client,document_number,document_date,due_date,amount,residual,payment_method\n"
        rows = (
            f"{c}-1,{c},{c},2026-07-01,{put_off.get(c, '2026-10-02')},700.00,700.00,transfer\n"
            for c in CLIENTS
        )
        (self.folder / "installments.csv").write_text(head + "".join(rows), encoding="utf-8")

    def run(self, day: str) -> None:
        well(self.folder, "run", "--on", day, "--really-send")

    def act(self, day: str, *words: str) -> str:
        return well(self.folder, "act", *words, "--by", "anna", "--on", day).out.strip()

    def refused(self, day: str, *words: str) -> str:
        ended = inside(self.folder, "act", *words, "--by", "anna", "--on", day)
        assert (ended.code, ended.out, ended.has_traceback) == (1, "", False)
        return ended.err.strip()

    def steps(self, client: str) -> list[tuple[str, str, str]]:
        """Stage, day and status, oldest first."""
        rows = well(self.folder, "steps", "--client", client, "--format", "json").rows()
        return [(row["stage"], row["due_on"], row["status"]) for row in rows]

    def last(self, client: str) -> str:
        """The newest step, as it is typed."""
        rows = well(self.folder, "steps", "--client", client, "--format", "json").rows()
        return f"step:{rows[-1]['id']}"

    def case(self, client: str) -> dict[str, Any]:
        rows = well(self.folder, "cases", "--client", client, "--format", "json").rows()
        return next(row for row in rows if row["state"] != "closed")

    def explained(self, client: str, day: str) -> str:
        return well(self.folder, "explain", client, "--on", day).out


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """As it stands on 19 October: the last notices of Q6 and U1 wait for approval."""
    office = Played(tmp_path_factory.mktemp("office"))
    office.run("2026-10-07")
    office.act("2026-10-08", "extend", "Q3-1", "--to", "2026-11-30", "--why", "proroga scritta")
    shown = office.case("Q3")
    assert (shown["blocked_by"], shown["next_due_on"]) == ("extension", "2026-12-01")
    office.owes(N10="2026-11-30")
    office.run("2026-10-12")
    for client in ("Q6", "U1"):
        assert office.steps(client)[-1] == ("telefonata", "2026-10-12", "ready")
        office.act("2026-10-12", "done", office.last(client), "--outcome", "non paga")
    office.run("2026-10-19")
    return office


@pytest.fixture(scope="module")
def rejected(office: Played) -> Played:
    """U1's notice was rejected on 19 October and asked again on the 26th."""
    proposed = office.last("U1")
    said = office.act(
        "2026-10-19", "reject", proposed, "--why", "aspettiamo", "--until", "2026-10-26"
    )
    assert said == f"Rejected, asked again on 26 Oct 2026: {proposed}."
    for day in ("2026-10-22", "2026-10-26"):
        office.run(day)
    return office


def test_a_rejected_notice_is_asked_again_and_the_lawyers_do_not_come_instead(
    rejected: Played,
) -> None:
    assert rejected.steps("U1")[2:] == [
        ("diffida", "2026-10-19", "cancelled"),
        ("diffida", "2026-10-26", "proposed"),
    ]
    # More time withdraws what waits for approval.
    rejected.act("2026-10-26", "extend", "U1", "--to", "2026-12-15", "--why", "ultima proroga")
    assert rejected.steps("U1")[-1] == ("diffida", "2026-10-26", "cancelled")
    assert rejected.case("U1")["blocked_by"] == "extension"


def test_out_of_legal_only_by_confirmation_and_never_to_a_milder_text(rejected: Played) -> None:
    office = rejected
    office.act("2026-10-26", "approve", office.last("Q6"))
    # It leaves on the 27th; the next run hears that it was delivered on the 28th. Ten days later
    # is a Saturday, so Monday 9 November.
    for day in ("2026-10-27", "2026-10-28", "2026-11-07"):
        office.run(day)
    assert office.steps("Q6")[2:] == [("diffida", "2026-10-19", "counted")]
    office.run("2026-11-09")
    assert office.steps("Q6")[3:] == [("legale", "2026-11-09", "proposed")]
    office.act("2026-11-09", "approve", office.last("Q6"))
    office.run("2026-11-10")
    parked = office.case("Q6")
    assert (parked["state"], parked["container"]) == ("parked", "legal")
    named = f"case:{parked['id']} is with the lawyers: `--confirm` takes it out of there."
    move = ("iter", "Q6", "bonifico", "--why", "riprova", "--move")
    for words in (move, ("release", "Q6"), ("park", "Q6", "--into", "cod", "--why", "x")):
        assert named in office.refused("2026-11-10", *words)
    office.run("2026-11-11")
    assert len(office.steps("Q6")) == 4
    office.act("2026-11-11", *move, "--confirm")
    for day in ("2026-11-11", "2026-11-12"):
        office.run(day)
    # Two days after it was handed over, to be approved again, and no letter before that.
    assert office.steps("Q6")[4:] == [("legale", "2026-11-12", "proposed")]


def test_nothing_leaves_before_a_date_that_was_extended_or_put_off(office: Played) -> None:
    for day in ("2026-11-16", "2026-11-30"):
        office.run(day)
    first = ("sollecito", "2026-10-07", "counted")
    for client in ("Q3", "N10"):
        assert office.steps(client) == [first]
    said = office.explained("Q3", "2026-11-30")
    assert "Stands still: extended; looked at again on 01 Dec 2026." in said
    assert "Extended to 30 Nov 2026: until then nothing but a reminder leaves." in said
    said = office.explained("N10", "2026-11-30")
    assert "Due on 30 Nov 2026, as the ERP says: until then nothing but a reminder leaves." in said
    office.run("2026-12-01")
    for client in ("Q3", "N10"):
        assert office.steps(client) == [first, ("telefonata", "2026-12-01", "ready")]
