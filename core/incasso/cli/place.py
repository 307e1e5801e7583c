"""Where a command runs: the configuration file it was given, and the office or hub behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from incasso.contract.errors import IncassoError
from incasso.contract.text import text

if TYPE_CHECKING:
    from incasso.plugins.settings.config import HubConfig
    from incasso.services.hub.hub import Hub
    from incasso.services.office.office import Office
    from incasso.store.engine import Store


class NotInitialisedError(IncassoError):
    """The database is not initialised: run `incasso init`."""


class OutdatedError(IncassoError):
    """The database is older than this program: run `incasso upgrade`."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """The options before the command."""

    config: Path
    debug: bool = False


@contextmanager
def hub_of(
    context: typer.Context, *, initialised: bool = True, level: bool = False, warned: bool = True
) -> Iterator[Hub]:
    """The hub, closed afterwards; `level` requires the schema of this version.

    A database that was put back from a copy is said, unless `warned` is False.

    Raises ConfigurationError, NotInitialisedError, OutdatedError.
    """
    from incasso.plugins.settings.config import load_config
    from incasso.services.hub.hub import build_hub

    if initialised:
        _need_database(load_config(context.obj.config))
    with build_hub(context.obj.config) as hub:
        if level:
            _need_level(hub.store)
        if initialised and warned:
            _say_if_behind(hub.store)
        yield hub


@contextmanager
def office_of(
    context: typer.Context, *, initialised: bool = True, level: bool = False, warned: bool = True
) -> Iterator[Office]:
    """The same without plugins: faster, and independent of their states.

    Raises ConfigurationError, NotInitialisedError, OutdatedError.
    """
    from incasso.services.office.office import open_office

    with open_office(context.obj.config) as office:
        if initialised:
            _need_database(office.config)
        if level:
            _need_level(office.store)
        if initialised and warned:
            _say_if_behind(office.store)
        yield office


def level_store(context: typer.Context) -> None:
    """Requires a database with the schema of this version.

    Raises ConfigurationError, NotInitialisedError, OutdatedError.
    """
    with office_of(context) as office:
        _need_level(office.store)


def business_day(config: HubConfig, on: date | None) -> date:
    """The day that was given, else today in the office's time zone."""
    from incasso.services.office.office import utc_now

    return on or utc_now().astimezone(config.timezone).date()


def _need_database(config: HubConfig) -> None:
    """SQLite creates an empty file at the first query, whose error would be misleading."""
    from sqlalchemy import make_url

    url = make_url(config.database_url)
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return
    if not Path(str(url.database)).exists():
        raise NotInitialisedError(text("The database is not initialised: run `incasso init`."))


def _need_level(store: Store) -> None:
    """Otherwise work in several parts would report an old database as a failure of each part."""
    from incasso.store.revision import check_origin, is_level, is_migrated

    if is_level(store):
        return
    with store.read() as connection:
        check_origin(connection)
        if not is_migrated(connection):
            raise NotInitialisedError(text("The database is not initialised: run `incasso init`."))
    raise OutdatedError(
        text(
            "The database is older than this program: run `incasso upgrade`, which makes a backup "
            "first."
        )
    )


def _say_if_behind(store: Store) -> None:
    """Other commands work on a database that must not send, and say so."""
    from sqlalchemy.exc import SQLAlchemyError

    from incasso.cli.output import complain
    from incasso.services.proof.standing import judge

    try:
        why = judge(store, thorough=False).why
    except SQLAlchemyError:  # no tables, or no server: the command itself says so
        return
    if why:
        complain(why)
