"""What a person decides about reports that wait, and answers to what providers ask."""

from __future__ import annotations

from datetime import date

import pytest

from incasso.contract.exchange import ClosingReason, UpdateKind
from incasso.domain.office.actor import CLOCK
from incasso.services.placement.answer import Answer, answer
from incasso.services.placement.decide import ReportError, Ruling, Verdict, decide
from incasso.services.placement.watch_ledger import watch_ledger
from incasso.store.tables import exchange, proof
from tests.placement.handed import TODAY, Handed


def ruled(handed: Handed, verdict: Verdict, *, id: str, row: str = "", why: str = "ok") -> str:
    number = handed.updates()[id].id
    given = Ruling(number=number, verdict=verdict, row=row, why=why)
    return str(decide(handed.hub, CLOCK, given, TODAY))


def test_a_payment_seen_as_direct_is_the_providers_when_accepted(handed: Handed) -> None:
    handed.erp_says(1, 0)
    handed.erp_says(2, 0)
    watch_ledger(handed.hub, TODAY)
    handed.take(handed.pays("100.00", id="p", row=1))
    ruled(handed, Verdict.ACCEPT, id="p", why="bonifico dell'agenzia del 20/11")
    assert handed.standing()["p"] == ("applied", "seen_as_direct")
    assert handed.entries()[2:] == [(1, "direct_reversed", 10_000), (1, "collected", 10_000)]
    assert handed.placed_row(1).unmet == 0
    (event,) = [row for row in handed.rows(proof.journal) if row.kind == "report.applied"]
    assert event.facts["why"] == "bonifico dell'agenzia del 20/11"


def test_a_refused_report_is_told_and_its_id_is_spent(handed: Handed) -> None:
    handed.take(handed.pays("999.00", id="p"))
    ruled(handed, Verdict.REFUSE, id="p", why="non risulta.")
    assert handed.standing()["p"] == ("refused", "more_than_open")
    *_, last = handed.rows(exchange.exchange_refusals)
    assert str(last.message) == "The office does not accept it: non risulta."
    with pytest.raises(ReportError, match="does not wait"):
        ruled(handed, Verdict.ACCEPT, id="p")


def test_a_reversal_of_nothing_cannot_be_accepted(handed: Handed) -> None:
    handed.take(handed.takes_back("p0", id="r"))
    with pytest.raises(ReportError, match="p0"):
        ruled(handed, Verdict.ACCEPT, id="r")
    assert handed.standing()["r"][0] == "waiting"


def test_paid_in_full_accepted_gives_the_rest_up(handed: Handed) -> None:
    handed.take(handed.closes(ClosingReason.PAID, id="c"))
    ruled(handed, Verdict.ACCEPT, id="c", why="a saldo e stralcio")
    assert handed.placement().state == "closed"
    assert handed.entries() == [(1, "ended", 10_000), (2, "ended", 5_000)]


def test_the_row_of_a_report_is_named(handed: Handed) -> None:
    handed.take(handed.pays("100.00", row=1), handed.pays("50.00", id="p", row=1))
    assert handed.standing()["p"] == ("waiting", "more_than_open")
    with pytest.raises(ReportError, match="R-0000001"):
        ruled(handed, Verdict.ROW, id="p", row="R-0000009")
    ruled(handed, Verdict.ROW, id="p", row="R-0000002")
    assert handed.standing()["p"] == ("applied", "")
    assert handed.entries()[1:] == [(2, "collected", 5_000)]


def test_more_time_is_granted(handed: Handed) -> None:
    asked = date(2027, 3, 31)
    handed.take(handed.says(UpdateKind.EXTENSION_REQUEST, id="q", until=asked))
    number = handed.updates()["q"].id
    answer(handed.hub, CLOCK, Answer(number=number, accepted=True, why="trattativa"), TODAY)
    assert handed.placement().until == asked
    (notice,) = handed.rows(exchange.exchange_notices)
    assert (notice.kind, notice.answers, notice.accepted, notice.until) == (
        "answer",
        "q",
        True,
        asked,
    )
    with pytest.raises(ReportError, match="answered before"):
        answer(handed.hub, CLOCK, Answer(number=number, accepted=False, why="no"), TODAY)


def test_documents_need_a_file(handed: Handed) -> None:
    handed.take(handed.says(UpdateKind.DOCUMENT_REQUEST, id="q", text="fatture"))
    number = handed.updates()["q"].id
    with pytest.raises(ReportError, match="--attach"):
        answer(handed.hub, CLOCK, Answer(number=number, accepted=True, why="ecco"), TODAY)
