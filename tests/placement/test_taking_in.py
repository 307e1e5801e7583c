"""Files of an agency: each row is applied, noted, kept waiting or refused, and told so."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from incasso.contract.exchange import (
    ActivityResult,
    ClosingReason,
    PlacementRef,
    PlacementUpdate,
    Settled,
    UpdateKind,
)
from incasso.contract.values import Attachment, Money, Problem
from incasso.domain.office.actor import Scope
from incasso.domain.placement.problems import ReturnProblem
from incasso.locale import localize
from incasso.services.placement.account import account_of
from incasso.services.placement.deliver import UNKNOWN
from incasso.services.placement.write_page import _problem_of
from incasso.services.proof.client_history import history
from incasso.services.proof.verify import verify_store
from incasso.store.engine import Store
from incasso.store.placement import cursors
from incasso.store.proof import archive
from incasso.store.tables import recovery
from tests.placement.handed import LOT, TODAY, Handed

JULY = date(2026, 7, 1)


def test_a_file_is_taken_once(handed_anywhere: Handed) -> None:
    handed = handed_anywhere
    report = handed.take(
        handed.says(UpdateKind.ACKNOWLEDGED, day=date(2026, 6, 2)),
        handed.pays("120.00", id="pay-1"),
        handed.calls(),
        lot=LOT,
        rows=3,
    )
    (file,) = report.files
    assert file.rows == 3
    assert file.counts == {
        "applied": 3,
        "noted": 0,
        "waiting": 0,
        "refused": 0,
        "repeated": 0,
    }
    assert handed.entries() == [(1, "collected", 10_000), (2, "collected", 2_000)]
    assert handed.placement().state == "working"
    handed.agency.files["again.jsonl"] = handed.agency.files["f0.jsonl"]
    (again,) = handed.take_in().files
    assert again.repeated and again.counts == file.counts
    assert handed.agency.settled == {
        "f0.jsonl": Settled.TAKEN,
        "again.jsonl": Settled.REPEATED,
    }
    assert len(handed.entries()) == 2
    assert verify_store(handed.store).problems == ()


def test_what_the_plugin_says_of_a_row_is_said_in_the_readers_language() -> None:
    said = _problem_of(Problem(code="item", field="closing", message=UNKNOWN))
    assert localize(said, "it") == f"closing: {localize(UNKNOWN, 'it')}"
    assert localize(UNKNOWN, "it") != str(UNKNOWN)


def test_a_web_service_is_pulled_from_where_it_stopped(handed: Handed) -> None:
    handed.agency.updates += [handed.pays("10.00", id="a"), handed.pays("7.00", place=9)]
    (pull,) = handed.take_in().pulls
    assert (pull.counts["applied"], pull.counts["refused"]) == (1, 1)
    handed.agency.updates.append(handed.pays("20.00", id="b"))
    (pull,) = handed.take_in().pulls
    assert pull.counts["applied"] == 1 and pull.counts["repeated"] == 0
    with handed.store.read() as connection:
        assert cursors.cursor(connection, "tutela") == "3"
    assert handed.refusals() == [(handed.agency.updates[1].update_id, "unknown_placement")]


def test_an_end_gives_the_cases_back(handed_anywhere: Handed) -> None:
    handed = handed_anywhere
    handed.take(
        handed.pays("40.00"),
        handed.closes(ClosingReason.UNTRACEABLE, day=date(2026, 8, 1)),
    )
    assert handed.placement().state == "closed"
    assert handed.placement().closing == ClosingReason.UNTRACEABLE
    assert (handed.placement().proposes, handed.placement().needs_report) == ("write_off", True)
    assert handed.entries() == [
        (1, "collected", 4_000),
        (1, "ended", 6_000),
        (2, "ended", 5_000),
    ]
    cases = handed.rows(recovery.cases)
    assert {(case.state, case.container) for case in cases} == {("parked", "management")}


def test_what_is_given_back_goes_on_where_it_was(handed: Handed) -> None:
    handed.take(handed.says(UpdateKind.RETURNED))
    cases = handed.rows(recovery.cases)
    assert {(case.state, case.next_stage) for case in cases} == {("open", "sollecito")}
    (account,) = account_of(handed.hub, Scope.everything(), LOT)
    assert (account["withdrawn"], account["open"], account["rows_out"]) == (
        Decimal("150.00"),
        Decimal("0.00"),
        0,
    )


def test_what_waits_is_settled_by_a_later_file(handed_anywhere: Handed) -> None:
    handed = handed_anywhere
    handed.take(handed.takes_back("pay-1", id="rev-1"))
    assert handed.standing() == {"rev-1": ("waiting", ReturnProblem.UNKNOWN_PAYMENT)}
    assert handed.refusals() == [("rev-1", "unknown_payment")]
    handed.take(handed.pays("40.00", id="pay-1"))
    assert handed.standing() == {"rev-1": ("applied", ""), "pay-1": ("applied", "")}
    assert handed.entries() == [(1, "collected", 4_000), (1, "reversed", 4_000)]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"amount": Money(amount=Decimal("10.00"), currency="CHF")}, "wrong_currency"),
    ({"amount": Money(amount=Decimal("10.005"))}, "wrong_amount"),
    ({"amount": Money(amount=Decimal("-1"))}, "wrong_amount"),
    ({"amount": Money(amount=Decimal("0"))}, "wrong_amount"),
    ({"amount": Money(amount=Decimal("1e30"))}, "wrong_amount"),
    ({"amount": None}, "no_amount"),
    ({"on": date(2026, 11, 24)}, "future_date"),
    ({"on": date(2026, 5, 31)}, "before_hand_over"),
    ({"row": "R-0000009"}, "unknown_row"),
    ({"placement": PlacementRef(ours="P-0000009")}, "unknown_placement"),
    ({"placement": PlacementRef(ours="1")}, "unknown_placement"),
    ({"placement": PlacementRef()}, "unknown_placement"),
    ({"lot": "L-2026-0009"}, "unknown_lot"),
    ({"kind": UpdateKind.PROMISE}, "no_day"),
    ({"kind": UpdateKind.REVERSAL}, "no_reference"),
    ({"kind": UpdateKind.CLOSED}, "no_reason"),
    ({"kind": UpdateKind.REFUSED}, "no_reason"),
]


def test_wrong_rows_are_refused_and_their_ids_stay_free(handed: Handed) -> None:
    right = [handed.pays("1.00", id=f"x{number}") for number in range(len(WRONG))]
    wrong = [replace(row, **changed) for row, (changed, _) in zip(right, WRONG, strict=True)]
    (file,) = handed.take(*wrong, handed.pays("1.00")).files
    assert (file.counts["refused"], file.counts["applied"]) == (len(WRONG), 1)
    assert handed.refusals() == [(f"x{n}", code) for n, (_, code) in enumerate(WRONG)]
    told = [str(fate.message) for fate in file.fates]
    assert all(told) and not [words for words in told if "{" in words or "“”" in words[:30]]
    (file,) = handed.take(*right).files
    assert file.counts["applied"] == len(WRONG)


def test_an_id_used_for_something_else_is_refused(handed: Handed) -> None:
    handed.take(handed.pays("10.00", id="x"))
    handed.take(handed.pays("11.00", id="x"), handed.pays("10.00", id="x"))
    assert handed.refusals() == [("x", "id_used_twice")]
    assert handed.entries() == [(1, "collected", 1_000)]


WRONG_HEADS: list[tuple[dict[str, Any], str]] = [
    ({"version": "2.0"}, "other_version"),
    ({"lot": "L-2026-0009"}, "unknown_lot"),
    ({"lot": LOT, "digest": "cd" * 32}, "other_content"),
    ({"sequence": 1}, "sequence_used"),
    ({"rows": 2}, "rows_missing"),
    ({"sums": (Money(amount=Decimal("9.99")),)}, "sums_differ"),
]


def test_a_file_that_is_wrong_as_a_whole(handed: Handed) -> None:
    handed.take(handed.calls(), sequence=1)
    for number, (head, code) in enumerate(WRONG_HEADS, 1):
        (file,) = handed.take(handed.pays("10.00"), **head).files
        assert (file.state, file.problem) == ("refused", code)
        assert handed.entries() == []
        assert handed.refusals()[-1] == ("", code)
        assert handed.agency.settled[f"f{number}.jsonl"] is Settled.REFUSED
    good: dict[str, Any] = {"version": "1.9", "lot": LOT, "digest": "ab" * 32, "sequence": 2}
    (file,) = handed.take(handed.pays("10.00"), rows=1, **good).files
    assert file.counts["applied"] == 1


def test_a_gap_is_told_and_the_file_is_taken(handed: Handed) -> None:
    handed.take(handed.calls(), sequence=1)
    (file,) = handed.take(handed.pays("10.00"), sequence=4).files
    assert (file.state, file.problem) == ("taken", "sequence_gap")
    (file,) = handed.take(handed.pays("20.00"), sequence=2).files
    assert (file.state, file.problem) == ("taken", None)


def test_what_is_no_file_of_the_agency(handed: Handed) -> None:
    handed.agency.files["nota.pdf"] = b"%PDF-1.7"
    (file,) = handed.take_in().files
    assert (file.state, file.problem) == ("refused", "wrong_form")
    assert handed.agency.settled["nota.pdf"] is Settled.REFUSED


def test_a_credit_is_found_by_what_describes_it_if_only_one_fits(handed: Handed) -> None:
    by_words: dict[str, Any] = {"ref": PlacementRef(), "client": "C1"}
    handed.take(
        handed.pays("1.00", id="a", document_number="FT 1/2", **by_words),
        handed.pays("1.00", id="b", due_date=date(2026, 10, 1), **by_words),
        handed.pays("1.00", id="c", **by_words),
    )
    assert handed.entries() == [(2, "collected", 100)]
    assert handed.refusals() == [("b", "ambiguous"), ("c", "unknown_placement")]


def test_the_agencys_own_name_is_learned(handed: Handed) -> None:
    handed.take(
        handed.says(UpdateKind.ACKNOWLEDGED, ref=PlacementRef(ours="P-0000001", theirs="X7"))
    )
    handed.take(handed.pays("3.00", ref=PlacementRef(theirs="X7")))
    assert handed.entries() == [(1, "collected", 300)]


def test_what_was_handed_to_another_agency_does_not_exist(
    sqlite_store: Store, tmp_path: Path
) -> None:
    handed = Handed(sqlite_store, tmp_path, "tutela", "altra")
    handed.lot()
    (theirs,) = handed.lot(((7_000,),), code="L-2026-0002", provider="altra")
    for each in (
        handed.pays("1.00", place=2),
        handed.pays("1.00", place=0, row=theirs[0]),
        handed.pays("1.00", row=theirs[0]),
        handed.pays("1.00", place=2, lot="L-2026-0002"),
        handed.says(UpdateKind.ACKNOWLEDGED, place=0, lot="L-2026-0002"),
    ):
        (file,) = handed.take(each).files
        unknown = replace(each, placement=PlacementRef(ours="P-0000099"))
        assert file.counts["refused"] == 1, each
        told = str(file.fates[0].message)
        assert "altra" not in told and "Bianchi" not in told, (told, unknown)
    assert handed.entries() == []
    assert handed.placement(2).state == "handed_over"
    handed.hub.registry.close()


def test_calls_are_held_against_the_contact_policy(handed: Handed) -> None:
    monday = date(2026, 7, 6)

    def call(id: str, day: date, hour: int) -> PlacementUpdate:
        at = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
        return replace(handed.calls(id=id, day=day), at=at)

    handed.take(
        call("first", monday, 8),
        call("second that day", monday, 9),
        call("at night", date(2026, 7, 7), 20),
        call("on sunday", date(2026, 7, 12), 8),
        replace(call("nobody", monday, 10), result=ActivityResult.NO_ANSWER),
        call("next week", date(2026, 7, 13), 8),
    )
    assert [name for name, row in handed.updates().items() if row.breaks_policy] == [
        "second that day",
        "at night",
        "on sunday",
    ]


def test_evidence_is_archived(handed: Handed) -> None:
    proof = Attachment(filename="verbale.txt", media_type="text/plain", content=b"assente")
    handed.take(handed.says(UpdateKind.NOTE, id="n", evidence=(proof,), text="visita"))
    (kept,) = handed.updates()["n"].evidence
    assert kept["name"] == "verbale.txt"
    assert archive.get(handed.store, kept["sha256"]) == b"assente"
    assert verify_store(handed.store).problems == ()


def test_what_no_table_holds_costs_only_itself(handed_anywhere: Handed) -> None:
    handed = handed_anywhere
    bad = handed.says(UpdateKind.NOTE, text="a\x00b")
    (file,) = handed.take(bad, handed.pays("10.00")).files
    assert file.counts["applied"] >= 1 and sum(file.counts.values()) == 2
    assert handed.entries() == [(1, "collected", 1_000)]


def test_a_promise_after_the_mandate_is_only_noted(handed: Handed) -> None:
    handed.take(handed.says(UpdateKind.PROMISE, "50.00", id="p", until=date(2027, 1, 1)))
    assert handed.standing()["p"] == ("noted", "past_mandate")


def test_the_history_says_who_said_what(handed: Handed) -> None:
    handed.take(
        handed.pays("40.00", day=JULY),
        handed.calls(day=date(2026, 7, 2), text="paga a fine mese"),
        handed.closes(ClosingReason.NEGATIVE, day=date(2026, 8, 1)),
    )
    told = history(handed.hub, Scope.everything(), "C1", TODAY)
    said = [(entry.on, entry.who, str(entry.text)) for entry in told if entry.who == "tutela"]
    assert [(on, who) for on, who, _ in said] == [
        (JULY, "tutela"),
        (date(2026, 7, 2), "tutela"),
        (date(2026, 8, 1), "tutela"),
    ]
    assert "40.00" in said[0][2] and "paga a fine mese" in said[1][2]
    assert not [entry for entry in told if entry.kind.startswith("exchange.")]
