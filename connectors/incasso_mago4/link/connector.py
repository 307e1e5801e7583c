"""The connector: clients and open items of a Mago through its web services."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from incasso.api import (
    CallContext,
    CheckReport,
    ClientItem,
    ConfigurationError,
    Cursor,
    CursorExpiredError,
    ExternalId,
    Gone,
    InstallmentItem,
    InstallmentRecord,
    Known,
    Page,
    Receipt,
    RejectedError,
    TemporaryError,
    Unreadable,
    UnsupportedError,
    WriteBack,
    hookimpl,
    in_a_row,
    text,
)
from incasso_mago4 import clients, fingerprints
from incasso_mago4.installment import Installments
from incasso_mago4.link.check import report
from incasso_mago4.link.clients import reminders_of
from incasso_mago4.link.cloud_session import Cloud
from incasso_mago4.link.items import Reading, Reminder
from incasso_mago4.link.pages import client_pages, item_pages
from incasso_mago4.link.questions import Questions
from incasso_mago4.link.session import MagicLink
from incasso_mago4.link.settings import LinkSettings
from incasso_mago4.link.transport import Session, Transport
from incasso_mago4.writing import write_back

_RESERVE: Final = timedelta(seconds=4)
"""For the log-off, and for a question that takes longer than the others."""


class LinkConnector:
    """One company. It holds no session between calls, unless `keep_token` says so."""

    def __init__(self, settings: LinkSettings) -> None:
        self.settings = settings

        self._way: Transport = (
            Cloud(settings) if settings.transport == "cloud" else MagicLink(settings)
        )
        self._reminders: dict[str, Reminder] | None = None

    @hookimpl
    def instance_check(self, ctx: CallContext) -> CheckReport:
        """Log in, look at a few customers and items, log off."""
        with self._way.session(ctx) as session:
            questions = Questions(session, self.settings)
            try:
                customers, receivables = questions.some_customers(), questions.some_receivables()
            except RejectedError as error:
                # If Mago refuses everything, settings or rights are the reason.
                raise ConfigurationError(
                    text(
                        "{error}; check the profiles, and what this user may see", error=str(error)
                    )
                ) from None
        for record in receivables[:1]:
            self._reading(ctx, {}).read(record)
        return report(self._way.identity(), self.settings, customers, receivables)

    @hookimpl
    def instance_close(self) -> None:
        """Logs off sessions that an interrupted call left open."""
        self._way.close()

    @hookimpl
    def erp_pull_clients(
        self, since: Cursor | None, known: Known, ctx: CallContext
    ) -> Iterator[Page[ClientItem]]:
        """All customers: MagicLink cannot be asked what changed."""
        _refuse_cursor(since)
        seed, any_came = clients.seed_of(self.settings), False
        reminders: dict[str, Reminder] = {}
        with self._way.session(ctx, streams=True) as session:
            questions = Questions(session, self.settings)
            for records in questions.customers():
                any_came |= bool(records)
                reminders |= reminders_of(records)
                yield from client_pages(records, self.settings, seed, known)
        self._reminders = reminders
        yield Page(complete=any_came and not _may_be_incomplete(questions, ctx))

    @hookimpl
    def erp_pull_installments(
        self, since: Cursor | None, known: Known, ctx: CallContext
    ) -> Iterator[Page[InstallmentItem]]:
        """All items; those that did not change are only named. An empty answer is not trusted."""
        _refuse_cursor(since)
        any_came = False
        with self._way.session(ctx, streams=True) as session:
            questions = Questions(session, self.settings)
            if self._reminders is None:
                yield from self._read_reminders(questions)
            reading = self._reading(ctx, self._reminders or {})
            for records in questions.receivables():
                any_came |= bool(records)
                yield from item_pages(records, reading, known, ctx)
        yield Page(complete=any_came and not _may_be_incomplete(questions, ctx))

    @hookimpl
    def erp_refresh_installments(
        self, external_ids: tuple[ExternalId, ...], ctx: CallContext
    ) -> tuple[InstallmentRecord | Gone, ...]:
        """Items as they are now, each document asked for once.

        Raises TemporaryError if one of them cannot be read now, and UnsupportedError as soon as the
        time will not be enough for all: the hub then uses its last sync.
        """
        found: dict[str, InstallmentRecord] = {}
        keys = (key.partition("|")[0] for key in external_ids)
        numbers = sorted({number for number in keys if number.isdecimal()})
        with self._way.session(ctx) as session:
            began = ctx.now()
            for done, number in enumerate(numbers):
                if done and _too_slow(ctx, began, done, len(numbers)):
                    words = text(
                        "Mago is too slow to look at {n} documents at once", n=len(numbers)
                    )
                    ctx.log.warning("%s: the hub goes by its last sync", words)
                    raise UnsupportedError(words)
                found |= self._looked_up(session, number, ctx, external_ids)
        return tuple(found.get(key) or Gone(external_id=key) for key in external_ids)

    @hookimpl
    def erp_write_back(self, change: WriteBack, ctx: CallContext) -> Receipt:
        """Block or release a customer for orders, through the document Customers."""
        return write_back(self._way, self.settings, change, ctx)

    def _looked_up(
        self, session: Session, number: str, ctx: CallContext, asked: tuple[ExternalId, ...]
    ) -> dict[str, InstallmentRecord]:
        questions = Questions(session, self.settings)
        found: dict[str, InstallmentRecord] = {}
        for record in questions.receivable(number):
            reminders = self._reminders
            if reminders is None:
                reminders = reminders_of(questions.customer(record.master.get("CustSupp", "")))
            good, bad = self._reading(ctx, reminders).read(record)
            for item in (*(each.item for each in good), *bad):
                if isinstance(item, InstallmentRecord):
                    found[item.key] = item
                elif item.external_id in asked:
                    raise _unreadable(item)
        return found

    def _read_reminders(self, questions: Questions) -> Iterator[Page[InstallmentItem]]:
        """Reminders stand with the customers; an empty page after each answer resets the clock."""
        reminders: dict[str, Reminder] = {}
        for records in questions.customers():
            reminders |= reminders_of(records)
            yield Page()
        self._reminders = reminders

    def _reading(self, ctx: CallContext, reminders: dict[str, Reminder]) -> Reading:
        builder = Installments(self.settings, ctx.on)
        profile = self.settings.receivables_profile
        return Reading(builder, fingerprints.seed_of(self.settings), profile, reminders)


def _too_slow(ctx: CallContext, began: datetime, done: int, wanted: int) -> bool:
    """Whether, at the pace so far, the rest would not come before the hub stops waiting."""
    now = ctx.now()
    return (now - began) / done * (wanted - done) > ctx.deadline - now - _RESERVE


def _may_be_incomplete(questions: Questions, ctx: CallContext) -> bool:
    """A reading without a first answer may be incomplete."""
    if questions.blind:
        ctx.log.warning(
            "Mago did not answer a long question, so it was asked letter by letter; what is not "
            "in code_alphabet may be missing, and nothing is closed for being absent"
        )
    return questions.blind


def _refuse_cursor(since: Cursor | None) -> None:
    """Refuses cursors: MagicLink only searches for equal values, so none is ever returned."""
    if since is not None:
        raise CursorExpiredError(text("MagicLink is always read whole"))


def _unreadable(row: Unreadable) -> TemporaryError:
    why = in_a_row(problem.message for problem in row.problems)
    return TemporaryError(
        text(
            "installment {external_id} cannot be read now: {why}",
            external_id=row.external_id,
            why=why,
        )
    )
