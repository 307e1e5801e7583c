"""An enumeration that grows surprises no plugin written before: it gets an older member."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import msgspec
import pytest

from incasso.contract.channel import Prepared, Purpose
from incasso.contract.connector import WriteBackKind
from incasso.contract.errors import UnsupportedError
from incasso.contract.exchange import BatchKind, DebtorKind, NoticeKind, Service, Settled
from incasso.contract.later import LATER, Later, as_known
from incasso.contract.ledger import DocumentKind, PaymentMethod
from incasso.contract.media import Medium
from incasso.plugins.discovery import inspect_packages
from incasso.plugins.registry import build_registry
from incasso.plugins.specs import SPECS, declarations
from incasso.testing import samples
from incasso.testing.fakes import FakeChannel
from incasso.testing.fakes.registry import config_of, kind_of, package_of
from tests.plugins.conftest import ON

FIRST: dict[type[StrEnum], str] = {
    Medium: "email pec sms fax letter registered telegram",
    Purpose: "reminder notice formal_notice internal",
    WriteBackKind: "note step_done block_orders release_orders",
    DocumentKind: "invoice credit_note advance debit_note other",
    PaymentMethod: "transfer riba sdd direct cheque cod card bill other",
    Service: "phone postal extrajudicial due_diligence judicial write_down negative_report",
    BatchKind: "lot notices answer",
    DebtorKind: "company person public_body",
    NoticeKind: "direct_payment payment_reversed correction suspension resumption recall "
    "extension answer document return_taken closing",
    Settled: "taken repeated refused",
}
"""The members of version 1.0, written by hand: what every plugin of api 1 knows."""

PREPARED = Prepared(content=b"Gentile cliente", media_type="text/plain", filename="d.txt")
NOTICE = msgspec.structs.replace(samples.message(Medium.EMAIL), purpose=Purpose.NOTICE)


def test_the_enumerations_handed_to_plugins_are_these() -> None:
    """If this fails: a hook got an argument with another enumeration; add its members to FIRST."""
    handed = {
        found
        for spec in SPECS.values()
        for name in declarations(spec)
        for argument, kind in typing.get_type_hints(getattr(spec, name)).items()
        if argument not in ("return", "ctx")
        for found in _enumerations(kind, set())
    }
    assert handed == set(FIRST)


def test_a_member_added_later_says_what_older_plugins_get() -> None:
    """If this fails: add the new member to `incasso.contract.later.LATER`, not to FIRST."""
    for enumeration, first in FIRST.items():
        listed = [each.member.value for each in LATER if type(each.member) is enumeration]
        assert sorted(member.value for member in enumeration) == sorted([*first.split(), *listed])


Send = Callable[[int], FakeChannel]


@pytest.fixture
def send() -> Iterator[Send]:
    """Send a notice through a channel that knows the enumerations of one minor version."""
    made = []

    def sending(minor: int) -> FakeChannel:
        fake = FakeChannel()
        kind = msgspec.structs.replace(kind_of(fake, "mail"), api_minor=minor)
        found = inspect_packages({"mail": package_of("mail", kind)})
        made.append(build_registry(config_of({"mail": fake}), now=_noon, discovery=found))
        made[-1].channel("mail").send(NOTICE, PREPARED, attempt=1, dry_run=False, on=ON)
        return fake

    yield sending
    for registry in made:
        registry.close()


def test_an_older_plugin_gets_the_older_member(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    came = Later(member=Purpose.NOTICE, since=1, instead=Purpose.REMINDER)
    monkeypatch.setattr("incasso.contract.later.LATER", [came])
    assert send(0).sent[0].message.purpose is Purpose.REMINDER
    assert send(1).sent[0].message.purpose is Purpose.NOTICE


def test_where_nothing_stands_for_it_an_older_plugin_is_not_called(
    send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    came = Later(member=Purpose.NOTICE, since=1, instead=None)
    monkeypatch.setattr("incasso.contract.later.LATER", [came])
    with pytest.raises(UnsupportedError, match="mail was written before “notice”"):
        send(0)
    assert len(send(1).sent) == 1


def test_step_by_step_back_and_only_in_its_own_enumeration(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "incasso.contract.later.LATER",
        [
            Later(member=Purpose.FORMAL_NOTICE, since=3, instead=Purpose.NOTICE),
            Later(member=Purpose.NOTICE, since=2, instead=Purpose.REMINDER),
            Later(member=DocumentKind.OTHER, since=2, instead=DocumentKind.INVOICE),
        ],
    )
    given = (Purpose.FORMAL_NOTICE, PaymentMethod.OTHER, DocumentKind.OTHER)
    assert as_known(given, 3) is given
    assert as_known(given, 2) == (Purpose.NOTICE, PaymentMethod.OTHER, DocumentKind.OTHER)
    oldest = as_known(given, 0)
    assert oldest[0] is Purpose.REMINDER and oldest[2] is DocumentKind.INVOICE
    assert oldest[1] is PaymentMethod.OTHER, "another enumeration with an equal word"


def _enumerations(kind: Any, seen: set[Any]) -> Iterator[type[StrEnum]]:
    if kind in seen:
        return
    seen.add(kind)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        yield kind
    elif isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        for inner in typing.get_type_hints(kind).values():
            yield from _enumerations(inner, seen)
    for inner in typing.get_args(kind):
        yield from _enumerations(inner, seen)


def _noon() -> datetime:
    return datetime(2026, 3, 2, 12, tzinfo=UTC)
