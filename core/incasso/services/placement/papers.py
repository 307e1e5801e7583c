"""The papers of providers: what `check` and the day's cycle say before one ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from incasso.contract.text import Text
from incasso.domain.placement.eligibility import endings
from incasso.domain.placement.providers import Provider
from incasso.locale.providers import ending_text, instance_text
from incasso.services.office.office import Office
from incasso.services.placement.providers import carrier_of
from incasso.store.placement import providers as store
from incasso.store.revision import is_migrated


def paper_notes(office: Office, on: date) -> list[Text]:
    """A sentence for each mandate, licence and agreement that ended or does so within 30 days, and
    for each provider whose plugin is not in the configuration."""
    if not office.store.is_there:  # reading makes the file of an embedded database
        return []
    with office.store.read() as connection:
        if not is_migrated(connection):
            return []
        providers = store.read_providers(connection).values()
    return [*map(ending_text, endings(providers, on)), *_not_configured(office, providers)]


def _not_configured(office: Office, providers: Iterable[Provider]) -> Iterator[Text]:
    for one in providers:
        if one.active and one.instance and not carrier_of(office, one):
            yield instance_text(one.label or one.key, one.instance)
