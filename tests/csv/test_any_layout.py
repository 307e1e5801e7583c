"""A ledger in any writing: the hub holds what the program's own sums say, or stops and says why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from incasso.api import ConfigurationError, TemporaryError
from incasso.store.tables.ledger import clients, installments
from incasso_csv.cells.words import normal
from tests.csv.reading import read
from tests.csv.test_sync import hub_for
from tests.csv.test_sync import read as synced
from tests.csv.written import NAMES, ledger, per_client, write, writing
from tests.profiles import tries

BY_NAME = {normal(name).upper(): number for number, name in enumerate(NAMES)}


def who(code: str) -> int:
    """The number of a client, whether the file gave its code or only its name."""
    return BY_NAME[code] if code in BY_NAME else int(code.removeprefix("C"))


def by_client(sums: Mapping[str, Decimal]) -> dict[int, Decimal]:
    return {who(code): total for code, total in sums.items() if total}


@tries(150)
@given(st.integers(min_value=0))
def test_every_row_is_read_right_or_refused(seed: int) -> None:
    chance = Random(seed)
    debts, how = ledger(chance), writing(chance)
    with TemporaryDirectory() as folder:
        path = write(debts, how, Path(folder) / "ledger.csv")
        try:
            found = read(path)
        except (ConfigurationError, TemporaryError) as refused:
            assert str(refused)
            return
    expected = {debt.number: debt for debt in debts}
    refused_rows = {number for number in expected for bad in found.bad if number in bad.raw}
    for record in found.records:
        debt = expected.pop(record.document_number)
        assert (record.residual, who(record.client), record.due_date) == (
            Decimal(debt.residual) / 100,
            debt.client,
            debt.due,
        ), (how, record)
    assert expected.keys() <= refused_rows, (how, expected.keys() - refused_rows)


@tries(4)
@given(st.integers(min_value=0))
def test_the_hub_holds_the_same_sums_per_client(seed: int) -> None:
    chance = Random(seed)
    debts, how = ledger(chance), writing(chance)
    with TemporaryDirectory() as folder:
        write(debts, how, Path(folder) / "ledger.csv")
        with hub_for(Path(folder)) as hub:
            report = synced(hub)
            if not report.good:
                assert report.reasons
                return
            query = (
                sa.select(clients.c.code, sa.func.sum(installments.c.residual))
                .join(installments, installments.c.client_id == clients.c.id)
                .group_by(clients.c.code)
            )
            held: dict[str, Decimal] = defaultdict(Decimal)
            with hub.store.read() as connection:
                for code, total in connection.execute(query):
                    held[code] = Decimal(total).scaleb(-2)
            if not report.counts.quarantined:
                assert by_client(held) == per_client(debts), how


def test_most_writings_are_read_and_not_refused() -> None:
    """Without this the promise could be kept by reading nothing."""
    good = 0
    for seed in range(60):
        chance = Random(seed)
        debts, how = ledger(chance), writing(chance)
        with TemporaryDirectory() as folder:
            try:
                found = read(write(debts, how, Path(folder) / "ledger.csv"))
            except (ConfigurationError, TemporaryError):
                continue
        good += not found.bad and len(found.records) == len(debts)
    assert good >= 54
