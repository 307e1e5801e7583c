"""The connector: clients and open items of a Mago through its web services."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from incasso.api import (
    CallContext,
    CheckReport,
    ClientItem,
    Cursor,
    CursorExpiredError,
    ExternalId,
    Gone,
    InstallmentItem,
    InstallmentRecord,
    Known,
    Page,
    PaymentMethod,
    Problem,
    Receipt,
    TemporaryError,
    Unreadable,
    WriteBack,
    hookimpl,
)
from incasso_mago4.cloud_session import Cloud
from incasso_mago4.link_clients import client, options_block, reminder
from incasso_mago4.link_items import CUSTOMER, METHODS, Reading, Reminder, items
from incasso_mago4.link_session import MagicLink, Session, Way
from incasso_mago4.link_settings import LinkSettings
from incasso_mago4.link_windows import Reading as Windows
from incasso_mago4.link_xml import CUSTOMERS, RECEIVABLES, Criterion, Record, parameters
from incasso_mago4.writing import write_back

PAGE: Final = 1_000
_OURS: Final = Criterion("CustSuppType", str(CUSTOMER), "DataEnum")


class LinkConnector:
    """One company. It holds no session between calls, unless `keep_token` says so."""

    def __init__(self, settings: LinkSettings) -> None:
        self.settings = settings
        self._way: Way = Cloud(settings) if settings.transport == "cloud" else MagicLink(settings)
        self._reminders: dict[str, Reminder] | None = None

    @hookimpl
    def instance_check(self, ctx: CallContext) -> CheckReport:
        """Log in, look at one customer and one item, log off."""
        settings = self.settings
        with self._way.session(ctx) as session:
            customers = self._first(session, CUSTOMERS, settings.customers_profile)
            receivables = self._first(session, RECEIVABLES, settings.receivables_profile)
        return CheckReport(
            remote_identity=self._way.identity(),
            remote_version="MagoCloud" if settings.transport == "cloud" else "Mago4",
            facts={
                "transport": settings.transport,
                "customers": f"{settings.customers_profile}: {_count(customers)}",
                "receivables": f"{settings.receivables_profile}: {_count(receivables)}",
            },
            warnings=tuple(_remarks(customers, receivables, settings)),
        )

    @hookimpl
    def instance_close(self) -> None:
        """Log off what an interrupted call left behind."""
        self._way.close()

    @hookimpl
    def erp_pull_clients(
        self, since: Cursor | None, known: Known, ctx: CallContext
    ) -> Iterator[Page[ClientItem]]:
        """All customers: MagicLink cannot be asked what changed."""
        _refuse_cursor(since)
        count = 0
        with self._way.session(ctx, streams=True) as session:
            reminders: dict[str, Reminder] = {}
            for records in self._windows(session, CUSTOMERS).windows():
                reminders |= _reminded(records)
                found = [client(record) for record in records]
                count += len(found)
                yield from _client_pages(found, known)
        self._reminders = reminders
        yield Page(complete=count > 0)

    @hookimpl
    def erp_pull_installments(
        self, since: Cursor | None, known: Known, ctx: CallContext
    ) -> Iterator[Page[InstallmentItem]]:
        """All items; those that did not change are only named. An empty answer is not believed."""
        _refuse_cursor(since)
        count = 0
        oldest = ctx.on - timedelta(days=self.settings.lookback_days)
        with self._way.session(ctx, streams=True) as session:
            if self._reminders is None:
                yield from self._read_reminders(session)
            reading = self._reading(self._reminders or {})
            for records in self._windows(session, RECEIVABLES).windows():
                count += len(records)
                found = [item for record in records for item in items(record, reading)]
                yield from _item_pages(found, known, oldest)
        yield Page(complete=count > 0)

    @hookimpl
    def erp_refresh_installments(
        self, external_ids: tuple[ExternalId, ...], ctx: CallContext
    ) -> tuple[InstallmentRecord | Gone, ...]:
        """Items as they are now, each document asked for once."""
        found: dict[str, InstallmentRecord] = {}
        numbers = {key.partition("|")[0] for key in external_ids}
        with self._way.session(ctx) as session:
            for number in sorted(number for number in numbers if number.isdigit()):
                if (ctx.deadline - ctx.now()).total_seconds() < 4:
                    raise TemporaryError("Mago is too slow to look at so many items at once")
                found |= self._looked_up(session, number)
        return tuple(found.get(key) or Gone(external_id=key) for key in external_ids)

    @hookimpl
    def erp_write_back(self, change: WriteBack, ctx: CallContext) -> Receipt:
        """Block or release a customer for orders, through the document Customers."""
        return write_back(self._way, self.settings, change, ctx)

    def _looked_up(self, session: Session, number: str) -> dict[str, InstallmentRecord]:
        settings = self.settings
        criterion = Criterion("PymtSchedId", number, "Long")
        question = parameters(RECEIVABLES, settings.receivables_profile, (criterion,))
        found: dict[str, InstallmentRecord] = {}
        for record in session.get(question).records:
            if record.master.get("PymtSchedId") == number:
                reading = self._reading(self._reminder_of(session, record))
                found |= {
                    item.key: item
                    for item in items(record, reading)
                    if isinstance(item, InstallmentRecord)
                }
        return found

    def _reminder_of(self, session: Session, record: Record) -> dict[str, Reminder]:
        code = record.master.get("CustSupp", "")
        if self._reminders is not None:
            return self._reminders
        criteria = (_OURS, Criterion("CustSupp", code))
        question = parameters(CUSTOMERS, self.settings.customers_profile, criteria)
        return _reminded(session.get(question).records)

    def _read_reminders(self, session: Session) -> Iterator[Page[InstallmentItem]]:
        """Reminders stand with the customers; an empty page after each answer resets the clock."""
        self._reminders = {}
        for records in self._windows(session, CUSTOMERS).windows():
            self._reminders |= _reminded(records)
            yield Page()

    def _reading(self, reminders: dict[str, Reminder]) -> Reading:
        own = self.settings.payment_terms
        methods = {**METHODS, **{int(term): PaymentMethod(name) for term, name in own.items()}}
        return Reading(currency=self.settings.currency, methods=methods, reminders=reminders)

    def _windows(self, session: Session, kind: object) -> Windows:
        settings = self.settings
        customers = kind is CUSTOMERS
        more = () if customers else tuple(settings.receivables_filter.items())
        return Windows(
            session=session,
            kind=CUSTOMERS if customers else RECEIVABLES,
            profile=settings.customers_profile if customers else settings.receivables_profile,
            fixed=(_OURS, *(Criterion(field, value, _type(value)) for field, value in more)),
            fields=("CustSupp",) if customers else ("CustSupp", "DocNo"),
            most=settings.max_documents,
            alphabet=settings.code_alphabet,
        )

    def _first(self, session: Session, kind: object, profile: str) -> list[Record]:
        return next(self._windows(session, kind).windows())


def _client_pages(found: Sequence[ClientItem], known: Known) -> Iterator[Page[ClientItem]]:
    for start in range(0, max(len(found), 1), PAGE):
        yield Page(items=tuple(found[start : start + PAGE]))


def _item_pages(
    found: Sequence[InstallmentRecord | Unreadable], known: Known, oldest: date
) -> Iterator[Page[InstallmentItem]]:
    """Pages of one window; what is paid comes only if the hub knows it or it is young."""
    for start in range(0, max(len(found), 1), PAGE):
        part = found[start : start + PAGE]
        keys = [item.key for item in part if isinstance(item, InstallmentRecord)]
        prints = known.fingerprints(keys)
        changed: list[InstallmentItem] = []
        same = []
        for item in part:
            if isinstance(item, Unreadable):
                changed.append(item)
            elif prints.get(item.key) == item.fingerprint:
                same.append(item.key)
            elif item.residual or item.key in prints or (item.document_date or oldest) > oldest:
                changed.append(item)
        yield Page(items=tuple(changed), unchanged=tuple(same))


def _reminded(records: Sequence[Record]) -> dict[str, Reminder]:
    found = {record.master.get("CustSupp", ""): reminder(record) for record in records}
    return {code: each for code, each in found.items() if each.on}


def _type(value: str) -> str:
    return "Bool" if value in ("true", "false") else "String"


def _count(records: Sequence[Record]) -> str:
    return f"{len(records)} in the first answer"


def _remarks(
    customers: Sequence[Record], receivables: Sequence[Record], settings: LinkSettings
) -> Iterator[Problem]:
    if not customers:
        yield Problem(
            code="no_customers",
            message="Mago told no customer at all",
            hint="check company and customers_profile, and what this user may see",
        )
    elif options_block(customers[0]) is None:
        yield Problem(
            code="no_options",
            message=f"the profile {settings.customers_profile} leaves the customer's options out: "
            "limits, agents, order blocks and Mago's own reminders are not read",
            hint="export a profile with the block of options and set customers_profile",
        )
    if not receivables:
        yield Problem(
            code="no_receivables",
            message="Mago told no open item at all",
            hint="check receivables_profile, and whether this user may see receivables",
        )


def _refuse_cursor(since: Cursor | None) -> None:
    """No cursor is ever handed out: MagicLink searches for equal values, never for newer ones."""
    if since is not None:
        raise CursorExpiredError("MagicLink is always read whole")
