"""Who surely sent a mail, as the office's own mail server has checked it (RFC 8601).

Anybody can write an Authentication-Results header; a server takes those away that bear its own name
and puts its own on top. So only the topmost one of the server that the settings name counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from email.message import Message
from typing import Final

from incasso.contract.channel import Origin

_VOUCH: Final = {
    "dkim": (("header", "d"), ("header", "i")),
    "spf": (("smtp", "mailfrom"), ("smtp", "helo")),
    "dmarc": (("header", "from"),),
}
"""The methods that name a domain, and where they name it."""


def origin_of(
    mail: Message, *, authserv: str, trusted: Collection[str], envelope_id: str = ""
) -> Origin:
    """What shows who a mail comes from. `authserv`: the name under which our own server writes its
    results; empty if none does. `trusted`: domains of servers that may report about our mail."""
    domains = tuple(sorted(set(_domains(mail, authserv)))) if authserv else ()
    return Origin(
        envelope_id=envelope_id,
        domains=domains,
        trusted_server=any(_within(each, own) for each in domains for own in trusted),
        checked=bool(authserv),
    )


def _domains(mail: Message, authserv: str) -> Iterator[str]:
    import authres  # only where a setting names the server

    for header in mail.get_all("Authentication-Results") or ():
        line = " ".join(str(header).split())
        try:
            found = authres.AuthenticationResultsHeader.parse(f"Authentication-Results: {line}")
        except (authres.AuthResError, ValueError, RecursionError):
            continue
        if str(found.authserv_id).lower() != authserv.strip().lower():
            continue
        for result in found.results:
            if str(result.result).lower() == "pass":
                wanted = _VOUCH.get(str(result.method).lower(), ())
                for each in result.properties:
                    if (each.type, each.name) in wanted:
                        yield str(each.value).rpartition("@")[2].lower().rstrip(".")
        return


def _within(domain: str, own: str) -> bool:
    """Whether a domain is that of ours or below it."""
    own = own.strip().lower().lstrip("@").rstrip(".")
    return "." in own and (domain == own or domain.endswith(f".{own}"))
