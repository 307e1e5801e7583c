"""Killed while it collects, around the commit of a page: nothing lost, nothing taken in twice."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from incasso.domain.office.actor import CLOCK
from incasso.services.hub.hub import build_hub
from incasso.services.proof.verify import verify_store
from incasso.services.sending.dispatch import dispatch
from incasso.store.engine import Store
from incasso.store.tables import proof, sending
from incasso.store.tables.replies import replies
from tests.channels.bounced import standard, status
from tests.channels.servers import ImapServer, Received, SmtpServer
from tests.inbox.kill_worker import PAGE_BYTES
from tests.inbox.mails import mail
from tests.killing import victim
from tests.sending.office import Office
from tests.sending.test_kill import trust, write_config

pytestmark = [pytest.mark.kill, pytest.mark.slow]

CHANNEL = """plugin = "smtp"
media = ["email"]
host = "127.0.0.1"
port = {smtp}
security = "none"
sender = "Ufficio crediti <crediti@acme.example.it>"
imap_host = "127.0.0.1"
imap_port = {imap}
imap_security = "none"
imap_user = "crediti"
imap_password = {{ file = "imap-password" }}
"""

POINTS = [
    # the point, how often it is passed, and what of the three mails is stored by then
    ("kept", 2, 0),
    ("written", 1, 0),
    ("journaled", 1, 0),
    ("committed", 1, 2),
    ("written", 2, 2),
    ("committed", 2, 3),
]


EVENTS = sending.delivery_events


def test_at_every_point(store: Store, hub_url: str, tmp_path: Path) -> None:
    on = datetime.now(UTC).date()
    office = Office(store, {}, tmp_path)
    with SmtpServer(reports=True) as smtp, ImapServer() as imap:
        config = write_config(tmp_path, hub_url, CHANNEL.format(smtp=smtp.port, imap=imap.port))
        (tmp_path / "imap-password").touch(0o600)
        (tmp_path / "imap-password").write_text(imap.password)
        trust(office)
        office.many_steps(3 * len(POINTS), on)
        with build_hub(config) as hub:
            dispatch(hub, CLOCK, on)
        sent = iter(smtp.messages)
        with victim("tests.inbox.kill_worker", config, on) as process:
            process.run()  # the first one works in the victim itself
            for point, number, stored in POINTS:
                told, before = (point, number), taken_in(office)
                come_in(imap, smtp, next(sent), next(sent), next(sent))
                killed, _ = process.run(number, point)
                assert killed, told
                assert taken_in(office) - before == stored, told
                process.run()
                assert taken_in(office) - before == 3, told
    assert_each_once(office, len(POINTS))
    assert verify_store(store).problems == ()


def come_in(
    imap: ImapServer, smtp: SmtpServer, answered: Received, lost: Received, absent: Received
) -> None:
    """An answer and a bounce, which are one page, and an absence, which is the next."""
    answer = mail("Pago domani.\n", {"In-Reply-To": name_of(answered)})
    [envelope] = (each for each in smtp.asked if f"hub.{lost.delivery}." in each)
    failed = status(to=lost.recipients[0])
    bounce = standard(failed, original=lost.content).replace(
        b"Reporting-MTA:", b"Original-Envelope-Id: " + envelope[6:].encode() + b"\r\nReporting-MTA:"
    )
    assert len(answer) < PAGE_BYTES < len(answer + bounce)
    imap.deliver(answer)
    imap.deliver(bounce)
    away = {"In-Reply-To": name_of(absent), "Auto-Submitted": "auto-replied"}
    imap.deliver(mail("Torno lunedì.\n", away))


def name_of(sent: Received) -> str:
    return str(sent.parsed()["Message-ID"])


def taken_in(office: Office) -> int:
    """News and replies that are stored."""
    with office.store.read() as connection:
        counts = (sa.select(sa.func.count()).select_from(t) for t in (replies, EVENTS))
        return sum(connection.execute(each).scalar_one() for each in counts)


def assert_each_once(office: Office, rounds: int) -> None:
    """Every mail has one row, one event and one file; every bounce is believed once."""
    with office.store.read() as connection:
        kinds = connection.scalars(sa.select(replies.c.kind)).all()
        of_ours = connection.scalars(sa.select(replies.c.delivery_id)).all()
        news = connection.scalars(sa.select(EVENTS.c.delivery_id)).all()
        told = connection.scalars(sa.select(proof.journal.c.kind)).all()
    assert sorted(kinds) == ["automatic"] * rounds + ["reply"] * rounds
    assert len({*of_ours, *news} - {None}) == 3 * rounds
    assert told.count("message.received") == 2 * rounds
    assert told.count("delivery.bounced") == rounds
    bounced = [each.id for each in office.deliveries() if each.status == "bounced"]
    assert sorted(bounced) == sorted(news)
