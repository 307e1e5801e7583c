"""Processes killed while they fetch documents and send: no mail twice, none without its page."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from incasso.domain.office.actor import CLOCK
from incasso.services.hub.hub import build_hub
from incasso.services.ledger.sync import sync
from incasso.services.proof.verify import verify
from incasso.services.recovery.iters import import_file
from incasso.services.recovery.plan import plan
from tests.documents.fatture import CUSTOMER_VAT, body, fattura
from tests.documents.office import Office, attached, client, installment
from tests.killing import FEWER, victim

CLIENTS, RUNS = 30, 10

pytestmark = [pytest.mark.kill, pytest.mark.slow]


ROUNDS = max(1, FEWER // RUNS)
"""Each with an office of its own: after a few kills all its mails have left."""


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_killed_between_fetch_and_send(tmp_path: Path, seed: int) -> None:
    """The worker's clock is the real one, so the ledger is of today."""
    on = datetime.now(UTC).date()
    due = (on - timedelta(days=30)).isoformat()
    day = on - timedelta(days=90)
    office = Office(
        tmp_path / "office",
        clients=[client(f"C{n}", f"IT{CUSTOMER_VAT}") for n in range(CLIENTS)],
        rows=[
            installment(f"{n + 1}", client=f"C{n}", day=day.isoformat(), due=due)
            for n in range(CLIENTS)
        ],
    )
    office.put({f"{n}.xml": fattura(body(f"{n + 1}", day.isoformat())) for n in range(CLIENTS)})
    choice = random.Random(3 + seed)
    config = office.folder / "plugins.toml"
    office.hub.close()
    hub = office.hub = build_hub(config)
    import_file(hub, CLOCK, office.folder / "iters.toml", on=on)
    sync(hub, CLOCK, "acme", on)
    plan(hub, CLOCK, on)
    with victim("tests.sending.kill_worker", config, on) as process:
        for _ in range(RUNS):
            process.run(kill_after=choice.uniform(0.05, 0.8))
        process.run()
    mails = office.mails()
    assert Counter(mail["To"] for mail in mails) == Counter(
        {f"Ferramenta C{n} <c{n}@example.it>": 1 for n in range(CLIENTS)}
    )
    assert all(len(attached(mail)) == 1 for mail in mails)
    assert verify(hub).problems == ()
    hub.close()
