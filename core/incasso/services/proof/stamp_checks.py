"""Check the time stamps of the anchor: what they are over, who gave them, which days have none."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection

from incasso.contract.text import Text, counted, text
from incasso.services.proof.stamp_answers import answer_of
from incasso.store.engine import Store
from incasso.store.proof import anchor, stamps
from incasso.store.proof.anchor import Anchor, UnreadableAnchorError
from incasso.store.proof.stamps import Stamp

if TYPE_CHECKING:
    from rfc3161_client import Verifier

_NAMED: Final = 5
"""Days without a stamp that are named one by one."""


def wrong_stamps(store: Store, connection: Connection, authority: Path | None) -> Iterator[Text]:
    """What does not hold of the stamps, the first thing of each. `authority` is the file of its
    certificates; without it only digests and the journal are compared."""
    try:
        verifier = _verifier(authority) if authority else None
        current = anchor.of(store).read()
    except (OSError, ValueError) as error:
        yield text("time stamps: {file}: {error}", file=str(authority or ""), error=str(error))
        return
    epoch = current.epoch if current else 0
    for stamp in stamps.kept(store.archive):
        why = _not_itself(stamp, verifier) or _not_in_journal(connection, stamp, epoch)
        if why:
            yield text("the time stamp of {day}: {why}", day=stamp.day, why=why)


def days_without(store: Store, days: Collection[date]) -> Iterator[Text]:
    """Which of these days of the journal, since the first stamp, have none; the last may come."""
    stamped = {stamp.day for stamp in stamps.kept(store.archive)}
    if not stamped or not days:
        return
    missing = sorted(day for day in days if min(stamped) < day < max(days) and day not in stamped)
    if missing:
        named = ", ".join(str(day) for day in missing[-_NAMED:])
        yield counted(
            "{n} day since {first} has no time stamp: {days}",
            "{n} days since {first} have no time stamp, lastly: {days}",
            n=len(missing),
            first=min(stamped),
            days=named,
        )


def _verifier(authority: Path) -> Verifier:
    """Raises OSError, ValueError."""
    from cryptography.x509 import load_pem_x509_certificates
    from rfc3161_client import VerifierBuilder

    builder = VerifierBuilder()
    for each in load_pem_x509_certificates(authority.read_bytes()):
        if each.issuer == each.subject:
            builder = builder.add_root_certificate(each)
        else:
            builder = builder.add_intermediate_certificate(each)
    return builder.build()


def _not_itself(stamp: Stamp, verifier: Verifier | None) -> Text | None:
    """Why the token is not one of that day over the anchor beside it."""
    from rfc3161_client import VerificationError

    try:
        response = answer_of(stamp.token)
        info = response.tst_info
        imprint, at = info.message_imprint.message, info.gen_time
    except ValueError:
        return text("it cannot be read")
    if imprint != hashlib.new(_HASHES.get(len(imprint), "sha512"), stamp.anchor).digest():
        return text("it is not over the anchor beside it: one of both was changed")
    if abs(at.date() - stamp.day) > timedelta(days=1):
        return text("it was given on {day}", day=at.date())
    try:
        if verifier is not None:
            verifier.verify_message(response, stamp.anchor)
    except VerificationError as error:
        return text("signature or certificate do not hold ({error})", error=str(error))
    return None


def _not_in_journal(connection: Connection, stamp: Stamp, epoch: int) -> Text | None:
    """Why the journal is not the one that was stamped; one recovered since may be another."""
    try:
        stamped: Anchor = anchor.decode(stamp.anchor)
    except UnreadableAnchorError:
        return text("what it is over is no anchor")
    if stamped.epoch >= epoch and not anchor.contains(connection, stamped):
        return text(
            "the journal does not contain batch {batch} as it was stamped", batch=stamped.last_batch
        )
    return None


_HASHES: Final = {32: "sha256", 48: "sha384", 64: "sha512"}
