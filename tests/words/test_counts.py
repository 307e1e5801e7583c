"""Numbers of messages and of what became of them, as an Italian office says them."""

from __future__ import annotations

import pytest

from incasso.contract.media import Medium
from incasso.domain.sending.delivery import DeliveryStatus
from incasso.locale import localize
from incasso.locale.counts import DELIVERIES_COUNTED, MEDIA_COUNTED, Counts, counted_of


@pytest.mark.parametrize(
    ("words", "code", "one", "two"),
    [
        (MEDIA_COUNTED, "letter", "1 lettera", "2 lettere"),
        (MEDIA_COUNTED, "registered", "1 raccomandata", "2 raccomandate"),
        (MEDIA_COUNTED, "pec", "1 PEC", "2 PEC"),
        (DELIVERIES_COUNTED, "delivered", "1 consegnato", "2 consegnati"),
        (DELIVERIES_COUNTED, "bounced", "1 respinto", "2 respinti"),
        (DELIVERIES_COUNTED, "opted_out", "1 non ne vuole", "2 non ne vogliono"),
        (MEDIA_COUNTED, "pigeon", "1 pigeon", "2 pigeon"),
    ],
)
def test_the_word_follows_its_number(words: Counts, code: str, one: str, two: str) -> None:
    said = [localize(each, "it") for n in (0, 1, 2) for each in counted_of(words, [(code, n)])]
    assert said == [one, two]


def test_every_medium_and_every_outcome_has_its_words() -> None:
    assert MEDIA_COUNTED.keys() == {each.value for each in Medium}
    on_the_way = {DeliveryStatus.SENDING}
    assert DELIVERIES_COUNTED.keys() == {each.value for each in DeliveryStatus} - on_the_way
