"""What a person may type for a client, an installment, a case or a step."""

from __future__ import annotations

import pytest

from incasso.domain.office.actor import Scope
from incasso.services.hub.hub import Hub
from incasso.services.office.subjects import SubjectError, resolve
from tests.acts import office
from tests.acts.office import MONDAY, Small

EVERYTHING = Scope.everything()


def test_each_way_to_say_it(hub: Hub, small: Small) -> None:
    with hub.store.read() as connection:
        for text, meant in (
            ("C1", "client acme/C1"),
            (" acme/C1 ", "client acme/C1"),
            ("client C1", "client acme/C1"),
            ("cliente acme/C1", "client acme/C1"),
            ("F1/1", "installment acme/F1/1"),
            ("acme/F1/1", "installment acme/F1/1"),
            ("rata F1/1", "installment acme/F1/1"),
            (f"case:{small.cases[0]}", f"case:{small.cases[0]}"),
            (f"pratica {small.cases[0]}", f"case:{small.cases[0]}"),
            (f"STEP: {small.step}", f"step:{small.step}"),
        ):
            found = resolve(connection, text, EVERYTHING)
            assert str(found) == meant, text
            assert str(resolve(connection, str(found), EVERYTHING)) == meant


def test_the_same_code_in_two_companies(hub: Hub, small: Small) -> None:
    with hub.store.write() as connection:
        beta = office.source(connection, "beta")
        office.client(connection, beta, "C1", "Verdi Snc")
    with hub.store.read() as connection:
        with pytest.raises(SubjectError, match=r"client acme/C1` or `client beta/C1"):
            resolve(connection, "C1", EVERYTHING)
        assert resolve(connection, "beta/C1", EVERYTHING).source == "beta"


def test_a_code_that_is_also_a_key(hub: Hub, small: Small) -> None:
    with hub.store.write() as connection:
        office.installment(connection, small.client, "C1", 100, MONDAY)
    with hub.store.read() as connection:
        with pytest.raises(SubjectError, match="may be"):
            resolve(connection, "C1", EVERYTHING)
        assert resolve(connection, "client C1", EVERYTHING).kind == "client"
        assert resolve(connection, "installment C1", EVERYTHING).kind == "installment"


NOBODY = ["", " ", "nobody", "acme/nobody", "case:0", "case:x", "step:-1", "step:" + "9" * 40]
NOBODY += ["case:", "client", "'; drop table clients; --", "/", "x" * 5000, "\0"]


def test_nothing_is_called_that(hub: Hub, small: Small) -> None:
    with hub.store.read() as connection:
        for text in NOBODY:
            with pytest.raises(SubjectError, match="incasso "):
                resolve(connection, text, EVERYTHING)
