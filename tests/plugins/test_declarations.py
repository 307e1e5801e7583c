"""What the guard demands of a hook derives from its declaration: a few, written out by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from incasso.contract.capabilities import ChannelCapability, ConnectorCapability, Family
from incasso.contract.channel import ChannelSpec
from incasso.contract.connector import ConnectorSpec
from incasso.contract.hooks import hook
from incasso.contract.ledger import Gone, InstallmentRecord, Unreadable
from incasso.contract.values import Page, Receipt
from incasso.plugins.results import result_of
from incasso.plugins.rules import RULES
from incasso.plugins.specs import HookManager, hooks_behind, hooks_of, required_hooks

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_required_hooks_by_family() -> None:
    assert required_hooks(Family.CONNECTOR) == (
        "instance_check",
        "erp_pull_clients",
        "erp_pull_installments",
    )
    assert required_hooks(Family.CHANNEL) == ("instance_check", "channel_prepare", "channel_send")
    assert required_hooks(Family.PROVIDER) == (
        "instance_check",
        "provider_prepare_lot",
        "provider_submit",
    )


def test_hooks_behind_a_capability() -> None:
    connector = hooks_behind(Family.CONNECTOR)
    assert connector[ConnectorCapability.PEOPLE] == ("erp_pull_agents", "erp_pull_depots")
    assert ConnectorCapability.FINGERPRINTS not in connector
    assert set(hooks_behind(Family.CHANNEL)) == {
        ChannelCapability.FIND,
        ChannelCapability.POLL,
        ChannelCapability.COLLECT,
        ChannelCapability.CALLBACKS,
    }


def test_an_effect_a_pull_and_a_local_hook() -> None:
    send, prepare = RULES["channel_send"], RULES["channel_prepare"]
    pull, check = RULES["erp_pull_installments"], RULES["instance_check"]
    assert (send.deadline_s, send.effect, send.counted, send.local) == (30, True, True, False)
    assert (prepare.deadline_s, prepare.effect, prepare.counted) == (1, False, False)
    assert (pull.deadline_s, pull.counted) == (60, False)
    assert pull.result.pages_of == {InstallmentRecord, Gone, Unreadable}
    assert (check.deadline_s, check.counted) == (60, False)
    assert RULES["erp_totals"].needs is ConnectorCapability.TOTALS


def test_values_that_fit() -> None:
    gone = Gone(external_id="A1")
    refreshed = result_of(ConnectorSpec.erp_refresh_installments)
    assert refreshed.fits((gone,)) and refreshed.fits(())
    assert not refreshed.fits([gone]) and not refreshed.fits((gone, "A2"))
    assert refreshed.wanted == "a tuple of InstallmentRecord or Gone"
    page = result_of(ConnectorSpec.erp_pull_clients)
    assert page.fits(Page()) and not page.fits(())
    balances = result_of(ConnectorSpec.erp_balances)
    assert balances.fits({}) and not balances.fits(())


@pytest.mark.parametrize(
    ("receipt", "fits"),
    [
        (Receipt(ref="A1", at=NOON), True),
        (Receipt(ref="", at=NOON), False),
        (Receipt(ref="x" * 129, at=NOON), False),
        (Receipt(ref="A1", at=NOON.replace(tzinfo=None)), False),
        (None, False),
    ],
)
def test_a_receipt_must_be_one_that_is_found_again(receipt: Receipt | None, fits: bool) -> None:
    assert result_of(ChannelSpec.channel_send).fits(receipt) is fits


def test_what_may_be_none() -> None:
    found = result_of(ChannelSpec.channel_find)
    assert found.fits(None) and found.fits(Receipt(ref="A1", at=NOON)) and not found.fits("A1")
    assert found.wanted == "Receipt or None"


def test_a_result_nobody_can_check_is_no_declaration() -> None:
    def odd() -> Callable[[], int]:
        raise NotImplementedError

    with pytest.raises(TypeError, match="is no type that the guard can check"):
        result_of(odd)


def test_a_declaration_is_all_a_new_hook_needs() -> None:
    class Spec(ChannelSpec):
        @hook(deadline_s=5)
        def channel_count(self) -> int:
            raise NotImplementedError

        def not_a_hook(self) -> int:
            raise NotImplementedError

    assert hooks_of(Spec)[-1] == "channel_count"
    assert not hasattr(HookManager(Spec).hook, "not_a_hook")
