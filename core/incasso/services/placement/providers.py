"""Providers in and out as files, and what is known of one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from incasso.contract.capabilities import Family
from incasso.contract.errors import IncassoError
from incasso.contract.exchange import Service
from incasso.contract.settings import Wrong, nearest
from incasso.contract.text import lines, text
from incasso.domain.acts.work import Work
from incasso.domain.fault import Fault
from incasso.domain.office.actor import Actor
from incasso.domain.placement.eligibility import may_leave
from incasso.domain.placement.prices import altered_versions
from incasso.domain.placement.provider_export import write_provider_file
from incasso.domain.placement.provider_file import (
    ProviderFile,
    ProviderProblem,
    ProviderTables,
    read_provider_file,
)
from incasso.domain.placement.providers import Provider
from incasso.domain.placement.shared_fields import SharedField
from incasso.locale.file_problems import provider_problem_text
from incasso.locale.system_words import system_words
from incasso.services.office.actors import admit
from incasso.services.office.office import Office
from incasso.store.placement import providers as store
from incasso.store.proof import journal


class ProviderFileError(IncassoError):
    """The provider file has problems; nothing of it was published."""

    def __init__(self, problems: Sequence[ProviderProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__(lines(map(provider_problem_text, problems)))


@dataclass(frozen=True, kw_only=True)
class Published:
    """What an import changed: the keys of what is new or different, and of what is as it was."""

    providers: tuple[str, ...] = ()
    price_lists: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    altered: tuple[tuple[str, date], ...] = ()
    """Price lists and first days of versions that held already: by them fees of what was handed
    over are others now."""

    @property
    def changed(self) -> bool:
        """Whether anything is different now."""
        return bool(self.providers or self.price_lists)


def read_file(office: Office, path: Path) -> ProviderTables:
    """Read and check a provider file. Raises ProviderFileError with every problem."""
    try:
        given = path.read_text("utf-8-sig")
    except OSError as error:
        raise _refused(path.name, system_words(error)) from None
    except UnicodeDecodeError:
        raise _refused(path.name, text("the file is not UTF-8"), text("save it as UTF-8")) from None
    with office.store.read() as connection:
        known = store.read_price_lists(connection)
    read: ProviderFile = read_provider_file(given, path.name, price_lists=known)
    if read.problems:
        raise ProviderFileError(read.problems)
    if not (read.tables.providers or read.tables.price_lists):
        empty = text("there is no [[provider]] and no [[price_list]] table in it")
        raise _refused(path.name, empty)
    return read.tables


def would_publish(office: Office, actor: Actor, read: ProviderTables, *, on: date) -> Published:
    """What `publish` would change; nothing is written. Raises ActorError for who may not."""
    with office.store.read() as connection:
        admit(connection, actor, Work.PROVIDERS)
        return _compared(connection, read, on)


def publish(office: Office, actor: Actor, read: ProviderTables, *, on: date) -> Published:
    """Publish the providers and price lists of a file; others stay as they are.

    What is as it was is not written again. Raises ActorError.
    """
    with office.store.write() as connection:
        by = admit(connection, actor, Work.PROVIDERS).name
        report = _compared(connection, read, on)
        for prices in read.price_lists:
            store.publish_price_list(connection, prices, at=office.now(), by=by)
        for provider in read.providers:
            store.publish_provider(connection, provider, at=office.now(), by=by)
        if report.changed:
            facts = {
                "providers": report.providers,
                "price_lists": report.price_lists,
                "altered": [f"{key} {day}" for key, day in report.altered],
            }
            event = journal.Event(kind="providers.published", actor=by, on=on, facts=facts)
            journal.record(connection, [event], at=office.now())
    return report


def _compared(connection: Connection, read: ProviderTables, on: date) -> Published:
    providers = store.read_providers(connection)
    lists = store.read_price_lists(connection)
    parties = [(one.key, providers.get(one.key) == one) for one in read.providers]
    prices = [(one.key, lists.get(one.key) == one) for one in read.price_lists]
    return Published(
        providers=tuple(key for key, same in parties if not same),
        price_lists=tuple(key for key, same in prices if not same),
        unchanged=tuple(key for key, same in (*parties, *prices) if same),
        altered=tuple(
            (one.key, day)
            for one in read.price_lists
            if one.key in lists
            for day in altered_versions(lists[one.key], one, on)
        ),
    )


def export(office: Office, keys: Collection[str] = ()) -> str:
    """The providers as one file with their price lists; the same bytes for the same ones.

    With keys only those providers. Raises LookupError for one that there is not.
    """
    with office.store.read() as connection:
        providers = store.read_providers(connection)
        lists = store.read_price_lists(connection)
    for key in keys:
        _known(providers, key)
    chosen = [one for key, one in providers.items() if not keys or key in keys]
    named = {name for one in chosen for name in (one.price_list, *one.price_lists.values())}
    return write_provider_file(
        chosen, (one for key, one in lists.items() if not keys or key in named)
    )


class OfferedService(msgspec.Struct, frozen=True, kw_only=True):
    """One service of a provider, as it stands on a day."""

    service: Service
    price_list: str
    """Empty: none was agreed."""
    told: tuple[SharedField, ...]
    """What it is told of a client."""
    obstacles: tuple[Fault, ...]
    """Why no lot may leave; empty: it may."""


def carrier_of(office: Office, provider: Provider) -> str:
    """The table of plugins.toml that carries its files: the one it names, else the one of its own
    key; empty if there is none."""
    known = office.config.tables.get(Family.PROVIDER, {})
    name = provider.instance or provider.key
    return name if name in known else ""


def show_provider(office: Office, key: str, on: date) -> tuple[Provider, list[OfferedService]]:
    """A provider and how its services stand that day. Raises LookupError."""
    with office.store.read() as connection:
        provider = known_provider(connection, key)
    return provider, [
        OfferedService(
            service=service,
            price_list=provider.prices(service),
            told=tuple(each for each in SharedField if each in provider.told(service)),
            obstacles=may_leave(provider, service, on),
        )
        for service in provider.services
    ]


def known_provider(connection: Connection, key: str) -> Provider:
    """The provider of that key. Raises LookupError with the nearest there is."""
    return _known(store.read_providers(connection), key)


def _known(providers: dict[str, Provider], key: str) -> Provider:
    """Raises LookupError with the nearest there is."""
    if key in providers:
        return providers[key]
    hint = nearest(key, providers, otherwise=text("see `incasso providers list`"))
    raise LookupError(text("No provider is called {key}: {hint}", key=key, hint=hint))


def _refused(file: str, message: str, hint: str = "") -> ProviderFileError:
    wrong = Wrong(key="", code="refused", message=message, hint=hint)
    return ProviderFileError([ProviderProblem(file=file, wrong=wrong)])
