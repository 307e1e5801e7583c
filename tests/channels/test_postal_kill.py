"""Letters, killed before, during and after each request: never two of one that were paid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from incasso.contract.media import Medium
from incasso.services.proof.verify import verify_store
from incasso.store.engine import Store
from incasso.testing.postal import PostalService
from tests.channels.test_pec_kill import make_key
from tests.killing import victim
from tests.sending.office import NOTICE, Office
from tests.sending.test_kill import live, one_live_delivery_per_step, trust, write_config

pytestmark = [pytest.mark.kill, pytest.mark.slow]

POINTS = [
    # the point, how often it is passed, drafts that were made in the end
    ("asking", 1, 1),  # nothing was asked
    ("asked", 1, 2),  # a draft is there that nobody remembers: it stays a draft
    ("asking", 2, 1),  # the draft is remembered, and not confirmed
    ("asked", 2, 1),  # confirmed, and nobody noted it
    ("committed", 1, 1),
]
BY_POST = msgspec.structs.replace(NOTICE, channels=(Medium.REGISTERED,))
TABLE = """plugin = "postal"
media = ["registered"]
url = "{url}"
allow_private_addresses = true
token = {{ file = "token" }}
sender_name = "Acme S.p.A."
sender_address = "Via Roma 1"
sender_zip = "10121"
sender_city = "Torino"
sender_province = "TO"
sender_email = "crediti@acme.example"

[companies.acme]
name = "Acme S.p.A."
iban = "IT60X0542811101000000123456"
"""


@pytest.fixture
def service() -> Iterator[PostalService]:
    with PostalService() as service:
        yield service


def test_at_every_point(store: Store, hub_url: str, tmp_path: Path, service: PostalService) -> None:
    """Around each request, and at the hub's own points: the draft settles what is in doubt."""
    on = datetime.now(UTC).date()
    office, config = office_on(service, store, hub_url, tmp_path)
    with victim("tests.sending.kill_worker", config, on) as process:
        process.run()  # the first one works in the victim itself
        for sent, (point, number, drafts) in enumerate(POINTS, 1):
            told, before = (point, number), len(service.letters)
            office.step(stage=BY_POST, due_on=on)
            killed, _ = process.run(number, point)
            assert killed, told
            process.run()
            assert len(service.letters) - before == drafts, told
            assert len(service.confirmed) == sent, told
    all_once_and_accepted(service, office, store)


def office_on(
    service: PostalService, store: Store, hub_url: str, folder: Path
) -> tuple[Office, Path]:
    make_key(folder)
    token = folder / "token"
    token.touch(0o600)
    token.write_text(service.token, "utf-8")
    office = Office(store, {}, folder)
    trust(office)
    return office, write_config(folder, hub_url, TABLE.format(url=service.url))


def all_once_and_accepted(service: PostalService, office: Office, store: Store) -> None:
    marks = Counter(each.mark for each in service.confirmed)
    assert set(marks.values()) == {1}, "nobody gets two letters"
    rows = live(office)
    assert {row.status for row in rows} == {"accepted"}
    assert {row.id for row in rows} == marks.keys()
    assert {row.cost for row in rows} == {537}
    assert one_live_delivery_per_step(rows)
    assert verify_store(store).problems == ()
