"""Whatever happens in the ERP: reading changes after each step, or all at the end, is the same."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incasso_fake_mexal import Company, MexalServer, Posting
from tests.mexal.office import PASSWORD, Office, days, office, standard, table
from tests.profiles import tries

CLIENTS = ("501.00001", "501.00002")
ACTS = (
    "invoice", "bill_invoice", "credit", "advance", "pay", "part", "issue", "back", "back_posting",
    "postpone", "dun", "legal", "split", "drop", "delete", "rename", "time", "recode",
)  # fmt: skip


class Story:
    """A company that lives through acts chosen at random."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.bills = 0

    def act(self, name: str, which: int) -> None:
        """One act; what cannot happen now does not."""
        self.company.clock.tick(which % 3)
        getattr(self, f"_{name}")(which)

    def _find(self, which: int, *statuses: str) -> tuple[Posting, int] | None:
        found = [
            (posting, index)
            for posting in self.company.postings
            for index, rate in enumerate(posting.rates, 1)
            if rate.status in statuses and rate.amount > 0
        ]
        return found[which % len(found)] if found else None

    def _client(self, which: int) -> str:
        codes = sorted(self.company.tables["clienti"])
        return str(codes[which % len(codes)])

    def _invoice(self, which: int, kind: str = "B") -> None:
        due = [(days(which % 60 - 40), f"{100 + which}.00"), (days(which % 90), "33.33")]
        self.company.invoice(self._client(which), due[: 1 + which % 2], on=days(-60), kind=kind)

    def _bill_invoice(self, which: int) -> None:
        self._invoice(which, "R")

    def _credit(self, which: int) -> None:
        self.company.credit_note(self._client(which), f"{10 + which}.10", on=days(-10))

    def _advance(self, which: int) -> None:
        self.company.advance(self._client(which), "5.00", on=days(-9))

    def _pay(self, which: int) -> None:
        if found := self._find(which, "", "E"):
            self.company.pay(*found, on=days(-1))

    def _part(self, which: int) -> None:
        if found := self._find(which, ""):
            self.company.pay(*found, on=days(-2), amount="7.00")

    def _issue(self, which: int) -> None:
        if found := self._find(which, ""):
            self.bills += 1
            self.company.issue_bills(found, on=days(-20), bill=f"EF{self.bills}")

    def _back(self, which: int, how: Any = "reopened") -> None:
        if found := self._find(which, "E"):
            self.company.return_bill(found[0].rate(found[1]).bill, on=days(-1), how=how)

    def _back_posting(self, which: int) -> None:
        self._back(which, "posting")

    def _postpone(self, which: int) -> None:
        if found := self._find(which, ""):
            self.company.postpone(*found, to=days(which % 50))

    def _dun(self, which: int) -> None:
        if found := self._find(which, ""):
            self.company.dun(*found, reminded=days(-which % 9 - 9))

    def _legal(self, which: int) -> None:
        if found := self._find(which, ""):
            self.company.dun(*found, legal=days(-1))

    def _split(self, which: int) -> None:
        if found := self._find(which, ""):
            rate = found[0].rate(found[1])
            parts = [(rate.due, "1.00"), (days(5), str(rate.amount - 1))]
            if rate.amount > 1:
                self.company.split(*found, *parts)

    def _drop(self, which: int) -> None:
        if (found := self._find(which, "")) and len(found[0].rates) > 1:
            self.company.drop_rate(*found)

    def _delete(self, which: int) -> None:
        if found := self._find(which, "", "P"):
            self.company.delete(found[0])

    def _rename(self, which: int) -> None:
        self.company.change_client(self._client(which), ragione_sociale=f"NOME {which}")

    def _recode(self, which: int) -> None:
        new = f"501.{1000 + which:05d}"
        if new not in self.company.tables["clienti"]:
            self.company.recode_client(self._client(which), new)

    def _time(self, which: int) -> None:
        self.company.clock.tick(which * 37)


def seen(hub: Office, source: str) -> dict[str, Any]:
    """What is open and how; how closed items were closed may differ by what was seen between."""
    return {key: tuple(state) for key, state in hub.state(source).items() if state[0] == "open"}


STORIES = st.lists(
    st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 99)), min_size=1, max_size=6),
    min_size=1,
    max_size=5,
)


@pytest.mark.parametrize("ledger", ["documento", "partite"])
@tries(4)
@given(story=STORIES, cut=st.integers(2, 40))
def test_changes_read_one_after_another_give_what_one_full_reading_gives(
    story: list[list[tuple[str, int]]], cut: int, ledger: Any
) -> None:
    with (
        pytest.MonkeyPatch.context() as patch,
        TemporaryDirectory() as folder,
        MexalServer() as server,
    ):
        patch.setenv("MEXAL_PASSWORD", PASSWORD)
        server.pager.cut_at = cut
        company = standard(server, ledger=ledger)
        tables = (table("steps", server), table("once", server))
        with office(Path(folder), server, *tables) as hub:
            hub.good("steps", confirm=True)
            told = Story(company)
            for chapter in story:
                for name, which in chapter:
                    told.act(name, which)
                hub.good("steps", confirm=True)
            server.clock.tick(3600)
            hub.good("steps", confirm=True)
            hub.good("once", confirm=True)
            assert seen(hub, "steps").items() >= seen(hub, "once").items()
            for on in (days(1), days(2)):
                hub.good("steps", on=on, confirm=True)
                hub.good("once", on=on, confirm=True)
            assert seen(hub, "steps") == seen(hub, "once")
            for code in company.tables["clienti"]:
                balance = company.balance(code, days(2))
                assert hub.owed(code, "steps") == balance, code
