"""Graph and modern sign-in, killed while they sign in and while they send: never a second copy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from typing import Final

import pytest

from incasso.services.proof.verify import verify_store
from incasso.store.engine import Store
from incasso.testing.signin import Directory, SignInServer, SignInSmtp
from tests.channels.signing import MAILBOX
from tests.channels.test_pec_kill import doubtful, make_key
from tests.killing import victim
from tests.sending.office import Office
from tests.sending.test_kill import live, one_live_delivery_per_step, trust, write_config

pytestmark = [pytest.mark.kill, pytest.mark.slow]

Point = tuple[str, int, int, int]
"""The point, how often it is passed, messages that left, messages in doubt in the end."""

# Three requests: about the tenant, for a token, and the message. Before them each message that is
# still in doubt is looked up, with the same token.
BY_GRAPH: Final[list[Point]] = [
    ("marked", 1, 1, 0),
    ("asked", 3, 1, 0),  # found among sent mail
    ("handed over", 1, 1, 0),
    ("committed", 1, 1, 0),
    ("asking", 2, 0, 1),
    ("asking", 4, 0, 1),
    ("begun", 1, 0, 1),
]
BY_RELAY: Final[list[Point]] = [
    ("marked", 1, 1, 0),
    ("asking", 2, 0, 1),
    ("asked", 2, 0, 1),
    ("handed over", 1, 1, 1),  # a relay cannot be asked
    ("noted", 1, 1, 0),
]
GRAPH = 'plugin = "graph"\nmedia = ["email"]\napi = "{url}/v1.0"\nca_file = "{ca}"\n'
RELAY = (
    'plugin = "smtp"\nmedia = ["email"]\nhost = "{host}"\nport = {port}\nsecurity = "none"\n'
    f'user = "{MAILBOX}"\n'
)
SIGN_IN = """sender = "{mailbox}"
allow_private_addresses = true

[channels.out.sign_in]
with = "microsoft"
tenant = "{tenant}"
client = "{client}"
secret = {{ file = "client-secret" }}
server = "{url}"
ca_file = "{ca}"
"""


@dataclass
class Way:
    """One way out: its table, its points, and the Message-IDs of what left."""

    table: str
    points: list[Point]
    left: Callable[[], list[str]]


@pytest.fixture(params=["graph", "relay"])
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Way]:
    directory = Directory()
    with SignInServer(tmp_path, directory) as tokens, SignInSmtp(directory) as smtp:
        if request.param == "graph":
            table, points = GRAPH.format(url=tokens.url, ca=tokens.ca_file), BY_GRAPH
        else:
            table, points = RELAY.format(host=smtp.host, port=smtp.port), BY_RELAY
        table += SIGN_IN.format(
            mailbox=MAILBOX,
            tenant=directory.tenant,
            client=directory.application.client,
            url=tokens.url,
            ca=tokens.ca_file,
        )

        def left() -> list[str]:
            mails = [*(each.content for each in tokens.graph.sent), *smtp.messages]
            return [str(message_from_bytes(each)["Message-ID"]).strip() for each in mails]

        yield Way(table, points, left)


def test_at_every_point(store: Store, hub_url: str, tmp_path: Path, way: Way) -> None:
    on = datetime.now(UTC).date()
    make_key(tmp_path)
    secret = tmp_path / "client-secret"
    secret.touch(0o600)
    secret.write_text(Directory().application.secret, "utf-8")
    office = Office(store, {}, tmp_path)
    config = write_config(tmp_path, hub_url, way.table)
    trust(office)
    with victim("tests.sending.kill_worker", config, on) as process:
        process.run()  # the first one works in the victim itself
        for point, number, left, doubts in way.points:
            told = (point, number)
            before, known = len(way.left()), doubtful(office)
            office.step(due_on=on)
            killed, _ = process.run(number, point)
            assert killed, told
            process.run()
            assert len(way.left()) - before == left, told
            assert len(doubtful(office) - known) == doubts, told
    assert set(Counter(way.left()).values()) == {1}, "nobody hears twice"
    rows = live(office)
    assert {row.status for row in rows} == {"accepted", "uncertain"}
    certain = {f"<hub.{row.id}@example.it>" for row in rows if row.status == "accepted"}
    assert certain <= set(way.left())
    assert one_live_delivery_per_step(rows)
    assert verify_store(store).problems == ()
