"""Read plugins.toml: the hub's own settings, the companies, and one table per plugin instance."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from incasso.contract.capabilities import Family
from incasso.contract.errors import ConfigurationError
from incasso.contract.settings import Between, nearest, setting, toml_tables
from incasso.contract.text import text
from incasso.contract.values import API, Problem, Secret
from incasso.domain.recovery.agreements import (
    DISPUTE_CODES,
    EXTENSION_DAYS,
)
from incasso.locale.language import LANGUAGES
from incasso.plugins.settings.anchor_mailbox import AnchorMailbox
from incasso.plugins.settings.company import Company
from incasso.plugins.settings.problems import TableProblem, refuse
from incasso.plugins.settings.tables import TableError, build

__all__ = ["FEED_KINDS", "INSTANCE_NAME", "S3", "Company", "HubConfig", "load_config"]

FEED_KINDS = (".csv", ".json")

S3 = "s3://"
"""How the address of a bucket begins."""

INSTANCE_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
"""Names of instances are kept in the database and in file names permanently."""


@dataclass(frozen=True, kw_only=True)
class _HubTable:
    timezone: str = setting(help="Where business days begin", default="Europe/Rome")
    language: str = setting(help="Language of the office", default="it")
    database: str = setting(help="SQLAlchemy URL", default="")
    archive: Path | None = setting(help="Folder of the exact bytes", default=None)
    key: Secret | None = setting(
        help="The hub's own key (Ed25519, PEM); absent: incasso.key beside this file",
        default=None,
    )
    anchor: tuple[str, ...] | str = setting(
        help="Where copies of the journal's anchor are kept besides the archive: folders, best on "
        "another machine, or s3://bucket/prefix",
        default=(),
    )
    anchor_mailbox: AnchorMailbox | None = setting(
        help="A mailbox of one's own where copies are kept as mails", default=None
    )
    timestamp: str = setting(
        help="Address of an authority that stamps the anchor once a day (RFC 3161); absent: no "
        "time stamps",
        default="",
    )
    timestamp_ca: Path | None = setting(
        help="Certificates of that authority (PEM), for `verify`; absent: only digests "
        "are compared",
        default=None,
    )
    backups: Path | None = setting(
        help="Folder of backups, for `backup` without a target and before an upgrade; absent: "
        "backups beside this file",
        default=None,
    )
    backup_key: Secret | None = setting(
        help="Key that backups are encrypted with: AGE-SECRET-KEY-1…; absent: not encrypted",
        default=None,
    )
    blocks_feed: tuple[Path, ...] | Path = setting(
        help="File of blocked clients, .csv or .json, written by each dispatch", default=()
    )
    http_hosts: tuple[str, ...] = setting(
        help="Host names by which programs reach `incasso serve`, besides this machine's own",
        default=(),
    )
    http_calls_per_second: Annotated[int, Between(1, 10_000)] = setting(
        help="How many questions a second `incasso serve` answers to one token", default=50
    )
    os_users: Mapping[str, str] = setting(
        help="Who a user of the operating system is in the office: login there, login here",
        default_factory=dict,
    )
    dispute_codes: tuple[str, ...] = setting(
        help="Reasons for which clients contest", default=DISPUTE_CODES
    )
    extension_days: int = setting(
        help="Days beyond the due date in force that are granted without a manager",
        default=EXTENSION_DAYS,
    )
    lots_second_person: bool = setting(
        help="Whether a lot is approved by another person than who composed or froze it",
        default=False,
    )
    api: int = setting(help="Version of this file's keys", default=API)

    def __post_init__(self) -> None:
        if problems := tuple(self._problems()):
            raise ConfigurationError(problems)

    def _problems(self) -> Iterator[Problem]:
        for path in self.feeds:
            if path.suffix.lower() not in FEED_KINDS:
                words = text("{file!r} must end in .csv or .json", file=path.name)
                yield Problem(code="file_kind", field="blocks_feed", message=words)
        if self.extension_days < 0:
            words = text("{days} is not a number of days: give 0 or more", days=self.extension_days)
            yield Problem(code="days", field="extension_days", message=words)
        if self.api not in (API, API - 1):
            words = text("this hub reads api = {api}, not {other}", api=API, other=self.api)
            yield Problem(code="api", field="api", message=words)
        if self.language not in LANGUAGES:
            words = text("the hub does not speak {language!r}", language=self.language)
            hint = text("choose one of {choices}", choices=", ".join(LANGUAGES))
            yield Problem(code="language", field="language", message=words, hint=hint)
        if self.timestamp and not self.timestamp.startswith(("https://", "http://")):
            words = text("{address!r} is no http or https address", address=self.timestamp)
            yield Problem(code="address", field="timestamp", message=words)
        for place in self.anchors:
            if not place.strip():
                words = text("is empty: name a folder, best on another machine")
                yield Problem(code="place", field="anchor", message=words)
            if "://" in place and not place.startswith(S3):
                words = text("{place!r} is neither a folder nor s3://bucket/prefix", place=place)
                yield Problem(code="place", field="anchor", message=words)
        if not _is_zone(self.timezone):
            words = text("{name!r} is no time zone", name=self.timezone)
            hint = text("write Europe/Rome")
            yield Problem(code="timezone", field="timezone", message=words, hint=hint)

    @property
    def anchors(self) -> tuple[str, ...]:
        """Folders and buckets, one or several."""
        return (self.anchor,) if isinstance(self.anchor, str) else self.anchor

    @property
    def feeds(self) -> tuple[Path, ...]:
        """The files, one or several."""
        return (self.blocks_feed,) if isinstance(self.blocks_feed, Path) else self.blocks_feed


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    # ZoneInfo opens any file below its folders that the name points to.
    return name == Path(name).as_posix() and ".." not in name


@dataclass(frozen=True, kw_only=True)
class HubConfig:
    """One configured hub. `problems` are mistakes of instances: they stop these, not the hub."""

    path: Path
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Rome"))
    language: str = "it"
    database_url: str = ""
    archive: Path = Path("archive")
    key: str = field(default="", repr=False)
    """The hub's own key in PEM, if it is given by reference."""
    anchor: tuple[str, ...] = ()
    """Folders and buckets where copies of the journal's anchor are kept, as they are written."""
    anchor_mailbox: AnchorMailbox | None = field(default=None, repr=False)
    """The mailbox where they are kept too."""
    timestamp: str = ""
    """Address of the authority that stamps the anchor once a day; empty: none does."""
    timestamp_ca: Path | None = None
    """File of its certificates."""
    backups: Path = Path("backups")
    """Where backups go if nobody says where."""
    backup_key: str = field(default="", repr=False)
    """What backups are encrypted with; empty: they are not."""
    blocks_feed: tuple[Path, ...] = ()
    http_hosts: tuple[str, ...] = ()
    http_calls_per_second: int = 50
    os_users: Mapping[str, str] = field(default_factory=dict)
    """Logins of the office by user of the operating system, for the command line."""
    dispute_codes: tuple[str, ...] = DISPUTE_CODES
    """The reasons for which clients contest."""
    extension_days: int = EXTENSION_DAYS
    """Days beyond the due date in force that an operator grants without a manager."""
    lots_second_person: bool = False
    """Whether who composed or froze a lot may not approve it."""
    tables: Mapping[Family, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    companies: Mapping[str, Company] = field(default_factory=dict)
    own_tables: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """`[hub]` and the companies as they are written: which secrets lie in files."""
    problems: tuple[TableProblem, ...] = ()

    @property
    def base(self) -> Path:
        """The folder of the file, the base of relative paths."""
        return self.path.parent

    @property
    def key_file(self) -> Path:
        """Where `incasso init` puts the hub's own key."""
        return self.base / "incasso.key"

    def company(self, source: str) -> Company:
        """The company behind a source; without a table only its name is known."""
        return self.companies.get(source) or Company(name=source)


def load_config(path: Path) -> HubConfig:
    """Read the file. Raises ConfigurationError with every mistake outside the plugin tables."""
    path = path.absolute()
    tables = _parse(path)
    problems = _misshapen(tables)
    hub_table = _as_table(tables["hub"])
    hub = _built(_HubTable, hub_table, "hub", path.parent, problems)
    companies = _companies(_as_table(tables["companies"]), path.parent, problems)
    instances, wrong = _instances(tables)
    if problems:
        refuse([*problems, *wrong])
    return HubConfig(
        path=path,
        timezone=ZoneInfo(hub.timezone),
        language=hub.language,
        database_url=_database(hub.database or "sqlite:///incasso.db", path.parent),
        archive=hub.archive or path.parent / "archive",
        key=hub.key.reveal() if hub.key else "",
        anchor=hub.anchors,
        anchor_mailbox=hub.anchor_mailbox,
        timestamp=hub.timestamp,
        timestamp_ca=hub.timestamp_ca,
        backups=hub.backups or path.parent / "backups",
        backup_key=hub.backup_key.reveal() if hub.backup_key else "",
        blocks_feed=hub.feeds,
        http_hosts=hub.http_hosts,
        http_calls_per_second=hub.http_calls_per_second,
        os_users=hub.os_users,
        dispute_codes=hub.dispute_codes,
        extension_days=hub.extension_days,
        lots_second_person=hub.lots_second_person,
        tables=instances,
        companies=MappingProxyType(companies),
        own_tables=MappingProxyType({"hub": hub_table, "companies": tables["companies"]}),
        problems=tuple(wrong),
    )


_SQLITE = "sqlite:///"
_TABLES = ("hub", "companies", *Family)


def _misshapen(tables: dict[str, Any]) -> list[TableProblem]:
    """Unknown tables, and known names that hold something else; absent tables become empty."""
    problems = [
        TableProblem(table="", key=name, message=text("unknown table"), hint=nearest(name, _TABLES))
        for name in tables
        if name not in _TABLES
    ]
    for name in _TABLES:
        if not isinstance(tables.setdefault(name, {}), dict):
            problems.append(_no_table("", name))
    return problems


def _no_table(table: str, key: str) -> TableProblem:
    name = table or key
    name = f"{name}.NAME" if name in (*Family, "companies") else name
    hint = text("write [{name}] with its keys below", name=name)
    return TableProblem(table=table, key=key, message=text("must be a table"), hint=hint)


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
            problems.append(_no_table(where, ""))
    return found


def _parse(path: Path) -> dict[str, Any]:
    """The raw tables. A syntax error names file, line and cure."""
    try:
        tables, wrong = toml_tables(path.read_text(encoding="utf-8-sig"), decimals=True)
    except FileNotFoundError:
        cure = text("make it, or name another with --config PATH")
        raise _file_error(path, text("there is no such file"), cure) from None
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or text("it is not UTF-8 text")
        raise _file_error(path, text("cannot be read: {reason}", reason=reason), "") from None
    for each in wrong:
        raise _file_error(path, each.message, each.hint)
    return tables


def _database(url: str, base: Path) -> str:
    """The URL with an SQLite file relative to plugins.toml, not to the working directory."""
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
    wrong: list[TableProblem] = []
    if not isinstance(table, dict):
        wrong.append(_no_table(where, ""))
    if not INSTANCE_NAME.fullmatch(name):
        words = text("this name is not possible")
        hint = text("a-z, 0-9 and _, a letter first, at most 31 characters")
        wrong.append(TableProblem(table=where, key="", message=words, hint=hint))
    if name in seen:
        words = text("the name is taken by [{table}]", table=seen[name])
        hint = text("give one of them another name")
        wrong.append(TableProblem(table=where, key="", message=words, hint=hint))
    return wrong
