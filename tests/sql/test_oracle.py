"""Oracle by its thin driver: what the driver says of a server, and what is sent to one.

No Oracle can be had for tests. The driver is real: it meets a closed port, a listener of ours that
refuses, and errors built from the numbers that Oracle documents. The statements are compiled by
SQLAlchemy's own dialect; none of them was run on an Oracle.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from types import SimpleNamespace

import oracledb
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import oracle

from incasso.contract.errors import (
    AuthenticationError,
    ConfigurationError,
    PluginError,
    TemporaryError,
)
from incasso.plugins.sql.answers import answer
from incasso_fake_mago4.schema import tables
from incasso_mago4.database.open_items import all_rows
from incasso_mago4.database.schema import Schema
from incasso_mago4.database.totals import statement
from incasso_mago4.settings import Mago4Settings
from tests.sql.conftest import Open

URL = sa.make_url("oracle+oracledb://lettore@erp:1521/?service_name=ACME")


@contextmanager
def listener(number: int) -> Iterator[int]:
    """A listener that refuses every connection with one of Oracle's numbers; its port."""
    said = f"(DESCRIPTION=(TMP=)(VSNNUM=0)(ERR={number})(ERROR_STACK=(ERROR=(CODE={number}))))"
    body = bytes([1, 0]) + struct.pack(">H", len(said)) + said.encode()
    packet = struct.pack(">HHBBH", len(body) + 8, 0, 4, 0, 0) + body

    def serve(server: socket.socket) -> None:
        while True:
            try:
                line, _ = server.accept()
            except OSError:
                return
            with line:
                line.recv(4096)
                line.sendall(packet)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, args=(server,), daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def test_nobody_listens(door: Open) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(TemporaryError, match=rf"^127.0.0.1:{port}.*nothing answers there"):
        door(f"oracle://lettore@127.0.0.1:{port}/?service_name=ACME", "hunter22").version()


def test_a_service_that_the_listener_does_not_know(door: Open) -> None:
    with listener(12514) as port, pytest.raises(ConfigurationError) as caught:
        door(f"oracle://lettore@127.0.0.1:{port}/?service_name=ACME", "hunter22").version()
    assert "there is no such database" in str(caught.value)
    assert "hunter22" not in str(caught.value)


def fault(code: str, words: str) -> sa.exc.DBAPIError:
    """As SQLAlchemy wraps the driver's errors: one object that knows the full code."""
    said = SimpleNamespace(full_code=code, message=f"{code}: {words}")
    error = oracledb.DatabaseError(said)
    return sa.exc.DBAPIError("SELECT 1", {}, error)


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        ("ORA-01017", AuthenticationError, "refuses user 'lettore' or its password"),
        ("ORA-28000", AuthenticationError, "refuses user 'lettore' or its password"),
        ("ORA-01045", AuthenticationError, "lacks a right"),
        ("ORA-00942", ConfigurationError, "a table or view is missing"),
        ("ORA-00904", ConfigurationError, "a column is missing"),
        ("ORA-01456", ConfigurationError, "should only read tries to write"),
        ("ORA-12660", ConfigurationError, "find no common way to encrypt the line"),
        ("DPY-3010", ConfigurationError, "the driver that `url` names is not complete"),
        ("ORA-00060", TemporaryError, "holds a lock"),
        ("ORA-01555", TemporaryError, "holds a lock"),
        ("DPY-4024", TemporaryError, "took longer than allowed"),
        ("ORA-03113", TemporaryError, "the connection broke"),
        ("ORA-12519", TemporaryError, "takes no more connections"),
        ("ORA-29024", TemporaryError, "certificate has expired"),
        ("ORA-99999", TemporaryError, "the database failed"),
    ],
)
def test_what_oracle_says(code: str, kind: type[PluginError], words: str) -> None:
    told = answer(fault(code, "parole del server"), URL)
    assert type(told) is kind
    assert words in str(told)
    assert str(told).startswith("erp:1521")


def compiled(query: sa.Select[tuple[object, ...]]) -> str:
    return str(query.compile(dialect=oracle.dialect()))  # type: ignore[no-untyped-call]


def shown() -> Schema:
    """A company as Oracle's catalogue shows it: every name in capitals."""
    return Schema(
        {
            name.upper(): tuple((column.name.upper(), "") for column in table.columns)
            for name, table in tables().items()
        }
    )


def test_what_is_sent_to_oracle_has_nothing_of_the_others() -> None:
    schema, settings = shown(), Mago4Settings(url=str(URL))
    mago = SimpleNamespace(schema=schema, settings=settings, on=date(2026, 6, 15))
    for query in (all_rows(schema, settings, mago.on), statement(mago)):  # type: ignore[arg-type]
        sent = compiled(query)
        assert '"MA_PYBLSRCVBLS"' in sent or "MA_PYBLSRCVBLS" in sent
        assert "BIGINT" not in sent
        assert "LIMIT" not in sent
        assert "!= ''" not in sent, "to Oracle an empty text is NULL"
