"""What Mago's login answers with a number, and what a person does about it."""

from __future__ import annotations

from typing import Final

from incasso.api import AuthenticationError, ConfigurationError, PluginError, TemporaryError, text

NO_ERROR: Final = 0

_OWN_USER: Final = text(
    "give the hub a Mago user that nobody else uses, and set overwrite_login = "
    "true if an interrupted run left the session behind"
)
_FREE_CAL: Final = text(
    "no licence (CAL) is free: ask the administrator of Mago to disconnect "
    "users who forgot to log off, or for one more CAL for the hub's user"
)
_DATABASE: Final = text("its database is missing or not ready: ask the administrator of Mago")
_CHANGE: Final = text(
    "its password must be changed: log in to Mago once with this user, then set it"
)
_LICENCE: Final = text(
    "Mago's licence does not cover this: ask the dealer whether MagicLink is active"
)

_REFUSED: Final = {
    12: text("the producer key is not accepted: check producer_key"),
    13: text("the user or the password is wrong: check user and password"),
    14: text("the producer key is not accepted: check producer_key"),
    15: _CHANGE,
    16: _CHANGE,
    17: _CHANGE,
    19: _CHANGE,
    32: text(
        "this user may not come in through the web: ask the administrator of Mago to allow it"
    ),
    33: text("this user may not come in this way: ask the administrator of Mago to allow it"),
    35: text("this user is locked: ask the administrator of Mago to unlock it"),
    56: text("this user is not allowed: ask the administrator of Mago to allow it"),
}
_LATER: Final = {
    1: text("Mago's system database does not answer"),
    8: text("this user works in another company right now: {own_user}", own_user=_OWN_USER),
    9: text("this user is logged in already: {own_user}", own_user=_OWN_USER),
    10: _FREE_CAL,
    11: _FREE_CAL,
    18: text("the company's database is locked, perhaps by an update: it will be tried again"),
    26: text("Mago is starting: it will be tried again"),
    42: text("this user is logged in already: {own_user}", own_user=_OWN_USER),
    43: _FREE_CAL,
    44: text("Mago is busy: it will be tried again"),
    45: _FREE_CAL,
}
_WRONG: Final = {
    4: _LICENCE,
    21: text("there is no such company for this user: check company, as Mago's login names it"),
    29: _DATABASE,
    30: _DATABASE,
    31: _DATABASE,
    34: _LICENCE,
    37: text("this user logs in through Windows: create a user of Mago with a password of its own"),
    38: _DATABASE,
    39: _LICENCE,
    40: text("no company is allowed for this user: ask the administrator of Mago to assign it"),
    41: _LICENCE,
    47: _DATABASE,
    48: _DATABASE,
    49: _DATABASE,
}


def login_error(code: int, user: str, company: str) -> PluginError:
    """The error behind a number of LoginCompact; 0 is none and must not come here.

    The numbers are the product's own list (LoginReturnCodes). An unknown one counts as temporary:
    the hub retries later instead of pausing the source.
    """
    where = text("Mago does not let {user!r} into company {company!r}", user=user, company=company)
    if code in _REFUSED:
        return AuthenticationError(
            text("{where} (code {code}): {refused}", where=where, code=code, refused=_REFUSED[code])
        )
    if code in _WRONG:
        return ConfigurationError(
            text("{where} (code {code}): {wrong}", where=where, code=code, wrong=_WRONG[code])
        )
    cure = _LATER.get(code, text("ask the administrator of Mago what this code means"))
    return TemporaryError(text("{where} (code {code}): {cure}", where=where, code=code, cure=cure))
