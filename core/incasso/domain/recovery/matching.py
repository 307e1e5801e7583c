"""Which credits a rule applies to: shared by iters and by the assignment of operators."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from incasso.contract.ledger import PaymentMethod


class Match(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Every given key must match; an empty list or null matches everything.

    The field names are the keys of `[iter.match]` and of an assignment rule.
    """

    payment_methods: tuple[PaymentMethod, ...] = ()
    unpaid: bool | None = None
    """True: only bills returned by the bank; false: only missed payments."""
    sources: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    depots: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    ratings: tuple[str, ...] = ()
    seasonal: bool | None = None
    clients: tuple[str, ...] = ()
    """Client codes, or "source/code"."""
    client_from: str = ""
    client_to: str = ""
    """A range of client codes, both ends included, compared as text."""
    min_amount: Decimal | None = None
    """Least residual of the installment, in its own currency."""
    max_amount: Decimal | None = None
    """Largest residual."""


ANYONE = Match()


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """The values a match compares; the installment's own agent, depot and area come before the
    client's."""

    source: str
    client: str
    residual: Decimal
    payment_method: str = "other"
    unpaid: bool = False
    category: str = ""
    area: str = ""
    depot: str = ""
    agent: str = ""
    rating: str = ""
    seasonal: bool = False


def fails(match: Match, who: Candidate) -> str:
    """The first key that does not match; empty when all match."""
    for key, wanted, found in (
        ("payment_methods", match.payment_methods, who.payment_method),
        ("sources", match.sources, who.source),
        ("categories", match.categories, who.category),
        ("areas", match.areas, who.area),
        ("depots", match.depots, who.depot),
        ("agents", match.agents, who.agent),
        ("ratings", match.ratings, who.rating),
    ):
        if wanted and found not in wanted:
            return key
    return (
        _fails_on_flags(match, who)
        or _fails_on_client(match, who)
        or _fails_on_amount(match, who.residual)
    )


def _fails_on_flags(match: Match, who: Candidate) -> str:
    if match.unpaid is not None and match.unpaid is not who.unpaid:
        return "unpaid"
    if match.seasonal is not None and match.seasonal is not who.seasonal:
        return "seasonal"
    return ""


def _fails_on_client(match: Match, who: Candidate) -> str:
    if match.clients and not {who.client, f"{who.source}/{who.client}"} & set(match.clients):
        return "clients"
    if match.client_from and who.client < match.client_from:
        return "client_from"
    if match.client_to and who.client > match.client_to:
        return "client_to"
    return ""


def _fails_on_amount(match: Match, residual: Decimal) -> str:
    if match.min_amount is not None and residual < match.min_amount:
        return "min_amount"
    if match.max_amount is not None and residual > match.max_amount:
        return "max_amount"
    return ""
