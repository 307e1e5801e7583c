"""Rows changed, deleted or put in behind the hub's back: `verify` names the first of a kind."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.contract.capabilities import ChannelCapability
from incasso.contract.channel import DeliveryState, Origin
from incasso.contract.values import Attachment
from incasso.domain.office.actor import CLOCK
from incasso.domain.recovery.states import AgreementKind
from incasso.services.proof.anchoring import seal
from incasso.services.proof.verify import verify_store
from incasso.services.sending.collect import collect
from incasso.services.sending.dispatch import dispatch
from incasso.store.engine import Store
from incasso.store.office import api_tokens, people
from incasso.store.proof import journal, known_key
from incasso.store.proof.journal import Event
from incasso.store.recovery import agreements
from incasso.store.recovery.agreements import Agreement
from incasso.store.recovery.iters import save_setting
from incasso.store.tables import office, recovery, sending
from incasso.store.written_rows import written
from incasso.testing.fakes.channel import FakeChannel
from tests.sending.office import NOW, ON, Office

Change = Callable[[Connection], object]


@pytest.fixture
def lived(store: Store, tmp_path: Path) -> Office:
    """Three messages sent, a user, a token and an agreement, all by the hub's own ways."""
    small = Office(store, {"mail": FakeChannel(("email",), capabilities=())}, tmp_path)
    small.many_steps(3)
    dispatch(small.hub, CLOCK, ON)
    with store.write() as connection:
        _add_user(connection, "admin", "administrator")
        seal(connection, NOW, ON)
    with store.write() as connection:
        _add_user(connection, "bruno", "operator")
        api_tokens.add(
            connection,
            name="shop",
            public_id="00" * 8,
            sha256=b"1" * 32,
            scopes=["orders"],
            sources=[],
            made_by="admin",
            made_at=NOW,
        )
        _agreement(connection, small)
        save_setting(connection, "contact_policy", {"per_day": 1})
        _record(connection, "user.added")
        known_key.remember(connection, "ab" * 32)
    return small


def test_what_the_hub_wrote_is_as_it_was_written(lived: Office) -> None:
    assert _problems(lived) == []
    with lived.store.write() as connection:
        people.change(connection, "bruno", active=False)
        api_tokens.revoke(connection, 1, NOW)
        _record(connection, "token.revoked")
    assert _problems(lived) == []


RECEIPT = Attachment(filename="r.eml", media_type="message/rfc822", content=b"RECEIPT")
DELIVERIES, USERS, TOKENS = sending.deliveries, office.users, office.api_tokens
AGREEMENTS, VERSIONS = recovery.agreements, recovery.iter_versions
DATES, COVERED, SETTINGS = (
    recovery.agreement_dates,
    recovery.agreement_installments,
    office.office_settings,
)


def _set(table: sa.Table, **values: object) -> Change:
    return lambda connection: connection.execute(sa.update(table).values(**values))


def _without_agreement(connection: Connection) -> None:
    for table in (DATES, COVERED, AGREEMENTS):
        connection.execute(sa.delete(table))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_set(DELIVERIES, to="other@example.it"), "deliveries .* was changed"),
        (_set(DELIVERIES, medium="pec"), "deliveries .* was changed"),
        (_set(DELIVERIES, asked=1), "deliveries .* was changed"),
        (_set(DELIVERIES, status="delivered"), "deliveries .* is delivered, .* says accepted"),
        (lambda c: c.execute(sa.delete(DELIVERIES)), "deliveries .* was deleted"),
        (_set(DELIVERIES, accepted_at=None), "deliveries .* was deleted"),
        (_set(USERS, role="administrator"), "users bruno was changed"),
        (_set(USERS, password_hash="scrypt$x"), "users admin was changed"),
        (_set(USERS, active=False), "users admin was changed"),
        (lambda c: c.execute(sa.delete(USERS)), "users admin was deleted"),
        (_set(TOKENS, scopes=["orders", "acts"]), "api_tokens shop was changed"),
        (_set(AGREEMENTS, amount=1), "agreements 1 was changed"),
        (_set(AGREEMENTS, interest=5), "agreements 1 was changed"),
        (_without_agreement, "agreement_dates 1 was deleted"),
        (_set(AGREEMENTS, until_on=date(2030, 1, 1)), "agreements 1 was changed"),
        (_set(AGREEMENTS, until_on=None), "agreements 1 was changed"),
        (_set(USERS, email="eve@example.it"), "users admin was changed"),
        (_set(TOKENS, expires_at=NOW), "api_tokens shop was changed"),
        (_set(DATES, amount=1), "agreement_dates 1 was changed"),
        (_set(DATES, due_on=date(2031, 1, 1)), "agreement_dates 1 was changed"),
        (lambda c: c.execute(sa.delete(DATES)), "agreement_dates 1 was deleted"),
        (_set(COVERED, residual_then=1), "agreement_installments 1 was changed"),
        (lambda c: c.execute(sa.delete(COVERED)), "agreement_installments 1 was deleted"),
        (_set(VERSIONS, definition={"key": "other"}), "iter_versions .* was changed"),
        (_set(SETTINGS, value={"per_day": 9}), "office_settings contact_policy was changed"),
        (lambda c: c.execute(sa.insert(SETTINGS), _exclusions()), "office_settings excl.* put in"),
        (lambda c: c.execute(sa.insert(USERS), _user("eve", "operator")), "users eve was put in"),
        (lambda c: c.execute(sa.insert(TOKENS), _token()), "api_tokens eve was put in"),
        (lambda c: c.execute(sa.insert(DELIVERIES), _delivery(c)), "deliveries ee.* was put in"),
    ],
)
def test_what_somebody_else_wrote_is_named(lived: Office, change: Change, words: str) -> None:
    with lived.store.write() as connection:
        change(connection)
    with pytest.raises(AssertionError, match=words):
        assert _problems(lived) == []


@pytest.mark.parametrize(
    ("state", "origin"),
    [
        (DeliveryState.DELIVERED, Origin(proven=True)),
        (DeliveryState.UNREADABLE, Origin()),
        (DeliveryState.BOUNCED, Origin()),
    ],
    ids=["proof", "unreadable", "a stranger's"],
)
def test_a_report_deleted_or_pointed_elsewhere_is_named(
    store: Store, tmp_path: Path, state: DeliveryState, origin: Origin
) -> None:
    """What proves the delivery, and what waits for a person or was judged by one."""
    channel = FakeChannel(("email",), capabilities=(ChannelCapability.COLLECT,))
    small = Office(store, {"mail": channel}, tmp_path)
    step = small.step()
    dispatch(small.hub, CLOCK, ON)
    delivery = small.delivery(step).id
    channel.report(delivery, state, NOW, evidence=RECEIPT, origin=origin)
    collect(small.hub, CLOCK, ON)
    assert _problems(small) == []
    evidence = hashlib.sha256(RECEIPT.content).hexdigest()
    gone = f"deliveries {delivery} evidence {evidence} was deleted behind the hub's back"
    table = sending.delivery_events
    for change in (sa.update(table).values(evidence_sha256=""), sa.delete(table)):
        with store.write() as connection:
            assert connection.execute(change).rowcount == 1
        assert _problems(small) == [gone]


def test_a_row_that_the_hub_removed_is_no_alarm(lived: Office) -> None:
    with lived.store.write() as connection:
        for table in (DATES, COVERED, AGREEMENTS):
            connection.execute(sa.delete(table))
            written(connection, table.name, 1)
        _record(connection, "act.undone")
    assert _problems(lived) == []


def test_what_a_rolled_back_transaction_wrote_is_not_kept(lived: Office) -> None:
    with pytest.raises(ZeroDivisionError), lived.store.write() as connection:
        people.change(connection, "bruno", active=False)
        raise ZeroDivisionError
    with lived.store.write() as connection:
        _record(connection, "other.thing")
    with lived.store.read() as connection:
        last = list(journal.events(connection))[-1]
    assert last.kind == "other.thing"


def test_a_database_of_the_first_release_says_nothing_of_rows_it_never_kept(store: Store) -> None:
    with store.write() as connection:
        connection.execute(sa.insert(USERS), _user("admin", "administrator"))
        _record(connection, "step.planned")
    assert verify_store(store).good


def _problems(lived: Office) -> list[str]:
    return [each for each in verify_store(lived.store).problems if "anchor" not in each]


def _record(connection: Connection, kind: str) -> None:
    journal.record(connection, [Event(kind, "admin", ON)], at=NOW)


def _add_user(connection: Connection, login: str, role: str) -> None:
    people.add(
        connection, login=login, name="", email="", role=role, password_hash="scrypt$1", at=NOW
    )


def _agreement(connection: Connection, small: Office) -> None:
    case = connection.execute(sa.select(recovery.cases).limit(1)).one()
    agreements.make(
        connection,
        Agreement(
            kind=AgreementKind.PROMISE,
            source_id=small.source,
            client_id=case.client_id,
            from_on=ON,
            until_on=date(2026, 12, 31),
            made_by="admin",
            made_on=ON,
            amount=10_000,
            dates=((date(2026, 12, 31), 10_000),),
            covers=((case.installment_id, 10_000),),
        ),
    )


def _exclusions() -> dict[str, Any]:
    return {"key": "exclusions", "value": {}}


def _user(login: str, role: str) -> dict[str, Any]:
    return {"login": login, "role": role, "password_hash": "scrypt$1", "active": True}


def _token() -> dict[str, Any]:
    same = {"name": "eve", "public_id": "11" * 8, "sha256": b"2" * 32}
    return {**same, "scopes": ["orders"], "sources": [], "made_at": NOW}


def _delivery(connection: Connection) -> dict[str, Any]:
    row = connection.execute(sa.select(DELIVERIES).limit(1)).one()
    step = connection.execute(
        sa.insert(recovery.steps)
        .values(
            source_id=row.source_id,
            client_id=row.client_id,
            action="send",
            mode="auto",
            status="done",
            due_on=ON,
        )
        .returning(recovery.steps.c.id)
    ).scalar_one()
    return {**row._mapping, "id": "ee" * 8, "step_id": step}
