"""Everything that the hub knows about a client's debts on a day, read in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec
from sqlalchemy import Connection

from incasso.contract.media import Medium
from incasso.domain.office.actor import Scope
from incasso.store.law import credits, papers
from incasso.store.law.credits import AgreementRow, CreditRow, DebtorRow, PaidRow
from incasso.store.law.papers import AnswerRow, AttachmentRow, JournalEnd, ProofRow, SentRow
from incasso.store.ledger.overdue import overdue_installments
from incasso.store.lists.client_history import known_as
from incasso.store.recovery import iters


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What dossiers are made from."""

    on: date
    debtor: DebtorRow
    credits: Sequence[CreditRow]
    """Everything open, oldest first."""
    overdue: frozenset[int]
    """What of it is overdue, by id."""
    payments: Sequence[PaidRow]
    agreements: Sequence[AgreementRow]
    messages: Sequence[SentRow]
    proofs: Mapping[str, Sequence[ProofRow]]
    """By message."""
    asked_for: Mapping[int, frozenset[int]]
    """By step the installments of its message."""
    formal_steps: frozenset[int]
    """Steps whose stage is a formal notice."""
    answers: Sequence[AnswerRow]
    attachments: Sequence[AttachmentRow]
    stages: Mapping[str, str]
    """Labels of stages."""
    journal: JournalEnd | None

    @property
    def claimed(self) -> list[CreditRow]:
        """The installments that are overdue."""
        return [each for each in self.credits if each.id in self.overdue]

    @property
    def set_off(self) -> list[CreditRow]:
        """Credit notes and advances."""
        return [each for each in self.credits if each.residual < 0]

    @property
    def not_due(self) -> list[CreditRow]:
        """Owed, but not overdue."""
        return [each for each in self.credits if each.residual > 0 and each.id not in self.overdue]

    def is_formal(self, sent: SentRow) -> bool:
        """Whether a message is a formal notice, by a medium that gives proof."""
        return sent.step_id in self.formal_steps and Medium(sent.medium).traits.formal


def facts_of(
    connection: Connection,
    scope: Scope,
    client: int,
    on: date,
    only: frozenset[int] | None = None,
) -> Facts:
    """Of a client of the scope; `only`: of its debts these installments alone, by id."""
    known = [each.id for each in known_as(connection, scope, client)]
    asked_for = papers.asked_for(connection, known)
    messages = [
        each
        for each in papers.messages_of(connection, known, on)
        if only is None or only & asked_for.get(each.step_id, frozenset())
    ]
    overdue = overdue_installments(connection, client, on)
    proofs: dict[str, list[ProofRow]] = {}
    for each in papers.proofs_of(connection, known):
        proofs.setdefault(each.delivery_id, []).append(each)
    return Facts(
        on=on,
        debtor=credits.debtor(connection, client),
        credits=[
            each
            for each in credits.open_credits(connection, client)
            if only is None or each.residual < 0 or each.id in only
        ],
        overdue=overdue if only is None else overdue & only,
        payments=credits.payments_of(connection, known, on),
        agreements=credits.agreements_of(connection, known, on),
        messages=messages,
        proofs=proofs,
        asked_for=asked_for,
        formal_steps=_formal(connection, messages),
        answers=papers.answers_of(connection, known, on),
        attachments=papers.attachments_of(connection, known, on),
        stages=iters.stage_labels(connection),
        journal=papers.journal_end(connection),
    )


def _formal(connection: Connection, messages: Sequence[SentRow]) -> frozenset[int]:
    """The steps whose stage, in the version of then, is a formal notice."""
    ids = {each.iter_version_id for each in messages if each.iter_version_id is not None}
    formal = {
        (number, stage.key)
        for number, version in iters.versions(connection, ids).items()
        for stage in version.iter.stages
        if stage.is_formal
    }
    return frozenset(
        each.step_id for each in messages if (each.iter_version_id, each.stage) in formal
    )
