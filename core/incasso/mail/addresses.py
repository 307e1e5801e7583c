"""Decide whether an address can be mailed, and write it as the relay must see it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

SPECIAL: Final = ("arpa", "invalid", "local", "localhost", "onion", "test")
"""Domains that no mail reaches, as email-validator lists them; all of them are one word."""

_PLAIN: Final = re.compile(
    r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@"
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63})",
    re.ASCII,
)
_LONGEST: Final = 254


class BadAddressError(ValueError):
    """This is no mail address."""


# Preparing and sending both ask; a debtor with ten reminders asks twenty times.
@lru_cache(maxsize=4096)
def mailable(address: str) -> str:
    """The address for the envelope and the headers, its domain in ASCII (punycode) if need be.

    The result is not ASCII only where the part before the @ is not: such mail needs a relay that
    knows SMTPUTF8. No question is put to the network. Raises BadAddressError saying why.
    """
    if _is_plain(address):
        return address
    # Slow to load, and every command loads the plugins.
    from email_validator import EmailNotValidError, validate_email

    try:
        checked = validate_email(address, check_deliverability=False)
    except EmailNotValidError as error:
        raise BadAddressError(str(error)) from None
    return checked.ascii_email or checked.normalized


def _is_plain(address: str) -> bool:
    """Whether email-validator would certainly give it back as it is.

    Nearly every address is plain ASCII, and the validator takes 35 µs for each of them, as long
    as everything else about the envelope. `tests/channels/test_addresses.py` compares the two.
    """
    found = _PLAIN.fullmatch(address)
    return (
        found is not None
        and len(address) <= _LONGEST
        and found[1] not in SPECIAL
        and "--" not in address.partition("@")[2]
    )
