"""The order block as one guarded column: an UPDATE that changes Blocked only if nobody else did.

It bypasses Mago's own cache, row security and audit, so an office must switch it on (`flag_update =
true`). The change through MagicLink is the better one.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from incasso.api import (
    CallContext,
    ConfigurationError,
    OutcomeUnknownError,
    Receipt,
    RejectedError,
    WriteBack,
    text,
)
from incasso_mago4.codes import CUSTOMER
from incasso_mago4.database.mago import Mago
from incasso_mago4.database.schema import Relation
from incasso_mago4.link.clients import FLAG
from incasso_mago4.raw import flag
from incasso_mago4.writing import NOTHING_DONE, TRIAL, receipt, wanted

TABLE = "MA_CustSuppCustomerOptions"


def update(mago: Mago, change: WriteBack, ctx: CallContext, user: int) -> Receipt:
    """Set or clear the flag. `user` is written as TBModifiedID.

    Raises RejectedError if the customer does not exist or somebody changed the flag in between,
    OutcomeUnknownError if the server did not answer and the flag is still the old one.
    """
    options = _options(mago)
    was = _blocked(mago, options, change.client)
    if was is wanted(change):
        return receipt(change, ctx, was, NOTHING_DONE)
    if ctx.dry_run:
        return receipt(change, ctx, was, TRIAL)
    try:
        changed = mago.client.change(_statement(options, change, was, user))
    except OutcomeUnknownError:
        if _blocked(mago, options, change.client) is not wanted(change):
            raise
        changed = 1
    if not changed:
        raise RejectedError(
            text(
                "somebody changed the order block of customer {client} in this very "
                "moment: look at it in Mago, then decide again",
                client=change.client,
            ),
            code="changed_meanwhile",
        )
    return receipt(change, ctx, was)


def _statement(options: Relation, change: WriteBack, was: bool, user: int) -> sa.Update:
    """One row, one column, guarded by its old value; the clock is the server's, as Mago's is."""
    values: dict[Any, Any] = {options[FLAG]: _digit(wanted(change))}
    if options.has("TBModified"):
        values[options["TBModified"]] = sa.func.current_timestamp()
    if options.has("TBModifiedID"):
        values[options["TBModifiedID"]] = user
    return (
        sa.update(options.table)
        .where(
            options["CustSuppType"] == CUSTOMER,
            options["Customer"] == change.client,
            options[FLAG] == _digit(was),
        )
        .values(values)
    )


def _options(mago: Mago) -> Relation:
    options = mago.schema.relation(TABLE, "")
    if not options.has("CustSuppType", "Customer", FLAG):
        raise ConfigurationError(
            text(
                "table {table} with its column {flag} is not to be seen: ask the "
                "administrator for GRANT SELECT, UPDATE ON {table} TO the user of `url`",
                table=TABLE,
                flag=FLAG,
            )
        )
    return options


def _blocked(mago: Mago, options: Relation, code: str) -> bool:
    question = sa.select(options[FLAG]).where(
        options["CustSuppType"] == CUSTOMER, options["Customer"] == code
    )
    found = [flag(row[0]) for row in mago.rows(question)]
    if not found:
        raise RejectedError(text("Mago has no customer {code}", code=code), code="no_customer")
    return found[0]


def _digit(value: bool) -> str:
    return "1" if value else "0"
