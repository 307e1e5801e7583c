"""Read plugins.toml: the hub's own settings, the companies, and one table per plugin instance."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal
from zoneinfo import ZoneInfo

from incasso.contract.capabilities import Family
from incasso.contract.errors import ConfigurationError
from incasso.contract.settings import setting
from incasso.contract.values import API, Problem
from incasso.plugins.settings.fields import TableError, build
from incasso.plugins.settings.problems import TableProblem, nearest, refuse

FEED_KINDS = (".csv", ".json")

INSTANCE_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
"""Names of instances are kept in the database and in file names for ever."""


@dataclass(frozen=True, kw_only=True)
class Company:
    """Who writes to the clients of one source: letterhead, bank, and the trust in its feed."""

    name: str = setting(help="The creditor's name on letters", default="")
    address: tuple[str, ...] = setting(help="Address lines", default=())
    vat: str = setting(help="VAT number", default="")
    iban: str = setting(help="Where clients pay", default="")
    bic: str = setting(help="BIC of that bank", default="")
    phone: str = setting(help="Phone of the credit office", default="")
    email: str = setting(help="Mail address of the credit office", default="")
    pec: str = setting(help="Certified mail address", default="")
    country: str = setting(help="Country, ISO 3166-1 alpha-2", default="IT")
    province: str = setting(help="Province, for its patron's day", default="")
    currency: str = setting(help="The company's own currency, ISO 4217", default="EUR")
    language: str = setting(help="Language of clients whose own is unknown", default="it")
    responsible_email: str = setting(help="Who gets copies and alerts", default="")
    max_age_hours: int = setting(help="Older ledgers send nothing", unit="hours", default=24)
    max_drop: Decimal = setting(
        help="A full read that loses more stops", unit="fraction", default=Decimal("0.20")
    )
    absences: int = setting(
        help="Complete reads in a row that must miss an item before it is closed as vanished",
        default=2,
    )
    signature: str = setting(help="Who signs", default="")
    release_orders: Literal["paid", "cases", "manual"] = setting(
        help="What ends an order block: nothing past due any more (paid), the cases behind it "
        "paid or closed (cases), or a person (manual)",
        default="paid",
    )
    erp_blocks: Literal["auto", "by_hand", "no"] = setting(
        help="Order blocks in the ERP: written where the connector does it (auto), a list for "
        "people (by_hand), or never",
        default="auto",
    )

    def __post_init__(self) -> None:
        if not re.fullmatch("[A-Z]{3}", self.currency):
            raise ValueError(f"currency {self.currency!r} is none; write EUR")
        if self.absences < 1:
            raise ValueError("absences must be at least 1")
        if self.max_age_hours < 1:
            raise ValueError("max_age_hours must be at least 1")
        if not 0 < self.max_drop <= 1:
            raise ValueError("max_drop is a share between 0 and 1, such as 0.20")


@dataclass(frozen=True, kw_only=True)
class _HubTable:
    timezone: str = setting(help="Where business days begin", default="Europe/Rome")
    language: str = setting(help="Language of the office", default="it")
    database: str = setting(help="SQLAlchemy URL", default="")
    archive: Path | None = setting(help="Folder of the exact bytes", default=None)
    blocks_feed: tuple[Path, ...] | Path = setting(
        help="File of blocked clients, .csv or .json, written by each dispatch", default=()
    )
    os_users: Mapping[str, str] = setting(
        help="Who a user of the operating system is in the office: login there, login here",
        default_factory=dict,
    )
    api: int = setting(help="Version of this file's keys", default=API)

    def __post_init__(self) -> None:
        for path in self.feeds:
            if path.suffix.lower() not in FEED_KINDS:
                raise ValueError(f"blocks_feed {path.name!r} must end in .csv or .json")
        if self.api not in (API, API - 1):
            raise ValueError(f"this hub reads api = {API}, not {self.api}")
        if self.timezone != Path(self.timezone).as_posix() or ".." in self.timezone:
            raise ValueError(f"{self.timezone!r} is no time zone")
        try:
            ZoneInfo(self.timezone)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"{self.timezone!r} is no time zone; write Europe/Rome") from None

    @property
    def feeds(self) -> tuple[Path, ...]:
        """The files, one or several."""
        return (self.blocks_feed,) if isinstance(self.blocks_feed, Path) else self.blocks_feed


@dataclass(frozen=True, kw_only=True)
class HubConfig:
    """One configured hub. `problems` are mistakes of instances: they stop these, not the hub."""

    path: Path
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Rome"))
    language: str = "it"
    database_url: str = ""
    archive: Path = Path("archive")
    blocks_feed: tuple[Path, ...] = ()
    os_users: Mapping[str, str] = field(default_factory=dict)
    """Logins of the office by user of the operating system, for the command line."""
    tables: Mapping[Family, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    companies: Mapping[str, Company] = field(default_factory=dict)
    problems: tuple[TableProblem, ...] = ()

    @property
    def base(self) -> Path:
        """The folder of the file: relative paths begin there."""
        return self.path.parent

    def company(self, source: str) -> Company:
        """The company behind a source; without a table only its name is known."""
        return self.companies.get(source) or Company(name=source)


def load_config(path: Path) -> HubConfig:
    """Read the file. Raises ConfigurationError with every mistake outside the plugin tables."""
    path = path.absolute()
    tables = _parse(path)
    problems = _misshapen(tables)
    hub_table = _with_default_database(_as_table(tables["hub"]))
    hub = _built(_HubTable, hub_table, "hub", path.parent, problems)
    companies = _companies(_as_table(tables["companies"]), path.parent, problems)
    refuse(problems)
    instances, wrong = _instances(tables)
    return HubConfig(
        path=path,
        timezone=ZoneInfo(hub.timezone),
        language=hub.language,
        database_url=_database(hub.database or "sqlite:///incasso.db", path.parent),
        archive=hub.archive or path.parent / "archive",
        blocks_feed=hub.feeds,
        os_users=hub.os_users,
        tables=instances,
        companies=MappingProxyType(companies),
        problems=tuple(wrong),
    )


def _with_default_database(table: dict[str, Any]) -> dict[str, Any]:
    """An unset variable for the database means the embedded one (DESIGN 5.4).

    No debtor is written to twice for it: only `incasso init` makes a database, and every other
    command refuses to work without one.
    """
    match table.get("database"):
        case {"env": str(name)} if not os.environ.get(name):
            return {key: value for key, value in table.items() if key != "database"}
    return table


_SQLITE = "sqlite:///"
_TABLES = ("hub", "companies", *Family)


def _misshapen(tables: dict[str, Any]) -> list[TableProblem]:
    """Unknown tables, and known names that hold something else; absent tables become empty."""
    problems = [
        TableProblem(table="", key=name, message="unknown table", hint=nearest(name, _TABLES))
        for name in tables
        if name not in _TABLES
    ]
    for name in _TABLES:
        if not isinstance(tables.setdefault(name, {}), dict):
            hint = f"write [{name}] with its keys below"
            problems.append(TableProblem(table="", key=name, message="must be a table", hint=hint))
    return problems


def _companies(
    tables: Mapping[str, Any], base: Path, problems: list[TableProblem]
) -> dict[str, Company]:
    """The companies by source; one without a name goes by its source's."""
    found: dict[str, Company] = {}
    for source, table in tables.items():
        where = f"companies.{source}"
        if isinstance(table, dict):
            found[source] = _built(Company, {"name": source, **table}, where, base, problems)
        else:
            hint = f"write [{where}] with its keys below"
            problems.append(TableProblem(table=where, key="", message="must be a table", hint=hint))
    return found


def _parse(path: Path) -> dict[str, Any]:
    """The raw tables; decimals stay exact. A syntax error names file, line and cure."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal)
    except FileNotFoundError:
        cure = "make it, or name another with --config PATH"
        raise _file_error(path, "there is no such file", cure) from None
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise _file_error(path, f"cannot be read: {reason}", "") from None
    except tomllib.TOMLDecodeError as error:
        cure = "texts stand in quotes, lists in [ ], one key = value per line"
        raise _file_error(path, f"is not TOML: {error}", cure) from None


def _database(url: str, base: Path) -> str:
    """An SQLite file is found beside plugins.toml, wherever the command was started."""
    scheme, file = url[: len(_SQLITE)], url[len(_SQLITE) :]
    if scheme != _SQLITE or not file or file.startswith(":memory:"):
        return url
    return f"{_SQLITE}{base / file}"


def _file_error(path: Path, message: str, hint: str) -> ConfigurationError:
    problem = Problem(code="configuration", field=str(path), message=message, hint=hint)
    return ConfigurationError([problem])


def _as_table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _built(settings: type, table: Any, where: str, base: Path, problems: list[TableProblem]) -> Any:
    """The settings of a table; mistakes are added to `problems` and the defaults returned."""
    try:
        return build(settings, _as_table(table), where=where, base=base)
    except TableError as error:
        problems.extend(error.problems)
        return settings()


def _instances(
    tables: Mapping[str, Any],
) -> tuple[Mapping[Family, Mapping[str, Mapping[str, Any]]], list[TableProblem]]:
    """Every plugin instance by family and name, in the order of the file."""
    problems: list[TableProblem] = []
    found: dict[Family, dict[str, Mapping[str, Any]]] = {family: {} for family in Family}
    seen: dict[str, str] = {}
    for family in Family:
        for name, table in _as_table(tables.get(family, {})).items():
            where = f"{family}.{name}"
            problems += _named_wrongly(where, name, table, seen)
            seen.setdefault(name, where)
            found[family][name] = MappingProxyType(_as_table(table))
    return MappingProxyType(found), problems


def _named_wrongly(
    where: str, name: str, table: Any, seen: Mapping[str, str]
) -> list[TableProblem]:
    wrong: list[tuple[str, str]] = []
    if not isinstance(table, dict):
        wrong.append(("must be a table", f"write [{where}] with its keys below"))
    if not INSTANCE_NAME.fullmatch(name):
        wrong.append(
            ("this name is not possible", "a-z, 0-9 and _, a letter first, at most 31 characters")
        )
    if name in seen:
        wrong.append((f"the name is taken by [{seen[name]}]", "give one of them another name"))
    return [TableProblem(table=where, key="", message=m, hint=h) for m, h in wrong]
