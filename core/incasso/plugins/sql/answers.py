"""What a database failure means for the hub: the class of error, one sentence and the cure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import URL

from incasso.contract.errors import (
    AuthenticationError,
    ConfigurationError,
    PluginError,
    RejectedError,
    TemporaryError,
)
from incasso.contract.text import Text, template, text
from incasso.plugins.sql.login import place
from incasso.plugins.sql.trouble import Trouble, trouble_of

SENTENCES: Final[Mapping[Trouble, tuple[type[PluginError], str]]] = {
    Trouble.DRIVER: (
        ConfigurationError,
        template(
            "the driver that `url` names is not complete on this computer ({words}); install it, "
            "or name another one in `url`"
        ),
    ),
    Trouble.OPTION: (
        ConfigurationError,
        template(
            "the driver does not know an option of `url` or `options` ({words}); leave it out, or "
            "look up how this driver spells it"
        ),
    ),
    Trouble.ENCRYPTION: (
        ConfigurationError,
        template(
            "this driver and the server find no common way to encrypt the line ({words}); name "
            "another driver in `url` (mssql+pyodbc, mssql+mssqlpython), or set the driver's "
            "option for it (Encrypt=optional)"
        ),
    ),
    Trouble.EXPIRED: (
        TemporaryError,
        template("the server's certificate has expired ({words}); have it renewed on the server"),
    ),
    Trouble.TLS: (
        ConfigurationError,
        template(
            "no secure connection ({words}); have the server's certificate trusted on this "
            "computer, or set the driver's option for it (pyodbc and mssqlpython: "
            "TrustServerCertificate=yes; MySQL: ssl_ca; PostgreSQL: sslrootcert)"
        ),
    ),
    Trouble.DATABASE: (
        ConfigurationError,
        template(
            "there is no such database, or {user} may not open it ({words}); check the name at "
            "the end of `url`, and ask the administrator to give the user access to it"
        ),
    ),
    Trouble.PASSWORD: (
        AuthenticationError,
        template(
            "the server refuses {user} or its password ({words}); check `url` and `password`, "
            "and that the server accepts such logins"
        ),
    ),
    Trouble.NOT_FROM_HERE: (
        AuthenticationError,
        template(
            "the server does not let {user} in from this computer ({words}); ask the "
            "administrator to allow its address"
        ),
    ),
    Trouble.RIGHT: (
        AuthenticationError,
        template("{user} lacks a right ({words}); ask the administrator to grant it"),
    ),
    Trouble.TABLE: (
        ConfigurationError,
        template(
            "a table or view is missing ({words}); check that `url` names the right database and "
            "that {user} may see it"
        ),
    ),
    Trouble.COLUMN: (
        ConfigurationError,
        template("a column is missing ({words}); correct the query, or tell us the ERP's version"),
    ),
    Trouble.SNAPSHOT: (
        ConfigurationError,
        template(
            'snapshot isolation is not switched on ({words}); set isolation = "read committed", or '
            "ask for ALTER DATABASE … SET ALLOW_SNAPSHOT_ISOLATION ON"
        ),
    ),
    Trouble.WRITES: (
        ConfigurationError,
        template("a query that should only read tries to write ({words}); let it be one SELECT"),
    ),
    Trouble.BUSY: (
        TemporaryError,
        template("the ERP holds a lock on what is read ({words}); it is tried again later"),
    ),
    Trouble.TOO_SLOW: (
        TemporaryError,
        template(
            "the query took longer than allowed ({words}); raise `statement_timeout`, or ask the "
            "administrator for an index"
        ),
    ),
    Trouble.FULL: (TemporaryError, template("the server takes no more connections now ({words})")),
    Trouble.LOST: (
        TemporaryError,
        template("the connection broke ({words}); it is tried again later"),
    ),
    Trouble.UNREACHABLE: (
        TemporaryError,
        template(
            "nothing answers there ({words}); check host and port in `url`, that the server runs "
            "and accepts TCP connections, and the firewall between"
        ),
    ),
    Trouble.REFUSED: (
        TemporaryError,
        template(
            "the server answers and ends the login ({words}); it may ask for encryption: try "
            "another driver, mssql+pyodbc or mssql+mssqlpython"
        ),
    ),
    Trouble.CONVERT: (
        ConfigurationError,
        template("a value does not fit the type it is turned into ({words}); correct the query"),
    ),
    Trouble.STATEMENT: (
        ConfigurationError,
        template("the server does not understand the query ({words})"),
    ),
    Trouble.UNKNOWN: (TemporaryError, template("the database failed ({words})")),
}
"""The class of error and the sentence of each kind of failure."""


def answer(error: BaseException, url: URL) -> PluginError:
    """The contract's error for an exception of a driver or SQLAlchemy."""
    where = place(url)
    if isinstance(error, TypeError):  # Python's message for an unexpected argument
        kind, sentence = SENTENCES[Trouble.OPTION]
        return kind(_at(where, Text(sentence, {"words": str(error)})))
    if isinstance(error, UnicodeDecodeError):
        return ConfigurationError(
            text(
                "{place}: a text is not in the character set that was agreed; add ?charset=… to "
                "`url`",
                place=where,
            )
        )
    if isinstance(error, sa.exc.IntegrityError):
        words = trouble_of("", error)[1]
        return RejectedError(text("{place} refuses the change ({words})", place=where, words=words))
    if not isinstance(error, sa.exc.DBAPIError) and isinstance(error, sa.exc.SQLAlchemyError):
        return ConfigurationError(_at(where, _ours(error)))
    trouble, words = trouble_of(backend(url), error)
    if trouble is Trouble.UNKNOWN and isinstance(error, sa.exc.ProgrammingError):
        trouble = Trouble.STATEMENT  # an unlisted number, and yet a mistake in the query
    kind, sentence = SENTENCES[trouble]
    values = {"words": words or type(error).__name__, "user": _user(url)}
    return kind(_at(where, Text(sentence, values)))


def _at(where: str, words: str) -> Text:
    return text("{place}: {problem}", place=where, problem=words)


def _user(url: URL) -> Text:
    return text("user {name!r}", name=url.username) if url.username else text("this login")


def backend(url: URL) -> str:
    """`mssql`, `mysql`, `postgresql`, `oracle` or `sqlite`."""
    name = url.get_backend_name()
    return "mysql" if name == "mariadb" else name


def _ours(error: sa.exc.SQLAlchemyError) -> str:
    """A mistake in the query or the settings that never reached the server."""
    said = str(getattr(error, "orig", None) or error)
    if missing := re.search(r"bind parameter '(\w+)'", said):
        return text("the query asks for :{name}, which nobody gives", name=missing[1])
    if said.startswith("isolation "):
        level = said.removeprefix("isolation ").lower()
        return text("it knows no isolation level {level!r}", level=level)
    return " ".join(said.split("\n")[0].split())[:200]
