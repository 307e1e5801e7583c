"""The recheck before a message leaves: asks the ERP, drops what was paid or blocked meanwhile."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from sqlalchemy import Connection

from incasso.contract.capabilities import ConnectorCapability
from incasso.contract.errors import PluginCrashError, PluginError, UnsupportedError
from incasso.contract.ledger import Gone, InstallmentRecord, Unreadable
from incasso.contract.text import text
from incasso.domain.fault import Fault
from incasso.domain.ledger.freshness import is_trusted
from incasso.domain.ledger.intake import installment_problem
from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.ledger.trust import stale
from incasso.locale.problems import sentence
from incasso.locale.reasons import reason_text
from incasso.services.cases.progress import release_cases
from incasso.services.hub.hub import Hub
from incasso.services.sending.still_blocked import blocked_now
from incasso.store.sending import notice_lines, page_reads, refresh
from incasso.store.sending.dispatcher_lock import DispatcherTurn
from incasso.store.sending.outbox_queue import ReadyStep
from incasso.store.sending.page_reads import StepLine
from incasso.store.sending.refresh import OpenInstallment

AT_ONCE: Final = 200
"""The contract's limit for one question to an ERP."""


class AskedSource(NamedTuple):
    """How one source is asked on a day."""

    on: date
    tells_returns: bool
    """It says itself which bills came back."""
    own_currency: str

    def fault(self, record: InstallmentRecord) -> Fault | None:
        """Why its answers cannot be trusted."""
        return installment_problem(record, self.on, self.own_currency)


def untrusted(hub: Hub, on: date) -> dict[str, str]:
    """Sources on whose ledger nothing may be sent now, and why."""
    with hub.store.read() as connection:
        reads = page_reads.last_reads(connection)
    found: dict[str, str] = {}
    for read in reads:
        hours = hub.config.company(read.source).max_age_hours
        if not is_trusted(read.on, read.at, on=on, now=hub.now(), max_age_hours=hours):
            late = stale(read.at, hub.now(), hours)
            found[read.source] = (
                sentence(late)
                if late
                else text("the last good read is of {day}, too old for {on}", day=read.on, on=on)
            )
    return found


def ask_erp(hub: Hub, turn: DispatcherTurn, steps: Sequence[ReadyStep], on: date) -> dict[str, str]:
    """Updates the steps' installments to the ERP's current state.

    Returns the sources that could not answer, with the reason: their installments may be paid, so
    their steps wait. Sources that cannot be asked count as of their last sync.
    """
    silent: dict[str, str] = {}
    for source, found in _by_source(steps).items():
        connector = hub.registry.connector(source)
        if not connector.can(ConnectorCapability.REFRESH):
            continue
        look = AskedSource(
            on=on,
            tells_returns=connector.can(ConnectorCapability.RETURNED_BILLS),
            own_currency=hub.config.company(source).currency,
        )
        with hub.store.read() as connection:
            ids = [step.id for step in found]
            told = [part.step_id for part in notice_lines.parts(connection, ids)]
            known = refresh.installments_of(connection, [*ids, *told])
        try:
            for keys in _batches(sorted(known)):
                news = _told(connector.refresh(tuple(keys), on), known)
                with turn.write() as connection:
                    _apply(connection, known, news, look)
        except UnsupportedError:
            continue
        except PluginError as error:
            silent[source] = text(
                "the ERP could not be asked what is still open: {error}", error=str(error)
            )
    return silent


def drop_blocked(connection: Connection, steps: Sequence[ReadyStep], on: date) -> int:
    """Take what is paid or blocked out of the steps and correct what they ask for.

    How many cases left. A step that lost its last case is cancelled. One that lost every case of
    the stage that gives its words loses the others too: planning writes them their own message.
    """
    ids = [step.id for step in steps]
    lines = notice_lines.lines(connection, ids)
    begun = notice_lines.begun_cases(connection, [step.id for step in steps if step.notice])
    found_cases = (line.case_id for found in lines.values() for line in found)
    cases = [case for case in found_cases if case not in begun]
    blocked = blocked_now(connection, cases, on) if cases else {}
    for reason, released in _by_reason(blocked).items():
        release_cases(connection, released, on, reason)
    without = page_reads.without_their_stage(connection, ids)
    release_cases(connection, without, on, reason_text("words", "it"))
    _correct_totals(connection, steps, lines, {*blocked, *without})
    return len(blocked) + len(without)


def _told(
    news: tuple[InstallmentRecord | Gone | Unreadable, ...], known: Mapping[str, OpenInstallment]
) -> tuple[InstallmentRecord | Gone | Unreadable, ...]:
    """The answer, unless a wrong record in it may be about any of the installments.

    Raises PluginCrashError.
    """
    for each in news:
        if isinstance(each, Unreadable) and each.external_id not in known:
            raise PluginCrashError(each.problems[0].message)
    return news


def _apply(
    connection: Connection,
    known: dict[str, OpenInstallment],
    news: Iterable[InstallmentRecord | Gone | Unreadable],
    look: AskedSource,
) -> None:
    """Only what decides whether and how much to ask; the next sync brings the rest.

    A row that does not add up, or that the ERP moved under another key, is left to the sync; until
    then nothing leaves for it.
    """
    for record in news:
        key = record.key if isinstance(record, InstallmentRecord) else record.external_id
        row = known.get(key)
        if row is None:
            continue
        if isinstance(record, Unreadable):
            refresh.doubt(connection, row.id, look.on)
        elif isinstance(record, Gone):
            if record.merged_into:
                refresh.doubt(connection, row.id, look.on)
            else:
                refresh.close(connection, row.id, InstallmentStatus.GONE, look.on)
        elif record.currency != row.currency or look.fault(record):
            refresh.doubt(connection, row.id, look.on)
        else:
            refresh.update(connection, row, record, look.on, tells_returns=look.tells_returns)


def _correct_totals(
    connection: Connection,
    steps: Sequence[ReadyStep],
    lines: dict[int, list[StepLine]],
    gone: Iterable[int],
) -> None:
    left = set(gone)
    staying = {
        step.id: [line for line in lines.get(step.id, ()) if line.case_id not in left]
        for step in steps
    }
    page_reads.update_residuals(
        connection,
        [line for found in staying.values() for line in found if line.residual != line.planned],
    )
    before = {step.id: step.total for step in steps}
    currency = {step.id: step.currency for step in steps}
    totals = {
        step: sum(line.residual for line in found if line.currency == currency[step])
        for step, found in staying.items()
    }
    changed = {step: total for step, total in totals.items() if total != before[step]}
    page_reads.update_totals(connection, {step: changed[step] for step in changed if staying[step]})


def _by_source(steps: Sequence[ReadyStep]) -> dict[str, list[ReadyStep]]:
    found: dict[str, list[ReadyStep]] = defaultdict(list)
    for step in steps:
        found[step.source].append(step)
    return found


def _by_reason(blocked: Mapping[int, str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for case, reason in sorted(blocked.items()):
        found[reason].append(case)
    return found


def _batches(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(keys), AT_ONCE):
        yield keys[start : start + AT_ONCE]
