"""What could not be taken goes back to the agency, once, as the bytes that are archived."""

from __future__ import annotations

import json
from typing import Any

from incasso.services.placement.tell_refusals import tell_refusals
from incasso.store.proof import archive
from incasso.store.tables import exchange
from tests.placement.handed import TODAY, Handed


def answers(handed: Handed) -> list[list[dict[str, Any]]]:
    """Each answer the agency has, its lines."""
    return [
        [json.loads(line) for line in content.splitlines()]
        for name, content in handed.agency.taken.items()
    ]


def test_a_file_is_answered_once(handed: Handed) -> None:
    handed.take(handed.pays("10.00", place=77, id="x"), handed.pays("500.00", id="y"), sequence=4)
    assert tell_refusals(handed.hub, TODAY) == {}
    ((sheet, *told),) = answers(handed)
    assert sheet["sequence"] == 4
    assert [(each["row"], each["update_id"], each["code"], each["kept"]) for each in told] == [
        (2, "x", "unknown_placement", False),
        (3, "y", "more_than_open", True),
    ]
    assert told[0]["file"] == "f0.jsonl" and "P-0000077" in told[0]["message"]
    (batch,) = handed.rows(exchange.exchange_batches)
    assert archive.get(handed.store, batch.sha256) == next(iter(handed.agency.taken.values()))
    assert batch.state == "sent"
    tell_refusals(handed.hub, TODAY)
    assert len(answers(handed)) == 1, "told once"


def test_an_answer_that_cannot_be_written_waits(handed: Handed) -> None:
    handed.take(handed.pays("10.00", place=77))
    handed.agency.then("provider_prepare_answer", RuntimeError("no disk"))
    assert list(tell_refusals(handed.hub, TODAY)) == ["tutela"]
    assert tell_refusals(handed.hub, TODAY) == {}
    assert len(answers(handed)) == 1
