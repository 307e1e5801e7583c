"""What comes back: proof counts stages, bounces undo them, and nothing is heard twice."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from incasso.contract.capabilities import ChannelCapability
from incasso.contract.channel import DeliveryState
from incasso.contract.errors import CursorExpiredError, OutcomeUnknownError, TemporaryError
from incasso.contract.values import Attachment, Money, Problem
from incasso.domain.office.actor import CLOCK, Scope
from incasso.services.proof.verify import verify
from incasso.services.sending.collect import collect
from incasso.services.sending.dispatch import dispatch
from incasso.services.sending.news import apply_news
from incasso.store.lists.reading import read_list
from incasso.store.lists.sending import DELIVERIES
from incasso.store.proof import archive
from incasso.store.tables import proof, sending
from incasso.testing.fakes.channel import FakeChannel
from incasso.testing.script import after
from tests.sending.conftest import MakeOffice
from tests.sending.office import NOW, ON, PROVEN, Office

RECEIPT = Attachment(filename="consegna.eml", media_type="message/rfc822", content=b"CONSEGNA")
LATER = NOW + timedelta(hours=1)
NEXT_DAY = ON + timedelta(days=1)


def collecting() -> FakeChannel:
    return FakeChannel(("email", "pec"), capabilities=(ChannelCapability.COLLECT,))


def polled() -> FakeChannel:
    return FakeChannel(("email", "pec"), capabilities=(ChannelCapability.POLL,))


@pytest.mark.parametrize("channel", [collecting(), polled()], ids=["collect", "poll"])
def test_proof_of_delivery_counts_the_stage(make_office: MakeOffice, channel: FakeChannel) -> None:
    channel = FakeChannel(("email", "pec"), capabilities=channel.capabilities)
    office = make_office(out=channel)
    step = office.step(stage=PROVEN)
    dispatch(office.hub, CLOCK, ON)
    delivery = office.delivery(step)
    channel.report(delivery.id, DeliveryState.DELIVERED, LATER, evidence=RECEIPT)
    report = collect(office.hub, CLOCK, NEXT_DAY)
    assert (report.news, report.reached) == (1, {"delivered": 1})
    assert office.delivery(step).status == "delivered"
    assert office.step_row(step).status == "counted"
    assert [(case.stage, case.counted_on) for case in office.cases(step)] == [("diffida", NEXT_DAY)]
    with office.store.read() as connection:
        (event,) = connection.execute(sa.select(sending.delivery_events)).all()
    assert archive.get(office.store, event.evidence_sha256) == RECEIPT.content
    assert verify(office.hub).good


def test_what_a_channel_warns_of_is_told_once(make_office: MakeOffice) -> None:
    """A password that ends in a week stops the mailbox: the daily run says so beforehand."""
    channel = collecting()
    office = make_office(out=channel)
    channel.warnings = [Problem(code="password_expires", message="the password ends")] * 2
    report = collect(office.hub, CLOCK, ON)
    assert report.warnings == {"out": ("the password ends",)}
    assert report.remarks == ["out: the password ends"]


def test_hearing_the_same_again_changes_nothing(make_office: MakeOffice) -> None:
    channel = FakeChannel(
        ("pec",), capabilities=(ChannelCapability.COLLECT, ChannelCapability.POLL)
    )
    office = make_office(out=channel)
    step = office.step(stage=PROVEN)
    dispatch(office.hub, CLOCK, ON)
    channel.report(office.delivery(step).id, DeliveryState.DELIVERED, LATER)
    collect(office.hub, CLOCK, ON)
    before = _written(office)
    report = collect(office.hub, CLOCK, ON)
    assert report.news == 0
    assert _written(office) == before


def test_a_cost_known_later_is_kept_listed_and_journaled(make_office: MakeOffice) -> None:
    """A gateway prices an SMS after it was routed, and corrects itself once."""
    channel = collecting()
    office = make_office(out=channel)
    step = office.step(stage=PROVEN)
    dispatch(office.hub, CLOCK, ON)
    delivery = office.delivery(step)
    assert delivery.cost is None
    for cost in ("0.0849", "0.12"):
        price = Money(amount=Decimal(cost), currency="CHF")
        channel.report(delivery.id, DeliveryState.SENT, LATER, cost=price)
    channel.report(delivery.id, DeliveryState.DELIVERED, LATER)
    collect(office.hub, CLOCK, NEXT_DAY)
    collect(office.hub, CLOCK, NEXT_DAY)
    with office.store.read() as connection:
        [row] = read_list(connection, DELIVERIES, Scope.everything())
        events = connection.execute(
            sa.select(proof.journal.c.facts).where(proof.journal.c.kind == "delivery.cost")
        ).scalars()
        told = [(facts["cost"], facts["currency"]) for facts in events]
    assert (row["cost"], row["status"]) == (Decimal("0.12"), "delivered")
    assert told == [("0.0849", "CHF"), ("0.12", "CHF")]
    assert verify(office.hub).good


def test_a_bounce_fails_a_step_that_waits_for_proof(make_office: MakeOffice) -> None:
    channel = collecting()
    office = make_office(out=channel)
    step = office.step(stage=PROVEN)
    dispatch(office.hub, CLOCK, ON)
    channel.report(office.delivery(step).id, DeliveryState.BOUNCED, LATER, bad_address=True)
    collect(office.hub, CLOCK, ON)
    assert office.delivery(step).status == "bounced"
    row = office.step_row(step)
    assert (row.status, row.counted_on) == ("failed", None)
    assert [case.step_id for case in office.cases(step)] == [step], "planning finds the next way"
    with office.store.read() as connection:
        (bad,) = connection.execute(sa.select(sending.bad_addresses)).all()
    assert (bad.medium, bad.address) == ("pec", "c1@pec.example.it")


def test_a_bounce_takes_back_a_stage_that_had_counted(make_office: MakeOffice) -> None:
    channel = collecting()
    office = make_office(out=channel)
    step = office.step()
    dispatch(office.hub, CLOCK, ON)
    assert office.step_row(step).status == "counted"
    channel.report(office.delivery(step).id, DeliveryState.BOUNCED, LATER)
    collect(office.hub, CLOCK, NEXT_DAY)
    assert office.step_row(step).status == "failed"
    assert [case.step_id for case in office.cases(step)] == [step]


def test_a_warning_is_not_a_bounce(make_office: MakeOffice) -> None:
    channel = collecting()
    office = make_office(out=channel)
    step = office.step()
    dispatch(office.hub, CLOCK, ON)
    channel.report(office.delivery(step).id, DeliveryState.DELAYED, LATER)
    collect(office.hub, CLOCK, ON)
    assert office.delivery(step).status == "accepted"
    assert office.step_row(step).status == "counted"


def test_news_about_a_doubtful_message_settles_it(make_office: MakeOffice) -> None:
    channel = FakeChannel(
        ("email",),
        [after(OutcomeUnknownError("line cut"))],
        capabilities=(ChannelCapability.COLLECT,),
    )
    office = make_office(out=channel)
    step = office.step()
    dispatch(office.hub, CLOCK, ON)
    assert office.delivery(step).status == "uncertain"
    channel.report(office.delivery(step).id, DeliveryState.DELIVERED, LATER)
    collect(office.hub, CLOCK, ON)
    assert office.delivery(step).status == "delivered"
    assert office.step_row(step).status == "counted"
    assert [case.stage for case in office.cases(step)] == ["sollecito"]
    dispatch(office.hub, CLOCK, ON)
    assert len(channel.sent) == 1


def test_a_bounce_of_a_doubtful_message_fails_its_step(make_office: MakeOffice) -> None:
    channel = FakeChannel(
        ("email",),
        [after(OutcomeUnknownError("line cut"))],
        capabilities=(ChannelCapability.COLLECT,),
    )
    office = make_office(out=channel)
    step = office.step()
    dispatch(office.hub, CLOCK, ON)
    channel.report(office.delivery(step).id, DeliveryState.BOUNCED, LATER)
    collect(office.hub, CLOCK, ON)
    assert office.step_row(step).status == "failed"
    assert [case.stage for case in office.cases(step)] == [""]


def test_other_peoples_messages_are_counted_and_left(make_office: MakeOffice) -> None:
    channel = collecting()
    office = make_office(out=channel)
    channel.report("not-ours", DeliveryState.BOUNCED, LATER)
    report = collect(office.hub, CLOCK, ON)
    assert (report.unknown, report.news) == (1, 0)


def test_one_channels_silence_does_not_stop_the_others(make_office: MakeOffice) -> None:
    deaf = FakeChannel(
        ("email",),
        {"channel_collect": [TemporaryError("IMAP is down")]},
        capabilities=(ChannelCapability.COLLECT,),
    )
    channel = collecting()
    office = make_office(deaf=deaf, out=channel)
    channel.report("not-ours", DeliveryState.SENT, LATER)
    report = collect(office.hub, CLOCK, ON)
    assert report.unknown == 1
    assert "IMAP is down" in report.problems["deaf"]


def test_the_cursor_goes_on_and_a_lost_one_starts_again(make_office: MakeOffice) -> None:
    channel = FakeChannel(
        ("email",),
        {"channel_collect": [None, None, CursorExpiredError()]},
        capabilities=(ChannelCapability.COLLECT,),
    )
    office = make_office(out=channel)
    channel.report("a", DeliveryState.SENT, LATER)
    assert collect(office.hub, CLOCK, ON).unknown == 1
    assert collect(office.hub, CLOCK, ON).unknown == 0, "it asks from where it stopped"
    assert collect(office.hub, CLOCK, ON).unknown == 1, "from the beginning"


def _written(office: Office) -> list[object]:
    tables = (sending.deliveries, sending.delivery_events, proof.journal, proof.archive)
    with office.store.read() as connection:
        return [connection.execute(sa.select(table)).all() for table in tables]


class TestBadNews:
    """One piece that nobody can take is kept for a person; the others and the cursor go on."""

    BAD: tuple[dict[str, object], ...] = (
        {"state": "delivered"},
        {"at": LATER.replace(tzinfo=None)},
        {"note": None},
        {"note": "nul\0"},
        {"update_id": ""},
        {"evidence": msgspec.structs.replace(RECEIPT, content="text")},
        {"evidence": msgspec.structs.replace(RECEIPT, content=b"x" * 10_485_761)},
        {"bad_address": 1},
    )

    @pytest.mark.parametrize("fields", BAD, ids=lambda fields: next(iter(fields)))
    def test_it_is_kept_once_and_the_others_are_applied(
        self, make_office: MakeOffice, fields: dict[str, object]
    ) -> None:
        channel = collecting()
        office = make_office(out=channel)
        first, second = office.step(stage=PROVEN), office.step(stage=PROVEN)
        dispatch(office.hub, CLOCK, ON)
        channel.report(office.delivery(first).id, DeliveryState.DELIVERED, LATER)
        channel.updates[0] = msgspec.structs.replace(channel.updates[0], **fields)
        channel.report(office.delivery(second).id, DeliveryState.DELIVERED, LATER)
        report = collect(office.hub, CLOCK, NEXT_DAY)
        assert (report.news, report.problems, report.refused) == (1, {}, {"out": 1})
        assert office.delivery(second).status == "delivered"
        assert office.delivery(first).status == "accepted", "nothing is guessed"
        [kept] = _refused(office)
        assert kept.delivery == office.delivery(first).id and kept.source == "acme"
        [field] = fields
        assert kept.field.partition(".")[0] == field and "the plugin out gave" in kept.problem
        again = collect(office.hub, CLOCK, NEXT_DAY)
        assert (again.news, again.refused) == (0, {}), "the cursor went on"
        assert len(_refused(office)) == 1

    def test_a_channel_that_is_polled_repeats_it_in_vain(self, make_office: MakeOffice) -> None:
        channel = polled()
        office = make_office(out=channel)
        step = office.step(stage=PROVEN)
        dispatch(office.hub, CLOCK, ON)
        channel.report(office.delivery(step).id, DeliveryState.DELIVERED, LATER)
        channel.updates[0] = msgspec.structs.replace(channel.updates[0], permanent="yes")
        assert collect(office.hub, CLOCK, NEXT_DAY).refused == {"out": 1}
        assert collect(office.hub, CLOCK, NEXT_DAY).refused == {}
        assert len(_refused(office)) == 1

    def test_what_breaks_only_when_it_is_written_is_kept_too(
        self, make_office: MakeOffice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        channel = collecting()
        office = make_office(out=channel)
        first, second = office.step(stage=PROVEN), office.step(stage=PROVEN)
        dispatch(office.hub, CLOCK, ON)
        bad = office.delivery(first).id
        for delivery in (bad, office.delivery(second).id):
            channel.report(delivery, DeliveryState.DELIVERED, LATER)

        def apply(connection: Any, delivery: Any, *rest: Any, **more: Any) -> Any:
            if delivery.id == bad:
                raise OverflowError("date value out of range")
            return apply_news(connection, delivery, *rest, **more)

        monkeypatch.setattr("incasso.services.sending.take_news.apply_news", apply)
        report = collect(office.hub, CLOCK, NEXT_DAY)
        assert (report.news, report.refused, report.problems) == (1, {"out": 1}, {})
        [kept] = _refused(office)
        assert (kept.delivery, kept.problem) == (
            bad,
            "it cannot be taken: OverflowError: date value out of range",
        )
        assert office.delivery(second).status == "delivered"
        assert collect(office.hub, CLOCK, NEXT_DAY).refused == {}


def _refused(office: Office) -> list[Any]:
    with office.store.read() as connection:
        return list(connection.execute(sa.select(sending.refused_news)))
