"""Decide whether an address can be mailed, and write it as the relay must see it."""

from __future__ import annotations

from functools import lru_cache


class BadAddressError(ValueError):
    """This is no mail address."""


# Preparing and sending both ask; a debtor with ten reminders asks twenty times.
@lru_cache(maxsize=4096)
def mailable(address: str) -> str:
    """The address for the envelope and the headers, its domain in ASCII (punycode) if need be.

    The result is not ASCII only where the part before the @ is not: such mail needs a relay that
    knows SMTPUTF8. No question is put to the network. Raises BadAddressError saying why.
    """
    # Slow to load, and every command loads the plugins.
    from email_validator import EmailNotValidError, validate_email

    try:
        checked = validate_email(address, check_deliverability=False)
    except EmailNotValidError as error:
        raise BadAddressError(str(error)) from None
    return checked.ascii_email or checked.normalized
