"""Takes in what providers send: files that wait in their folders, and news of web services."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from shutil import copyfileobj
from typing import Final

import msgspec
from sqlalchemy import Connection

from incasso.contract.capabilities import ProviderCapability
from incasso.contract.errors import CursorExpiredError, PluginError
from incasso.contract.exchange import Arrival, Settled
from incasso.contract.ledger import Unreadable
from incasso.contract.text import text
from incasso.contract.values import Cursor
from incasso.domain.acts.work import Work
from incasso.domain.office.actor import Actor
from incasso.domain.placement.states import ArrivalState
from incasso.plugins.handles import ProviderHandle
from incasso.services.hub.hub import Hub
from incasso.services.office.actors import begin
from incasso.services.placement.carriers import carriers, need_carrier
from incasso.services.placement.fates import Fate, Moment, Origin, RowFate, count
from incasso.services.placement.pages import take_lines
from incasso.services.placement.take_file import MOST_TOLD, FileReport, Incoming, take_file
from incasso.store.placement import cursors, updates
from incasso.store.proof import archive

BY_HAND: Final = ""
"""The identity of a file that nobody claimed."""


class PullReport(msgspec.Struct, kw_only=True):
    """What a web service told."""

    provider: str
    counts: dict[str, int] = {}
    fates: list[RowFate] = []


class ExchangeReport(msgspec.Struct, kw_only=True):
    """What came in from providers, and who could not be asked."""

    on: date
    files: list[FileReport] = []
    pulls: list[PullReport] = []
    waiting: int = 0
    """Reports that a person must decide about, of this time and before."""
    problems: dict[str, str] = {}
    """By provider; the others were asked."""

    @property
    def came(self) -> bool:
        """Whether there is anything to tell."""
        pulled = any(sum(each.counts.values()) for each in self.pulls)
        return bool(self.files or pulled or self.waiting or self.problems)

    @property
    def remarks(self) -> list[str]:
        """What a person should see to, as sentences."""
        failed = [
            text("{provider}: {problem}", provider=name, problem=problem)
            for name, problem in self.problems.items()
        ]
        refused = [
            text(
                "{file} of {provider}: {why}",
                file=each.name,
                provider=each.provider,
                why=each.message,
            )
            for each in self.files
            if each.state is ArrivalState.REFUSED and not each.repeated
        ]
        return [*failed, *refused]

    @property
    def good(self) -> bool:
        """Whether everybody was asked and everything was taken."""
        refused = any(each.state is ArrivalState.REFUSED for each in self.files)
        counts = [each.counts for each in self.files] + [each.counts for each in self.pulls]
        return not (self.problems or refused or any(each.get(Fate.REFUSED) for each in counts))


def take_in(hub: Hub, actor: Actor, on: date, *, only: str = "") -> ExchangeReport:
    """Ask every provider, or `only` one; everything is acted on once, however often it comes.

    One that cannot be asked does not stop the others. Raises ActorError, and ConfigurationError
    for a provider without an instance.
    """
    begin(hub, actor, Work.EXCHANGE, on)
    report = ExchangeReport(on=on)
    asked = {only: need_carrier(hub, only)} if only else carriers(hub)
    for provider, handle in sorted(asked.items()):
        try:
            _ask(hub, handle, provider, report)
        except PluginError as error:
            report.problems[provider] = str(error)
    with hub.store.read() as connection:
        report.waiting = updates.count_waiting(connection)
    return report


def take_given(hub: Hub, actor: Actor, provider: str, path: Path, on: date) -> ExchangeReport:
    """Take one file that a person has, as if it had come by the provider's folder.

    Raises ActorError, ConfigurationError, OSError, and errors of the plugin.
    """
    begin(hub, actor, Work.EXCHANGE, on)
    handle = need_carrier(hub, provider)
    with path.open("rb") as source, archive.incoming(hub.store) as file:
        copyfileobj(source, file.sink)
        entry = file.keep("", path.name)
    given = Incoming(provider=provider, name=path.name, identity=BY_HAND, entry=entry)
    report = ExchangeReport(on=on, files=[take_file(hub, handle, given, on)])
    with hub.store.read() as connection:
        report.waiting = updates.count_waiting(connection)
    return report


def _ask(hub: Hub, handle: ProviderHandle, provider: str, report: ExchangeReport) -> None:
    if handle.can(ProviderCapability.FILES):
        for page in handle.arrivals(report.on):
            for each in page.items:
                if not isinstance(each, Unreadable):
                    report.files.append(_arrived(hub, handle, provider, each, report.on))
    if handle.can(ProviderCapability.PULL):
        report.pulls.append(_pulled(hub, handle, provider, report.on))


def _arrived(
    hub: Hub, handle: ProviderHandle, provider: str, arrival: Arrival, on: date
) -> FileReport:
    """A file of a folder: into the archive, taken, then put away."""
    with archive.incoming(hub.store) as file:
        handle.open(arrival, file.sink, on)
        entry = file.keep("", arrival.name)
    claimed = Incoming(provider=provider, name=arrival.name, identity=arrival.identity, entry=entry)
    taken = take_file(hub, handle, claimed, on)
    handle.settle(arrival, _settled(taken), on)
    return taken


def _settled(taken: FileReport) -> Settled:
    if taken.repeated:
        return Settled.REPEATED
    return Settled.REFUSED if taken.state is ArrivalState.REFUSED else Settled.TAKEN


def _pulled(hub: Hub, handle: ProviderHandle, provider: str, on: date) -> PullReport:
    with hub.store.read() as connection:
        since = cursors.cursor(connection, handle.id)
    try:
        return _pull(hub, handle, provider, since, on)
    except CursorExpiredError:
        return _pull(hub, handle, provider, None, on)


def _pull(
    hub: Hub, handle: ProviderHandle, provider: str, since: Cursor | None, on: date
) -> PullReport:
    """Every page with its cursor in one transaction, so that none is missed."""
    counts: Counter[Fate] = Counter()
    odd: list[RowFate] = []
    origin = Origin(provider=provider)
    for page in handle.pull_updates(since, on):
        keep = _keeping(handle.id, page.cursor)
        lines = [(None, item) for item in page.items]
        moment = Moment(on=on, at=hub.now())
        fates = take_lines(hub, origin, lines, moment, afterwards=keep) or []
        counts += count(fates)
        odd += [each for each in fates if each.fate not in (Fate.APPLIED, Fate.REPEATED)]
    told = {each.value: counts[each] for each in Fate}
    return PullReport(provider=provider, counts=told, fates=odd[:MOST_TOLD])


def _keeping(instance: str, cursor: Cursor | None) -> Callable[[Connection], None]:
    def keep(connection: Connection) -> None:
        if cursor is not None:
            cursors.set_cursor(connection, instance, cursor)

    return keep
