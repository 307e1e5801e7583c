"""How a client can be reached, and in which language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from incasso.contract.values import Medium

ITALIAN_SPEAKING = frozenset({"IT", "SM", "VA"})


def reachable(
    client: Mapping[str, str], bad: frozenset[tuple[str, str]] = frozenset()
) -> frozenset[str]:
    """The media that can reach a client: an address is there and is not known to be wrong.

    `bad` holds (medium, address) pairs that bounced for good.
    """
    post = " ".join(filter(None, (client["address"], client["zip"], client["city"])))
    complete = bool(client["address"] and client["city"])
    addresses = {
        Medium.EMAIL: client["email"],
        Medium.PEC: client["pec"],
        Medium.SMS: client["mobile"],
        Medium.FAX: client["fax"],
        Medium.LETTER: post if complete else "",
        Medium.REGISTERED: post if complete else "",
        Medium.TELEGRAM: post if complete else "",
    }
    return frozenset(
        medium.value
        for medium, address in addresses.items()
        if address and (medium.value, address) not in bad
    )


def language_of(
    language: str, country: str, home: str = "IT", written: Sequence[str] = ("it", "en")
) -> str:
    """The language to write in: the client's own if we write it, else by country, else English.

    An empty country means the source's own.
    """
    own = language.lower().replace("_", "-").split("-")[0]
    if own:
        return own if own in written else "en"
    return "it" if (country or home).upper() in ITALIAN_SPEAKING else "en"
