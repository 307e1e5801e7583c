"""`report limitation`: what is time-barred or will be, and who sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest
import sqlalchemy as sa

from incasso.store.tables.office import users
from tests.cli.command import inside
from tests.documents.office import Office

Found: TypeAlias = list[tuple[str, str, str]]
Near: TypeAlias = Callable[..., Found]


@pytest.fixture
def near(office: Office, monkeypatch: pytest.MonkeyPatch) -> Near:
    """Installment, last day and urgency of each row."""

    def asked(on: str, *words: str, by: str = "anna") -> Found:
        monkeypatch.setenv("INCASSO_USER", by)
        given = ("report", "limitation", "--on", on, *words, "--format", "json")
        ended = inside(office.folder, *given)
        assert ended.code == 0, ended
        return [(each["installment"], each["last_day"], each["urgency"]) for each in ended.rows()]

    return asked


def test_what_ends_soon_the_first_to_end_first(near: Near) -> None:
    """R5 fell due on 31 August, ten years end on a Sunday. The notice moved R1 and R2 to November.

    R3 and R6 fell due on 31 December 2026 and nobody asked for them.
    """
    assert near("2036-03-04") == []
    assert near("2036-03-05") == [("R5", "2036-09-01", "within_180")]
    assert near("2036-09-02", "--within", "0") == [("R5", "2036-09-01", "barred")]
    assert near("2036-11-01", "--within", "62") == [
        ("R5", "2036-09-01", "barred"), ("R1", "2036-11-24", "within_30"),
        ("R2", "2036-11-24", "within_30"), ("R3", "2036-12-31", "within_90"),
        ("R6", "2036-12-31", "within_90"),
    ]  # fmt: skip
    assert len(near("2036-11-01", "--within", "62", "--source", "acme")) == 5


def test_a_company_that_there_is_not(office: Office) -> None:
    ended = inside(office.folder, "report", "limitation", "--source", "acmi")
    assert (ended.code, "did you mean 'acme'?" in ended.err) == (1, True), ended


def test_everybody_sees_their_own(office: Office, near: Near) -> None:
    with office.hub.store.write() as connection:
        connection.execute(
            sa.insert(users).values(login="rita", role="operator", scope={"agents": ["A1"]})
        )
        connection.execute(sa.insert(users).values(login="avv", role="lawyer", scope={}))
    assert [each[0] for each in near("2037-06-01", by="rita")] == ["R1", "R2", "R3"]
    assert near("2037-06-01", by="avv") == []
