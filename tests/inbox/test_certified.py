"""A certified answer: threaded by the name that the provider gave our message, beside receipts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from incasso.testing.pec import Fate, PecServer, Taken, envelope
from tests.channels.servers import ImapServer
from tests.channels.test_pec_office import DAY, open_office
from tests.inbox.mails import mail

LAWYER = "avvocato.neri@pec.legal.example"


@pytest.fixture(scope="module")
def imap() -> Iterator[ImapServer]:
    with ImapServer() as imap:
        yield imap


def answer_to(taken: Taken) -> bytes:
    """What a lawyer wrote: it quotes the name that the provider gave, the only one they saw."""
    return mail(
        "Contesto integralmente la fattura.\n",
        {
            "From": f"Avv. Neri <{LAWYER}>",
            "Subject": "R: Diffida",
            "In-Reply-To": f"<test.{taken.number}.1@provider.example>",
            "Message-ID": "<opec2931.20261123101500@legal.example>",
        },
    )


@pytest.mark.parametrize("reply", ["after", "before", "collected before"])
def test_an_answer_in_an_envelope_and_the_receipts_beside_it(
    tmp_path: Path, imap: ImapServer, reply: str
) -> None:
    imap.empty()
    with PecServer(imap) as server:
        office = open_office(tmp_path / "office", server, {"C1": Fate.DELIVERED})
        server.provider.held = True
        server.provider.doubled = True
        assert office.leaves(DAY).code == 0
        [taken] = server.provider.taken
        at = taken.at + timedelta(minutes=5)
        to, by = taken.sender, server.provider.signer
        raw = envelope(answer_to(taken), by, to=to, sender=LAWYER, at=at)
        if reply != "after":
            imap.deliver(raw)
        if reply == "collected before":
            office.do("collect", "--on", DAY)
            [unknown] = office.do("inbox", "--unknown", "--format", "json").rows()
            assert (unknown["sender"], unknown["client"]) == (LAWYER, None)
        server.provider.release()
        if reply == "after":
            imap.deliver(raw)
        office.do("collect", "--on", DAY)
    assert office.status() == {"C1": [("pec", "delivered")]}
    [step] = office.do("steps", "--format", "json").rows()
    assert step["status"] == "counted"
    [sent] = office.do("deliveries", "--format", "json").rows()
    [row] = office.do("inbox", "--format", "json").rows()
    assert (row["delivery"], row["step"], row["client"]) == (sent["id"], step["id"], "C1")
    assert (row["sender"], row["state"]) == (LAWYER, "new")
    assert row["preview"] == "Contesto integralmente la fattura."
    office.do("show", "reply", str(row["id"]), "--save", "saved")
    assert (office.folder / "saved" / f"reply-{row['id']}.eml").read_bytes() == raw
    assert office.do("verify").code == 0
