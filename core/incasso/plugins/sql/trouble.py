"""What a database driver's exception means: the same kind of failure for every driver.

SQL Server speaks in numbers through pymssql, in numbers and SQLSTATEs through pyodbc, and in words
through mssql-python; its words follow the login's language, so numbers are looked at first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import Any, Final

import sqlalchemy as sa


class Trouble(Enum):
    """Kinds of database failures that the hub treats differently."""

    DRIVER = auto()
    OPTION = auto()
    ENCRYPTION = auto()
    """The two sides cannot agree how to encrypt the line."""
    EXPIRED = auto()
    """The server's certificate has expired."""
    TLS = auto()
    DATABASE = auto()
    PASSWORD = auto()
    NOT_FROM_HERE = auto()
    RIGHT = auto()
    TABLE = auto()
    COLUMN = auto()
    SNAPSHOT = auto()
    WRITES = auto()
    BUSY = auto()
    TOO_SLOW = auto()
    FULL = auto()
    LOST = auto()
    UNREACHABLE = auto()
    REFUSED = auto()
    CONVERT = auto()
    STATEMENT = auto()
    UNKNOWN = auto()


# In the order in which they are looked for: a missing database is reported with a failed
# login, a failed login together with a broken connection.
_SIGNS: Final[dict[str, list[tuple[Trouble, str, str]]]] = {
    "mssql": [
        (
            Trouble.DRIVER,
            "IM002 IM003 IM004",
            "can't open lib|data source name not found|libltdl|cannot open shared object",
        ),
        (Trouble.OPTION, "01S00", "connection string parsing failed|connection string attribute"),
        (Trouble.EXPIRED, "", "certificate has expired|certificate expired|0x80090328"),
        (
            Trouble.ENCRYPTION,
            "",
            "encryption is not|encryption not supported|unsupported protocol|no protocols avail|"
            "wrong version number|require encryption",
        ),
        (
            Trouble.TLS,
            "",
            "certificate|ssl provider|ssl security|ssl routines|tls handshake",
        ),
        (
            Trouble.DATABASE,
            "4060 4063 4064 911 942 3D000",
            "cannot open database|impossibile aprire il database|catalog",
        ),
        (
            Trouble.PASSWORD,
            "18450 18452 18456 18470 18486 18487 18488 28000",
            "login failed|accesso non riuscito|authorization specif",
        ),
        (Trouble.RIGHT, "229 230 262 297 300 916", "permission was denied|security context"),
        (Trouble.TABLE, "208 2812 42S02", "invalid object name|table or view not found"),
        (Trouble.COLUMN, "207 42S22", "invalid column name|column not found"),
        (Trouble.SNAPSHOT, "3952 3957", "snapshot isolation transaction failed accessing"),
        (Trouble.WRITES, "3906", "database is read-only"),
        (Trouble.BUSY, "1205 1222 3960 40001", "deadlock|lock request time out"),
        (Trouble.TOO_SLOW, "20003 HYT00 -2", "query timeout|connection timed out"),
        (Trouble.LOST, "20004 20006 20017 20047 08S01 10054 596", "communication link|reset by"),
        (
            Trouble.UNREACHABLE,
            "20009 20012 20013 08001 HYT01",
            "unable to connect|establish connection|login timeout|tcp provider",
        ),
        (Trouble.REFUSED, "20002 20018", "adaptive server connection failed"),
        (
            Trouble.CONVERT,
            "241 242 245 8114 8115 8152 2628 22001 22018 22003",
            "error converting|overflow",
        ),
        (Trouble.STATEMENT, "102 105 156 170 4104 8120 8155 42000 07002", "syntax"),
    ],
    "postgresql": [
        (Trouble.OPTION, "", "invalid connection option"),
        (Trouble.EXPIRED, "", "certificate has expired|certificate expired"),
        (Trouble.TLS, "", "certificate|ssl error|does not support ssl|sslmode"),
        (Trouble.DATABASE, "3D000", r'database "[^"]*" does not exist'),
        (Trouble.NOT_FROM_HERE, "", "no pg_hba.conf entry|pg_hba.conf rejects"),
        (
            Trouble.PASSWORD,
            "28P01 28000",
            r'authentication failed|no password supplied|role "[^"]*" does not exist',
        ),
        (Trouble.RIGHT, "42501", "permission denied for"),
        (Trouble.TABLE, "42P01 3F000", ""),
        (Trouble.COLUMN, "42703", ""),
        (Trouble.WRITES, "25006 0A000", ""),
        (Trouble.BUSY, "40P01 55P03 40001", ""),
        (Trouble.TOO_SLOW, "57014", ""),
        (Trouble.FULL, "53300 57P03", "too many clients|starting up"),
        (Trouble.LOST, "57P01 57P02 08006 08003", "closed the connection|connection is lost"),
        (
            Trouble.UNREACHABLE,
            "08001",
            "connection refused|could not translate|failed to resolve|timeout expired|"
            "connection timeout|no such file|network is unreachable|no route|connection is bad|"
            "name or service|nodename|invalid response",
        ),
        (Trouble.CONVERT, "22P02 22001 22003 22007 22008", ""),
        (Trouble.STATEMENT, "42601 42803 42883 42804 42702", ""),
    ],
    "mysql": [
        (Trouble.DRIVER, "", "cryptography' package"),
        (Trouble.EXPIRED, "", "certificate has expired|certificate expired"),
        (Trouble.TLS, "2026", "certificate|ssl connection error|does not support ssl"),
        # 1044: a user who may not see a database is not told that it does not exist.
        (Trouble.DATABASE, "1049 1044", ""),
        (Trouble.PASSWORD, "1045 1698 1820 1862 3118", ""),
        (Trouble.NOT_FROM_HERE, "1130 1129", ""),
        (Trouble.RIGHT, "1142 1143 1227 1370", ""),
        (Trouble.TABLE, "1146 1109", ""),
        (Trouble.COLUMN, "1054", ""),
        (Trouble.WRITES, "1792 1290", ""),
        (Trouble.BUSY, "1205 1213 3572", ""),
        (Trouble.TOO_SLOW, "3024 1969", r"during query \(.*timed out"),
        (Trouble.FULL, "1040 1203 1226", ""),
        (Trouble.LOST, "2006 2013 2055 1053 1927 1317 1152 1158 1159 1160 1161", ""),
        (Trouble.UNREACHABLE, "2002 2003 2005", ""),
        (Trouble.CONVERT, "1292 1366 1264 1406 1690", ""),
        (Trouble.STATEMENT, "1064 1055 1060 1052 1222", ""),
    ],
    # Oracle's own numbers, and those of its driver (DPY).
    "oracle": [
        (
            Trouble.DRIVER,
            "DPY-3010 DPY-3015 DPY-3001",
            "thin mode does not support|not supported by python-oracledb in thin mode",
        ),
        (Trouble.OPTION, "DPY-4018 DPY-2005 DPY-2007 DPY-4027 DPY-4000", ""),
        (Trouble.EXPIRED, "ORA-29024", "certificate has expired|certificate expired"),
        (Trouble.ENCRYPTION, "ORA-12660 ORA-12696 ORA-28865", ""),
        (Trouble.TLS, "DPY-6002 DPY-4030 DPY-4022", "certificate|ssl|wallet"),
        (Trouble.DATABASE, "ORA-12514 ORA-12505 ORA-12154 DPY-6001 DPY-6003 ORA-01109", ""),
        (Trouble.PASSWORD, "ORA-01017 ORA-28000 ORA-28001 ORA-28009 ORA-01005 DPY-4001", ""),
        (Trouble.NOT_FROM_HERE, "ORA-12547 ORA-12529 ORA-12506 DPY-6000", ""),
        (Trouble.RIGHT, "ORA-01031 ORA-01045 ORA-41900", ""),
        (Trouble.TABLE, "ORA-00942 ORA-04043", ""),
        (Trouble.COLUMN, "ORA-00904", ""),
        (Trouble.WRITES, "ORA-01456 ORA-16000", ""),
        (Trouble.BUSY, "ORA-00054 ORA-00060 ORA-08177 ORA-30006 ORA-01555", ""),
        (Trouble.TOO_SLOW, "DPY-4024 ORA-01013 ORA-00040 ORA-03156", ""),
        (Trouble.FULL, "ORA-00018 ORA-00020 ORA-12516 ORA-12519 ORA-12520 ORA-12526", ""),
        (
            Trouble.LOST,
            "ORA-03113 ORA-03114 ORA-03135 ORA-00028 ORA-01089 ORA-12537 DPY-4011 DPY-1001",
            "",
        ),
        (
            Trouble.UNREACHABLE,
            "ORA-12541 ORA-12170 ORA-12543 ORA-12545 DPY-6005",
            "cannot connect|timed out|refused|name or service",
        ),
        (Trouble.CONVERT, "ORA-01722 ORA-01830 ORA-01858 ORA-01861 ORA-01438 ORA-06502", ""),
        (
            Trouble.STATEMENT,
            "ORA-00900 ORA-00903 ORA-00905 ORA-00907 ORA-00911 ORA-00918 ORA-00923 ORA-00932 "
            "ORA-00933 ORA-00936 ORA-00979 ORA-01008",
            "",
        ),
    ],
    "sqlite": [
        (Trouble.DATABASE, "", "unable to open|not a database|file is encrypted"),
        (Trouble.TABLE, "", "no such table"),
        (Trouble.COLUMN, "", "no such column"),
        (Trouble.WRITES, "", "readonly database"),
        (Trouble.BUSY, "", "is locked"),
        (Trouble.TOO_SLOW, "", "interrupted"),
        (Trouble.STATEMENT, "", "syntax error|incomplete input|ambiguous|no such function"),
    ],
}

# Numbers that several causes share: the words are checked before them. A server reports a
# missing database as a failed login, and a refused certificate as a missing server.
_SHARED: Final = frozenset("18456 28000 08001 08S01 20002 20018 42000 HYT00 2013 DPY-6005".split())

_ODBC = re.compile(r"\[(?P<state>[0-9A-Z]{5})\]|\((?P<number>-?\d+)\)")
_ORACLE = re.compile(r"(?:ORA|DPY)-\d{4,5}")
_NOISE = re.compile(
    r"DPY-6005: cannot connect to database|\(CONNECTION_ID=[^)]*\)|"
    r"DB-Lib error message \d+, severity \d+:?\s*|\[[^\]]*\]|\(SQL\w+\)|\(-?\d+\)"
    r"|Driver Error: .*?DDBC Error: "
)


def trouble_of(backend: str, error: BaseException) -> tuple[Trouble, str]:
    """The kind of failure, and the server's own words in one line of at most 200 characters."""
    origin = getattr(error, "orig", None) or error
    text = "\n".join(_parts(origin.args)) or str(origin)
    codes = set(_codes(origin))
    if backend == "mssql":
        codes |= {code for found in _ODBC.findall(text) for code in found}
    if backend == "oracle":  # "cannot connect" stands above the reason
        codes |= set(_ORACLE.findall(text))
    found = _by_code(backend, codes - _SHARED) or _by_words(backend, text)
    return found or _by_code(backend, codes) or Trouble.UNKNOWN, words_of(text)


def _by_code(backend: str, codes: set[str]) -> Trouble | None:
    for trouble, numbers, _ in _SIGNS.get(backend, []):
        if codes.intersection(numbers.split()):
            return trouble
    return None


def _by_words(backend: str, text: str) -> Trouble | None:
    for trouble, _, pattern in _SIGNS.get(backend, []):
        if pattern and re.search(pattern, text, re.IGNORECASE):
            return trouble
    return None


def words_of(text: str) -> str:
    """The first thing a driver says, without its own decoration, in one line."""
    lines = (" ".join(_NOISE.sub(" ", line).split()) for line in text.splitlines())
    return next((line[:200].rstrip(" .:") for line in lines if line.strip(" .:")), "")


def driver_failed(error: BaseException) -> bool:
    """Whether an exception comes from a driver or SQLAlchemy and not from a bug of ours."""
    module = type(error).__module__.partition(".")[0]
    drivers = ("pymssql", "pyodbc", "mssql_python", "pymysql", "psycopg", "sqlite3", "oracledb")
    return isinstance(error, (sa.exc.SQLAlchemyError, OSError)) or module in drivers


def _codes(origin: BaseException) -> Iterator[str]:
    if sqlstate := getattr(origin, "sqlstate", None):
        yield str(sqlstate)
    yield from _flat(origin.args)


def _flat(value: Any) -> Iterator[str]:
    if isinstance(value, (tuple, list)):
        for each in value:
            yield from _flat(each)
    elif isinstance(value, int) or (isinstance(value, str) and len(value) == 5):
        yield str(value)
    elif code := getattr(value, "full_code", ""):  # oracledb: ORA-01017, DPY-6005
        yield code


def _parts(value: Any) -> Iterator[str]:
    """The words among an exception's arguments; pymssql gives bytes inside tuples."""
    if isinstance(value, (tuple, list)):
        for each in value:
            yield from _parts(each)
    elif isinstance(value, bytes):
        yield value.decode("utf-8", "replace")
    elif isinstance(value, str) and not re.fullmatch("[0-9A-Z]{5}", value):
        yield value
