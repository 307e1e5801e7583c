"""Rows become structs by the names of their fields."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import NoResultFound

from incasso.store.records import columns_of, maybe_record, one_record, records
from incasso.store.tables.columns import Code, code, quoted


class Colour(StrEnum):
    """A code with few words."""

    RED = "red"
    PALE = "pale_blue"


_metadata = sa.MetaData()
things = sa.Table(
    "things",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text),
    code("colour", Colour),
)
owners = sa.Table(
    "owners", _metadata, sa.Column("thing_id", sa.Integer), sa.Column("name", sa.Text)
)


class Owned(msgspec.Struct, frozen=True):
    """Not in the order of the table, and with a name of its own."""

    owner: str
    colour: Colour
    id: int


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    """Two small tables with two things."""
    url = database_url.replace("postgresql://", "postgresql+psycopg://")
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        _metadata.create_all(connection)
        insert = sa.insert(things)
        connection.execute(insert, {"id": 1, "name": "cup", "colour": Colour.RED})
        connection.execute(insert, {"id": 2, "name": "jug", "colour": "pale_blue"})
        rows = [{"thing_id": 1, "name": "Ada"}, {"thing_id": 2, "name": "Bo"}]
        connection.execute(sa.insert(owners), rows)
        yield connection
    engine.dispose()


def owned() -> sa.Select[tuple[object, ...]]:
    """Things with their owners."""
    query = sa.select(*columns_of(Owned, things, owner=owners.c.name))
    return query.join(owners, owners.c.thing_id == things.c.id).order_by(things.c.id)


def test_fields_are_filled_by_their_names(connection: Connection) -> None:
    assert records(connection, Owned, owned()) == [
        Owned(owner="Ada", colour=Colour.RED, id=1),
        Owned(owner="Bo", colour=Colour.PALE, id=2),
    ]


def test_one_row_or_none(connection: Connection) -> None:
    second, third = owned().where(things.c.id == 2), owned().where(things.c.id == 3)
    bo = Owned(owner="Bo", colour=Colour.PALE, id=2)
    assert one_record(connection, Owned, second) == maybe_record(connection, Owned, second) == bo
    assert maybe_record(connection, Owned, third) is None
    with pytest.raises(NoResultFound):
        one_record(connection, Owned, third)


def test_a_field_that_nothing_fills_and_a_column_that_fills_none_are_refused() -> None:
    with pytest.raises(KeyError, match="owner"):
        columns_of(Owned, things)
    with pytest.raises(KeyError, match="size"):
        columns_of(Owned, things, owner=owners.c.name, size=things.c.id)


def test_codes_of_different_enumerations_are_different_types() -> None:
    class Size(StrEnum):
        RED = "red"

    assert Code(Colour)._static_cache_key == Code(Colour)._static_cache_key
    assert Code(Colour)._static_cache_key != Code(Size)._static_cache_key


def test_codes_as_literals() -> None:
    assert quoted(*Colour) == "'red', 'pale_blue'"
