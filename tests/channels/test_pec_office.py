"""An office that sends certified mail, by its real commands, through a provider with every fate."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from incasso.plugins.handles import ChannelHandle
from incasso.testing.pec import Fate, Kind, PecAuthority, PecServer, receipt
from tests.channels.servers import ImapServer
from tests.cli.command import Ended, inside
from tests.cli.test_jobs import jobs, never, wait_for, worker
from tests.sending.played import CONFIG, PlayedOffice

DAY = "2026-11-23"
ITERS = """
[[iter]]
key = "ordinario"
[[iter.stage]]
key = "diffida"
label = "Diffida"
days = 5
channels = ["pec", "letter"]
template = "ultimo_avviso"
advance_on = "delivered"
proof_days = 3
otherwise = "fallback"
"""
PEC = """
[channels.pec]
plugin = "pec"
media = ["pec"]
mailbox = "Ufficio crediti <crediti@pec.acme.example>"
user = "{user}"
password = {{ file = "pec-password" }}
host = "127.0.0.1"
port = {smtp}
security = "none"
imap_host = "127.0.0.1"
imap_port = {imap}
imap_security = "none"
trust_file = "trust.toml"
"""


class PecOffice(PlayedOffice):
    """An office whose certified mail goes to a provider; letters are written into a folder."""

    def __init__(self, folder: Path, clients: Mapping[str, str]) -> None:
        """`clients`: the certified address of each."""
        super().__init__(folder, ITERS, config=CONFIG.replace('"pec", ', ""))
        self.ledger(
            [
                {
                    "code": code,
                    "name": f"Ditta {code}",
                    "pec": address,
                    "address": "Via Po 2",
                    "zip": "10121",
                    "city": "Torino",
                }
                for code, address in clients.items()
            ],
            [
                {
                    "key": f"R{code}",
                    "client": code,
                    "document_number": f"{code}/26",
                    "document_date": "2026-09-10",
                    "due_date": "2026-11-10",
                    "amount": "100.00",
                    "residual": "100.00",
                    "currency": "EUR",
                    "payment_method": "transfer",
                }
                for code in clients
            ],
        )

    def use(self, server: PecServer, more: str = "") -> None:
        """Let the mail leave through that provider, and trust its authority."""
        secret = self.folder / "pec-password"
        secret.touch(0o600)
        secret.write_text(server.mailbox.password, "utf-8")
        listed = server.authority.trust_list(datetime.now(UTC).date())
        (self.folder / "trust.toml").write_text(listed, "utf-8")
        given = PEC.format(
            user=server.mailbox.user, smtp=server.smtp_port, imap=server.mailbox.port
        )
        config = CONFIG.replace('"pec", ', "") + given + more
        (self.folder / "plugins.toml").write_text(config, "utf-8")

    def leaves(self, on: str) -> Ended:
        """The ledger is read and planned, and what is due leaves."""
        self.do("sync", "--on", on)
        self.do("plan", "--on", on)
        return self.tries("dispatch", "--on", on, "--really-send")

    def status(self) -> dict[str, list[tuple[str, str]]]:
        """By client: every medium and what became of it."""
        found: dict[str, list[tuple[str, str]]] = {}
        for row in self.do("deliveries", "--format", "json").rows():
            found.setdefault(row["client"], []).append((row["medium"], row["status"]))
        return {client: sorted(told, reverse=True) for client, told in found.items()}


@pytest.fixture(scope="module")
def imap() -> Iterator[ImapServer]:
    with ImapServer() as imap:
        yield imap


@pytest.fixture
def server(imap: ImapServer) -> Iterator[PecServer]:
    imap.empty()
    with PecServer(imap) as server:
        yield server


FATES = {
    "C1": Fate.DELIVERED,
    "C2": Fate.UNKNOWN,
    "C3": Fate.FULL,
    "C4": Fate.ORDINARY,
    "C5": Fate.EXPIRED,
    "C6": Fate.SILENT,
}


def open_office(folder: Path, server: PecServer, fates: Mapping[str, Fate]) -> PecOffice:
    clients = {code: f"{code.lower()}@pec.debtor.example" for code in fates}
    for code, fate in fates.items():
        server.provider.fate(clients[code], fate)
    office = PecOffice(folder, clients)
    office.use(server)
    office.open(DAY)
    return office


def test_a_case_escalates_by_what_was_delivered(tmp_path: Path, server: PecServer) -> None:
    """Not delivered, full, no certified mailbox: the next medium leaves on the same day."""
    office = open_office(tmp_path / "office", server, FATES)
    assert "Test CA1" in office.do("check", "pec").out
    assert office.leaves(DAY).code == 0
    assert {told[0] for told in office.status().values()} == {("pec", "accepted")}
    collected = office.do("collect", "--on", DAY)
    assert not collected.err, collected
    assert office.status() == {
        "C1": [("pec", "delivered")],
        "C2": [("pec", "bounced")],
        "C3": [("pec", "bounced")],
        "C4": [("pec", "bounced")],
        "C5": [("pec", "bounced")],
        "C6": [("pec", "accepted")],
    }
    told = " ".join(office.do("explain", "C4", "--on", DAY).out.split())
    assert "The message did not arrive, so its stage does not count" in told
    assert "certified mail (PEC) reached nobody: the address is no certified mailbox" in told
    told = inside(office.folder, "explain", "C3", "--on", DAY, language="it").out
    assert "la casella del destinatario è piena" in " ".join(told.split())
    office.leaves(DAY)
    assert [each.client for each in office.sent(DAY)] == ["C2", "C3", "C4", "C5"]
    assert {each.note["medium"] for each in office.sent(DAY)} == {"letter"}
    wrong = office.do("bad-addresses", "--format", "json").rows()
    assert sorted(each["address"][:2] for each in wrong) == ["c2", "c4"], "full is not wrong"
    cases = office.do("cases", "--format", "json").rows()
    assert {each["client"]: each["stage"] for each in cases}["C1"] == "diffida"
    assert "no certified mailbox" in office.do("history", "C4").out
    assert office.do("verify").code == 0


def test_a_message_that_no_receipt_confirms_is_told_once(
    tmp_path: Path, server: PecServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = open_office(tmp_path / "office", server, {"C1": Fate.DELIVERED})
    server.provider.held = True
    office.leaves(DAY)
    assert not office.do("collect", "--on", DAY).err, "a receipt may take some minutes"
    # The clock cannot be turned, so the patience is.
    monkeypatch.setattr(ChannelHandle, "acknowledges_within", timedelta(0))
    said = "not confirmed within 0 minutes"
    assert said in office.do("collect", "--on", DAY).err
    assert said not in office.do("collect", "--on", DAY).err, "once"
    assert said in office.do("check", "pec", "--on", DAY).err
    assert said in office.do("history", "C1").out
    [step] = office.do("steps", "--format", "json").rows()
    assert "confermato" in step["reason"]
    server.provider.release()
    office.do("collect", "--on", DAY)
    assert office.status() == {"C1": [("pec", "delivered")]}
    assert said not in office.do("check", "pec", "--on", DAY).err
    [step] = office.do("steps", "--format", "json").rows()
    assert step["reason"] == "" and step["status"] == "counted"
    assert office.do("verify").code == 0


def test_the_proof_can_be_taken_out_and_is_the_mail_itself(
    tmp_path: Path, server: PecServer, imap: ImapServer
) -> None:
    office = open_office(tmp_path / "office", server, {"C1": Fate.DELIVERED})
    office.leaves(DAY)
    office.do("collect", "--on", DAY)
    [row] = office.do("deliveries", "--format", "json").rows()
    shown = inside(office.folder, "show", "delivery", row["id"], "--save", "proof", language="it")
    assert "accettato dal nostro gestore; accettazione di TEST PEC" in " ".join(shown.out.split())
    saved = {each.read_bytes() for each in (office.folder / "proof").glob("*receipt*")}
    with imap.client() as client:
        client.select_folder("INBOX", readonly=True)
        found = client.fetch(client.search(), ["BODY.PEEK[]"])
    assert saved == {each[b"BODY[]"] for each in found.values()} and len(saved) == 2


def test_what_is_not_proven_changes_nothing_and_is_shown(
    tmp_path: Path, server: PecServer, imap: ImapServer
) -> None:
    """A forged delivery is a note, a forged failure waits for a person; both are told why."""
    office = open_office(tmp_path / "office", server, {"C1": Fate.SILENT})
    office.leaves(DAY)
    [taken] = server.provider.taken
    stranger = PecAuthority(number=3).signer()
    for kind in (Kind.DELIVERY, Kind.NON_DELIVERY):
        imap.deliver(receipt(kind, taken, stranger, at=taken.at + timedelta(minutes=1)))
    assert "waits for a person" in office.do("collect", "--on", DAY).err
    assert office.status() == {"C1": [("pec", "accepted")]}
    news = office.do("delivery-news", "--format", "json").rows()
    assert [each["trust"] for each in news if "non provat" in each["note"]] == ["unknown"] * 2
    assert office.do("verify").code == 0


def test_a_receipt_of_another_recipient_is_none_of_this_message(
    tmp_path: Path, server: PecServer, imap: ImapServer
) -> None:
    """Signed by the provider and under our number, and it names somebody else."""
    office = open_office(tmp_path / "office", server, {"C1": Fate.SILENT})
    office.leaves(DAY)
    [taken] = server.provider.taken
    other = "altro@pec.debtor.example"
    at = taken.at + timedelta(minutes=1)
    imap.deliver(receipt(Kind.DELIVERY, taken, server.provider.signer, at=at, recipient=other))
    office.do("collect", "--on", DAY)
    assert office.status() == {"C1": [("pec", "accepted")]}


def test_the_line_that_breaks_after_the_message_is_settled_by_the_receipt(
    tmp_path: Path, server: PecServer
) -> None:
    """Nobody answered, everything had arrived: found at once, never sent again."""
    office = open_office(tmp_path / "office", server, {"C1": Fate.DELIVERED})
    server.hang_up = True
    assert office.leaves(DAY).code == 0
    assert office.status() == {"C1": [("pec", "accepted")]}
    office.do("collect", "--on", DAY)
    office.leaves(DAY)
    assert office.status() == {"C1": [("pec", "delivered")]}
    assert len(server.provider.taken) == 1


def test_a_doubtful_message_is_settled_when_its_receipt_comes_late(
    tmp_path: Path, server: PecServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("incasso_pec.searching.TIMES", 0)
    office = open_office(tmp_path / "office", server, {"C1": Fate.DELIVERED})
    server.hang_up = server.provider.held = True
    doubtful = office.leaves(DAY)
    assert doubtful.code == 1 and "uncertain" in doubtful.err
    assert office.tries("dispatch", "--on", DAY, "--really-send").code in (0, 1)
    assert office.status() == {"C1": [("pec", "uncertain")]}
    server.provider.release()
    office.do("collect", "--on", DAY)
    assert office.status() == {"C1": [("pec", "delivered")]}
    assert len(server.provider.taken) == 1
    assert office.do("verify").code == 0


def test_a_throttle_holds_the_mailbox_and_marks_nobody(tmp_path: Path, server: PecServer) -> None:
    from incasso.testing.pec.server import TOO_FAST

    office = open_office(tmp_path / "office", server, {"C1": Fate.DELIVERED, "C2": Fate.DELIVERED})
    server.refuse = TOO_FAST
    office.leaves(DAY)
    assert {told for each in office.status().values() for told in each} == {("pec", "queued")}
    assert office.do("bad-addresses", "--format", "json").rows() == []


def test_the_daily_run_says_that_the_password_ends(tmp_path: Path, server: PecServer) -> None:
    office = open_office(tmp_path / "office", server, {"C1": Fate.DELIVERED})
    ends = date.fromisoformat(DAY) + timedelta(days=10)
    office.use(server, f"password_expires = {ends}\n")
    ran = office.do("run", "--on", DAY, "--really-send")
    assert "the password of crediti@pec.acme.example ends on 03 Dec 2026" in ran.err, ran
    told = office.do("collect", "--on", DAY, "--format", "json").rows()
    assert told[0]["warnings"] == {
        "pec": ["la password di crediti@pec.acme.example scade il 03/12/2026"]
    }, "the office reads it in its own language"


def test_a_worker_collects_a_receipt_as_soon_as_it_comes(tmp_path: Path, server: PecServer) -> None:
    """No schedule asks for it: the mailbox itself does. A stopped worker ends in order."""
    server.provider.held = True
    office = open_office(tmp_path / "office", server, {"C1": Fate.DELIVERED})
    office.leaves(DAY)
    assert office.status() == {"C1": [("pec", "accepted")]}
    never(office.folder, f"sqlite:///{office.folder / 'incasso.db'}")
    with worker(office.folder) as process:
        # The first job is for what came before the worker did.
        wait_for(lambda: len(jobs(office.folder, "--state", "done")) == 2)
        assert server.provider.release() == 2
        wait_for(lambda: office.status() == {"C1": [("pec", "delivered")]})
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert {(each["task"], each["about"]) for each in jobs(office.folder)} == {
        ("cycle", "collect"),
        ("collect", "pec"),
    }
