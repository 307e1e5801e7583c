"""Faxes, killed before, during and after they leave: never twice, settled by reference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from incasso.contract.media import Medium
from incasso.services.proof.verify import verify_store
from incasso.store.engine import Store
from incasso.testing.fax import HylafaxServer, InterfaxService
from tests.channels.test_pec_kill import make_key
from tests.killing import victim
from tests.sending.office import NOTICE, Office
from tests.sending.test_kill import live, one_live_delivery_per_step, trust, write_config

pytestmark = [pytest.mark.kill, pytest.mark.slow]

BY_FAX = msgspec.structs.replace(NOTICE, channels=(Medium.FAX,))
POINTS = [
    # the point, how often it is passed, faxes that left in the end, in doubt
    ("marked", 1, 1, 0),
    ("begun", 1, 0, 1),  # nothing left, and nothing can prove that it did not
    ("handed over", 1, 1, 0),  # it left, and nobody noted it
    ("committed", 1, 1, 0),
]
COMPANY = """
[companies.acme]
name = "Acme S.p.A."
iban = "IT60X0542811101000000123456"
"""
INTERFAX = """plugin = "interfax"
media = ["fax"]
address = "{url}"
allow_private_addresses = true
user = "acme"
password = {{ file = "fax-password" }}
"""
HYLAFAX = """plugin = "hylafax"
media = ["fax"]
allow_private_addresses = true
host = "127.0.0.1"
port = {port}
"""


@dataclass
class Service:
    """A fax service: its table, and the references of what reached it."""

    table: str
    references: Callable[[], list[str]]


@pytest.fixture(params=["interfax", "hylafax"])
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    if request.param == "interfax":
        with InterfaxService() as web:
            yield Service(INTERFAX.format(url=web.url), lambda: [f.reference for f in web.faxes])
    else:
        with HylafaxServer() as server:
            table = HYLAFAX.format(port=server.port)
            yield Service(table, lambda: [job.reference for job in server.submitted])


def test_at_every_point(store: Store, hub_url: str, tmp_path: Path, service: Service) -> None:
    on = datetime.now(UTC).date()
    make_key(tmp_path)
    secret = tmp_path / "fax-password"
    secret.touch(0o600)
    secret.write_text("segreta", "utf-8")
    office = Office(store, {}, tmp_path)
    trust(office)
    config = write_config(tmp_path, hub_url, service.table + COMPANY)
    doubts = 0
    with victim("tests.sending.kill_worker", config, on) as process:
        process.run()  # the first one works in the victim itself
        for point, number, left, doubtful in POINTS:
            before = len(service.references())
            office.step(office.client(fax="02 1111 1111"), stage=BY_FAX, due_on=on)
            killed, _ = process.run(number, point)
            assert killed, point
            process.run()
            assert len(service.references()) - before == left, point
            doubts += doubtful
    assert set(Counter(service.references()).values()) == {1}, "no debtor gets two"
    rows = live(office)
    assert Counter(row.status for row in rows) == {"accepted": len(POINTS) - 1, "uncertain": doubts}
    assert {row.id for row in rows if row.status == "accepted"} == set(service.references())
    assert one_live_delivery_per_step(rows)
    assert verify_store(store).problems == ()
