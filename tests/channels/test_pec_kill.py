"""Certified mail, killed before, during and after it is sent: never twice, settled by receipts."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from incasso.contract.media import Medium
from incasso.services.proof.verify import verify_store
from incasso.store.engine import Store
from incasso.store.proof.hub_key import HubKey
from incasso.testing.pec import PecServer
from tests.channels.servers import ImapServer
from tests.killing import victim
from tests.sending.office import NOTICE, Office
from tests.sending.test_kill import live, one_live_delivery_per_step, trust, write_config

pytestmark = [pytest.mark.kill, pytest.mark.slow]

STEPS = 4
BY_PEC = msgspec.structs.replace(NOTICE, channels=(Medium.PEC,))

TABLE = """plugin = "pec"
media = ["pec"]
mailbox = "crediti@pec.acme.example"
user = "{user}"
password = {{ file = "pec-password" }}
host = "127.0.0.1"
port = {smtp}
security = "none"
imap_host = "127.0.0.1"
imap_port = {imap}
imap_security = "none"
trust_file = "trust.toml"

[companies.acme]
name = "Acme S.p.A."
iban = "IT60X0542811101000000123456"
"""

POINTS = [
    # the point, how often it is passed, messages that arrived in all, of these or others in doubt
    ("marked", 1, STEPS, 0),
    ("begun", 2, STEPS - 1, 1),
    ("handed over", 2, STEPS, 0),
    ("noted", 2, STEPS, 0),
    ("committed", 2, STEPS, 0),
]
"""Only a message that began and did not leave stays in doubt: nothing can prove that it did not."""


@pytest.fixture
def server() -> Iterator[PecServer]:
    with ImapServer() as imap, PecServer(imap) as server:
        yield server


def test_at_every_point(store: Store, hub_url: str, tmp_path: Path, server: PecServer) -> None:
    on = datetime.now(UTC).date()
    make_key(tmp_path)
    office = Office(store, {}, tmp_path)
    config = write_config(tmp_path, hub_url, table(server, tmp_path))
    trust(office)
    with victim("tests.sending.kill_worker", config, on) as process:
        process.run()  # the first one works in the victim itself
        for point, number, arrived, doubts in POINTS:
            told = (point, number)
            before, known = len(server.provider.taken), doubtful(office)
            for _ in range(STEPS):
                office.step(stage=BY_PEC, due_on=on)
            killed, _ = process.run(number, point)
            assert killed, told
            process.run()
            assert len(server.provider.taken) - before == arrived, told
            assert len(doubtful(office) - known) == doubts, told
    everything = Counter(each.message_id for each in server.provider.taken)
    assert set(everything.values()) == {1}, "no debtor hears twice"
    rows = live(office)
    assert {row.status for row in rows} == {"accepted", "uncertain"}
    sent = {f"<hub.{row.id}@pec.acme.example>" for row in rows if row.status == "accepted"}
    assert sent == everything.keys()
    assert one_live_delivery_per_step(rows)
    assert verify_store(store).problems == ()


def test_while_the_provider_thinks(
    store: Store, hub_url: str, tmp_path: Path, server: PecServer
) -> None:
    """The message is with the provider, its answer is not with us: the receipt tells."""
    on = datetime.now(UTC).date()
    make_key(tmp_path)
    office = Office(store, {}, tmp_path)
    config = write_config(tmp_path, hub_url, table(server, tmp_path))
    trust(office)
    with victim("tests.sending.kill_worker", config, on) as process:
        process.run()
        office.step(stage=BY_PEC, due_on=on)
        server.slow_s = 25.0
        killed, _ = process.run(kill_after=12.0)
        assert killed and len(server.provider.taken) == 1
        [before] = live(office)
        assert before.status == "sending"
        server.slow_s = 0.0
        process.run()
    [row] = live(office)
    assert row.status == "accepted" and len(server.provider.taken) == 1
    assert verify_store(store).problems == ()


def make_key(folder: Path) -> None:
    """The hub's key, as `incasso init` makes it: what a channel remembers is encrypted by it."""
    before = os.umask(0o077)
    assert HubKey(folder / "incasso.key").create()
    os.umask(before)


def table(server: PecServer, folder: Path) -> str:
    """The channel's table, with its secret and its trust list beside it."""
    secret = folder / "pec-password"
    secret.touch(0o600)
    secret.write_text(server.mailbox.password, "utf-8")
    listed = server.authority.trust_list(datetime.now(UTC).date())
    (folder / "trust.toml").write_text(listed, "utf-8")
    return TABLE.format(user=server.mailbox.user, smtp=server.smtp_port, imap=server.mailbox.port)


def doubtful(office: Office) -> set[str]:
    return {row.id for row in live(office) if row.status == "uncertain"}
