"""Exclusions: what is never dunned; they come before any match."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from incasso.contract.ledger import DocumentKind, PaymentMethod


class Exclusions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The office's exclusions; the field names are the keys of `[exclusions]` in the iter file."""

    clients: tuple[str, ...] = ()
    """Client codes, or "source/code"."""
    categories: tuple[str, ...] = ()
    payment_methods: tuple[PaymentMethod, ...] = ()
    document_kinds: tuple[DocumentKind, ...] = ()
    min_amount: Decimal | None = None
    """An installment whose residual is below this, in its own currency, is not dunned."""


NOTHING_EXCLUDED = Exclusions()
