"""Those whom credits are handed to, as a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incasso.store.lists.listing import Belongs, Column, Fields, Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from incasso.domain.placement.providers import Provider
    from incasso.store.lists.paths import Paths


def _read(row: Fields) -> Provider | None:
    """What was published; None: somebody changed it beside the hub, and `verify` says so."""
    import msgspec

    from incasso.domain.placement.providers import Provider

    try:
        return msgspec.convert(row["definition"], Provider)
    except msgspec.ValidationError:
        return None


def _of(key: str) -> Callable[[Fields, Paths], Any]:
    return lambda row, _: getattr(_read(row), key, None)


def _last_day(paper: str) -> Callable[[Fields, Paths], date | None]:
    return lambda row, _: getattr(getattr(_read(row), paper, None), "until", None)


def _licensed_until(row: Fields, paths: Paths) -> date | None:
    found = _read(row)
    return min((each.until for each in found.licences), default=None) if found else None


PROVIDERS = Listing(
    name="providers",
    help="List agencies and lawyers: services, and until when their papers hold.",
    table="providers",
    belongs=Belongs.OFFICE,
    hidden_from=("agent", "depot", "lawyer", "provider", "sales"),
    order=("key",),
    columns=(
        Column("key"),
        Column("label", Kind.PROSE, sql=None, made=_of("label")),
        Column("kind", Kind.CODE, sql=None, made=_of("kind"), words="provider_kind"),
        Column("active", Kind.FLAG, sql=None, made=_of("active")),
        Column("services", Kind.KEYS, sql=None, made=_of("services")),
        Column("instance", sql=None, made=_of("instance")),
        Column("language", sql=None, made=_of("language")),
        Column("price_list", sql=None, made=_of("price_list")),
        Column("mandate_until", Kind.DAY, sql=None, made=_last_day("mandate")),
        Column("licence_until", Kind.DAY, sql=None, made=_licensed_until),
        Column("agreement_until", Kind.DAY, sql=None, made=_last_day("data_agreement")),
        Column("number", Kind.NUMBER),
        Column("published_at", Kind.INSTANT),
        Column("published_by"),
        Column("definition", Kind.DATA, hidden=True),
    ),
    shown="key label kind services mandate_until licence_until agreement_until price_list",
)
