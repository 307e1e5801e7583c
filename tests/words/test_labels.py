"""Every member of an enumeration that people see has a word in both languages."""

from __future__ import annotations

from enum import Enum

import pytest

from incasso.contract.media import Medium
from incasso.domain.acts.work import Work
from incasso.domain.orders.blocks import InErp
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.states import StepStatus
from incasso.domain.sending.delivery import DeliveryStatus
from incasso.locale import localize
from incasso.locale.labels import _of_enums, label_of
from incasso.locale.work_labels import WORK

MEMBERS = [member for kind in _of_enums() for member in kind if member.value]


@pytest.mark.parametrize("member", MEMBERS, ids=lambda m: f"{type(m).__name__}.{m.name}")
def test_a_member_has_a_word(member: Enum) -> None:
    labels = _of_enums()[type(member)]
    assert str(member.value) in labels
    assert "_" not in localize(label_of(member), "en")


@pytest.mark.parametrize(
    ("member", "italian"),
    [
        (Action.SEND, "invio"),
        (StepStatus.FAILED, "non riuscita"),
        (StepStatus.PROPOSED, "da approvare"),
        (DeliveryStatus.FAILED, "non riuscito"),
        (Medium.REGISTERED, "raccomandata"),
        (InErp.THEIRS, "già bloccato"),
    ],
)
def test_the_office_has_its_own(member: Enum, italian: str) -> None:
    assert localize(label_of(member), "it") == italian


def test_every_work_has_its_words() -> None:
    assert set(WORK) == {str(each) for each in Work}
