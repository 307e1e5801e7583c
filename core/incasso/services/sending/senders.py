"""Whether messages can say who writes and where to pay."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from incasso.contract.text import Text, text
from incasso.plugins.settings.config import Company, HubConfig

# ISO 13616; 15 characters has the shortest one, Norway's.
_IBAN: Final = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b")


def incomplete_senders(config: HubConfig, sources: Iterable[str]) -> Iterator[Text]:
    """What to tell the office of each source whose company lacks a name, an address or an IBAN,
    or whose letterhead cannot be printed."""
    for source in sources:
        company = config.companies.get(source) or Company()
        missing = [name for name in ("name", "address", "iban") if not getattr(company, name)]
        if missing:
            yield _incomplete(source, ", ".join(missing), no_iban="iban" in missing)
        if company != Company():
            # What prints letters is loaded only for companies that say something of theirs.
            from incasso.services.sending.letterheads import letterhead_faults

            yield from letterhead_faults(source, company)


def _incomplete(source: str, missing: str, *, no_iban: bool) -> Text:
    if no_iban:
        return text(
            "Messages about {source} cannot say where to pay, and formal notices wait: fill in "
            "{missing} under [companies.{source}] in plugins.toml.",
            source=source,
            missing=missing,
        )
    return text(
        "Messages about {source} do not say in full who writes: fill in {missing} under "
        "[companies.{source}] in plugins.toml.",
        source=source,
        missing=missing,
    )


def says_where_to_pay(company_iban: str, words: str) -> bool:
    """Whether a message has payment details: the company's, or an IBAN in its own words."""
    return bool(company_iban) or _IBAN.search(words) is not None
