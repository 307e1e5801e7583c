"""Order blocks written into Mago through the document Customers: read, change one field, look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from incasso.api import (
    CallContext,
    OutcomeUnknownError,
    Receipt,
    ReceiptStatus,
    RejectedError,
    UnsupportedError,
    WriteBack,
    WriteBackKind,
    text,
)
from incasso_mago4.codes import CUSTOMER
from incasso_mago4.link.clients import FLAG, options_block
from incasso_mago4.link.settings import LinkSettings
from incasso_mago4.link.transport import Session, Transport
from incasso_mago4.link.xml import CUSTOMERS, Criterion, changed_fields, parameters

ORDERS: Final = (WriteBackKind.BLOCK_ORDERS, WriteBackKind.RELEASE_ORDERS)
NOTHING_DONE: Final = text("it was so already")
TRIAL: Final = text("nothing was changed: a trial")
EARLIER: Final = text("an earlier attempt had done it")


def require(allowed: bool, change: WriteBack, cure: str) -> None:
    """Refuse what is not switched on, or not done at all. Raises UnsupportedError with the cure."""
    if change.kind not in ORDERS:
        raise UnsupportedError(
            text(
                "into Mago only order blocks are written, no {replace}",
                replace=change.kind.value.replace("_", " "),
            )
        )
    if not allowed:
        raise UnsupportedError(
            text(
                "writing into Mago is switched off: {cure} in the connector's table, or "
                "change Blocked in the customer's options by hand",
                cure=cure,
            )
        )


def wanted(change: WriteBack) -> bool:
    """The new flag: a release restores what the block found."""
    if change.kind is WriteBackKind.BLOCK_ORDERS:
        return True
    return change.before.get(FLAG) == "true"


def receipt(change: WriteBack, ctx: CallContext, was: bool, note: str = "") -> Receipt:
    """What the hub keeps. The same attempt again gives the same reference and the same `before`.

    A flag found set on a later attempt counts as set by the first: if somebody else had set it, the
    first attempt would have found it and succeeded.
    """
    if was is wanted(change) and ctx.attempt > 1 and not ctx.dry_run:
        was, note = not was, EARLIER
    return Receipt(
        ref=f"{change.client}/{FLAG}/{ctx.idempotency_key}"[:128],
        at=ctx.now(),
        status=ReceiptStatus.DONE,
        note=note,
        before={FLAG: _word(was)},
    )


def write_back(
    way: Transport, settings: LinkSettings, change: WriteBack, ctx: CallContext
) -> Receipt:
    """Block or release through SetData; nothing is sent if the flag is right already.

    Raises UnsupportedError if it is switched off or the profile has no options, RejectedError if
    Mago does not know the customer or does not save, OutcomeUnknownError without an answer.
    """
    require(settings.write_back, change, text("set write_back = true"))
    with way.session(ctx) as session:
        found = _look(session, settings, change.client)
        if found.blocked is wanted(change):
            return receipt(change, ctx, found.blocked, NOTHING_DONE)
        if ctx.dry_run:
            return receipt(change, ctx, found.blocked, TRIAL)
        _save(session, settings, change, found)
    return receipt(change, ctx, found.blocked)


class _Found(NamedTuple):
    """The customer's block of options as it is now."""

    master_name: str
    block_name: str
    blocked: bool


def _look(session: Session, settings: LinkSettings, code: str) -> _Found:
    profile = settings.customers_profile
    criteria = (
        Criterion("CustSuppType", str(CUSTOMER), "DataEnum"),
        Criterion("CustSupp", code),
    )
    for record in session.get(parameters(CUSTOMERS, profile, criteria)).records:
        if record.master.get("CustSupp") != code:
            continue
        block = options_block(record)
        if block is None:
            raise UnsupportedError(
                text(
                    "the profile {profile} leaves the customer's options out, which hold the "
                    "flag {flag}: export a profile with them and set customers_profile",
                    profile=profile,
                    flag=FLAG,
                )
            )
        return _Found(record.master_name, block[0], block[1][FLAG] in ("true", "1"))
    raise RejectedError(text("Mago has no customer {code}", code=code), code="no_customer")


def _save(session: Session, settings: LinkSettings, change: WriteBack, found: _Found) -> None:
    kind = str(CUSTOMER)
    master: Mapping[str, str] = {"CustSuppType": kind, "CustSupp": change.client}
    options = {"CustSuppType": kind, FLAG: _word(wanted(change))}
    data = changed_fields(
        CUSTOMERS,
        settings.customers_profile,
        (found.master_name, master),
        (found.block_name, options),
    )
    silence: OutcomeUnknownError | None = None
    try:
        session.set(data)
    except OutcomeUnknownError as error:
        silence = error
    if _look(session, settings, change.client).blocked is wanted(change):
        return
    if silence is not None:
        raise silence
    raise RejectedError(
        text(
            "Mago took the change of customer {client} and left {flag} as it was: ask "
            "its administrator whether this user may change customers",
            client=change.client,
            flag=FLAG,
        ),
        code="not_saved",
    )


def _word(value: bool) -> str:
    return "true" if value else "false"
