"""Columns that hold a member of an enumeration, the same on both databases."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from incasso.domain.recovery.states import IterStatus
from incasso.store.engine import Store
from incasso.store.tables.recovery import iter_versions, iters


def write(store: Store, status: object) -> None:
    with store.write() as connection:
        key = connection.execute(
            sa.insert(iters).values(key=f"iter {status}").returning(iters.c.id)
        ).scalar_one()
        connection.execute(
            sa.insert(iter_versions).values(iter_id=key, version=1, definition={}, status=status)
        )


def statuses(store: Store, *wanted: object) -> list[object]:
    query = sa.select(iter_versions.c.status).order_by(iter_versions.c.id)
    if wanted:
        query = query.where(iter_versions.c.status.in_(wanted))
    with store.read() as connection:
        return list(connection.scalars(query))


def test_a_member_comes_back_as_itself(store: Store) -> None:
    write(store, IterStatus.PUBLISHED)
    write(store, "retired")
    assert statuses(store) == [IterStatus.PUBLISHED, IterStatus.RETIRED]
    assert [type(each) for each in statuses(store)] == [IterStatus, IterStatus]
    assert statuses(store, IterStatus.RETIRED, "draft") == ["retired"]
    assert json.dumps(statuses(store)) == '["published", "retired"]'


def test_the_database_holds_the_plain_word(store: Store) -> None:
    write(store, IterStatus.PUBLISHED)
    with store.read() as connection:
        kept = connection.exec_driver_sql("SELECT status FROM iter_versions").scalar_one()
    assert type(kept) is str
    assert kept == "published"


def test_a_word_of_no_member_is_refused(store: Store) -> None:
    with pytest.raises(sa.exc.StatementError, match="'publishd' is no IterStatus"):
        statuses(store, "publishd")
    with pytest.raises(sa.exc.StatementError, match="'publishd' is no IterStatus"):
        write(store, "publishd")


def test_a_word_of_a_later_version_is_given_as_it_is(store: Store) -> None:
    write(store, IterStatus.PUBLISHED)
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE iter_versions SET status = 'suspended'")
    assert statuses(store) == ["suspended"]
