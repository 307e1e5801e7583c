"""What each hook may take and must give: deadline, effect, result. The numbers of the contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from incasso.contract.channel import DeliveryUpdate, Prepared
from incasso.contract.connector import ControlTotals, FoundTable
from incasso.contract.ledger import (
    ClientRecord,
    DocumentRecord,
    Gone,
    InstallmentRecord,
    PaymentRecord,
    PersonRecord,
    Unreadable,
)
from incasso.contract.provider import PlacementUpdate, Quote
from incasso.contract.values import Attachment, CheckReport, Page, Receipt


@dataclass(frozen=True, kw_only=True)
class HookRule:
    """How the guard treats one hook.

    `deadline_s` is per call, for streams per page. An `effect` changes something on the other
    side: after its deadline nobody knows whether it did. `counted` calls use up the rate.
    """

    name: str
    deadline_s: float
    fits: Callable[[Any], bool]
    gives: str
    effect: bool = False
    counted: bool = False
    pages_of: frozenset[type] = field(default_factory=frozenset)


def _one(kind: type) -> tuple[Callable[[Any], bool], str]:
    return (lambda value: type(value) is kind or isinstance(value, kind)), kind.__name__


def _maybe(kind: type) -> tuple[Callable[[Any], bool], str]:
    return (lambda value: value is None or isinstance(value, kind)), f"{kind.__name__} or None"


def _tuple(*kinds: type) -> tuple[Callable[[Any], bool], str]:
    def fits(value: Any) -> bool:
        return isinstance(value, tuple) and all(isinstance(each, kinds) for each in value)

    return fits, f"a tuple of {' or '.join(kind.__name__ for kind in kinds)}"


def _receipt(value: Any) -> bool:
    """A receipt without reference or with a naive instant would be lost later: better now."""
    return (
        isinstance(value, Receipt)
        and isinstance(value.ref, str)
        and 0 < len(value.ref) <= 128
        and getattr(value.at, "tzinfo", None) is not None
    )


_RECEIPT = (_receipt, "Receipt with a ref of 1-128 characters and an aware instant")


def _read(name: str, gives: tuple[Callable[[Any], bool], str]) -> HookRule:
    return HookRule(name=name, deadline_s=20, fits=gives[0], gives=gives[1], counted=True)


def _effect(name: str) -> HookRule:
    fits, gives = _RECEIPT
    return HookRule(name=name, deadline_s=30, fits=fits, gives=gives, effect=True, counted=True)


def _local(name: str, gives: tuple[Callable[[Any], bool], str]) -> HookRule:
    return HookRule(name=name, deadline_s=1, fits=gives[0], gives=gives[1])


def _stream(name: str, *kinds: type) -> HookRule:
    fits, _ = _one(Page)
    gives = f"pages of {' or '.join(kind.__name__ for kind in kinds)}"
    return HookRule(name=name, deadline_s=60, fits=fits, gives=gives, pages_of=frozenset(kinds))


def _check() -> HookRule:
    fits, gives = _one(CheckReport)
    return HookRule(name="instance_check", deadline_s=10, fits=fits, gives=gives)


CHECK: Final = _check()

RULES: Final = {
    rule.name: rule
    for rule in (
        CHECK,
        _stream("erp_pull_clients", ClientRecord, Gone, Unreadable),
        _stream("erp_pull_installments", InstallmentRecord, Gone, Unreadable),
        _stream("erp_pull_agents", PersonRecord),
        _stream("erp_pull_depots", PersonRecord),
        _stream("erp_pull_documents", DocumentRecord, Gone, Unreadable),
        _stream("erp_pull_payments", PaymentRecord, Gone, Unreadable),
        _read("erp_balances", _one(Mapping)),
        _read("erp_discover", _tuple(FoundTable)),
        _read("erp_totals", _one(ControlTotals)),
        _read("erp_refresh_installments", _tuple(InstallmentRecord, Gone)),
        _read("erp_fetch_document", _one(Attachment)),
        _effect("erp_write_back"),
        _local("channel_prepare", _one(Prepared)),
        _effect("channel_send"),
        _read("channel_find", _maybe(Receipt)),
        _read("channel_poll", _tuple(DeliveryUpdate)),
        _stream("channel_collect", DeliveryUpdate),
        _local("channel_parse_callback", _tuple(DeliveryUpdate)),
        _read("provider_quote", _one(Quote)),
        _effect("provider_submit"),
        _effect("provider_amend"),
        _effect("provider_recall"),
        _stream("provider_pull_updates", PlacementUpdate),
        _read("provider_find", _maybe(Receipt)),
        _local("provider_parse_callback", _tuple(PlacementUpdate)),
    )
}
