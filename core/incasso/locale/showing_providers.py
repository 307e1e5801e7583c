"""A provider as `providers show` tells it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from incasso.contract.text import Text, in_a_row, text
from incasso.domain.placement.providers import Provider, ProviderContact
from incasso.domain.placement.shared_fields import SharedField
from incasso.locale.provider_labels import KINDS, TOLD


def described(provider: Provider, carrier: str) -> Iterator[Text]:
    """Who it is, what carries its files and what papers it has, a line each."""
    name = {"label": provider.label or provider.key, "key": provider.key}
    yield text("{label} ({key}), {kind}", **name, kind=KINDS[provider.kind])
    if not provider.active:
        yield text("It gets nothing more.")
    if carrier:
        yield text("Its files go by [providers.{instance}].", instance=carrier)
    else:
        wanted = provider.instance or provider.key
        yield text(
            "Nothing carries its files: plugins.toml has no [providers.{name}].", name=wanted
        )
    yield from _papers(provider)
    yield from _limits(provider)
    for contact in provider.contacts:
        yield text("Contact: {contact}", contact=_contact(contact))


def told_text(told: Sequence[SharedField]) -> Text:
    """What a service is told of a client, beside name and credits."""
    if not told:
        return text("name and credits only")
    return in_a_row(TOLD[each] for each in told)


def _papers(provider: Provider) -> Iterator[Text]:
    if (mandate := provider.mandate) is not None:
        yield text(
            "Mandate {number}: {since} - {until}; a lot stays {days} days",
            number=mandate.number,
            since=mandate.since,
            until=mandate.until or text("no end"),
            days=mandate.lot_days,
        )
    for licence in provider.licences:
        yield text(
            "Licence {number} (Questura of {office}, art. {article} TULPS) until {until}",
            number=licence.number,
            office=licence.office,
            article=licence.article,
            until=licence.until,
        )
    if (agreement := provider.data_agreement) is not None:
        yield text(
            "Agreement on the processing of data {number}: {since} - {until}",
            number=agreement.reference,
            since=agreement.since,
            until=agreement.until or text("no end"),
        )


def _limits(provider: Provider) -> Iterator[Text]:
    if places := [*provider.territory.countries, *provider.territory.provinces]:
        yield text("Territory: {places}", places=places)
    if provider.never:
        yield text("Never gets: {clients}", clients=list(provider.never))


def _contact(contact: ProviderContact) -> list[str]:
    return list(filter(None, (contact.role, contact.name, contact.email, contact.phone)))
