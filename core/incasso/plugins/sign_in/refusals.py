"""Why a mail server refused a token, as one sentence with the cure.

Microsoft's servers say hardly more than "unsuccessful". What the token itself holds helps: an
application whose permission nobody has consented to gets tokens all the same, without the role.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from typing import Final

import msgspec

from incasso.contract.errors import AuthenticationError
from incasso.contract.mail import MailLogin, SmtpLogin
from incasso.contract.sign_in import SignInWith
from incasso.contract.text import Text, text

STARS: Final = "********"
_RUN: Final = re.compile(r"[A-Za-z0-9+/_=-]{40,}")
"""No word of a server is so long, but tokens are, in every form in which one may be repeated."""


def refused_token(login: MailLogin, token: str, reply: str) -> AuthenticationError:
    """The error for an account whose fresh token is refused."""
    said = without_token(reply, token)
    if login.sign_in is not None and login.sign_in.service is SignInWith.MICROSOFT:
        cure = _at_microsoft(login, token, said)
    else:
        cure = _at_google(login, said)
    return AuthenticationError(
        text(
            "{host} refuses {user}: {cure} (it said: {reply})",
            host=login.host,
            user=login.user,
            cure=cure,
            reply=said[:300],
        )
    )


def without_token(reply: str, token: str) -> str:
    """The reply with stars for the token and for everything that may be it in another form."""
    return _RUN.sub(STARS, reply.replace(token, STARS) if token else reply)


def _at_microsoft(login: MailLogin, token: str, said: str) -> Text:
    told = said.lower()
    if "disabled for the tenant" in told:
        return text(
            "SMTP with sign-in is switched off for the whole tenant: `Set-TransportConfig "
            "-SmtpClientAuthenticationDisabled $false`, or send by a channel of the kind graph"
        )
    if "disabled for the mailbox" in told:
        return text(
            "SMTP with sign-in is switched off for this mailbox: `Set-CASMailbox {user} "
            "-SmtpClientAuthenticationDisabled $false`",
            user=login.user,
        )
    if "security defaults" in told or "criteria" in told or "5.7.139" in told:
        return text(
            "a rule of the tenant (conditional access, security defaults, an authentication "
            "policy) blocks it: exempt the application, or allow the network of this machine"
        )
    needed = "SMTP.SendAsApp" if isinstance(login, SmtpLogin) else "IMAP.AccessAsApp"
    roles = roles_in(token)
    if roles is not None and needed not in roles:
        return text(
            "the application lacks the permission {needed}: in Entra, API permissions, Office 365 "
            "Exchange Online, Application permissions, add it, then “Grant admin consent”",
            needed=needed,
        )
    if "authenticated but not connected" in told:
        return text(
            "the mailbox is not open to the application, or IMAP is off for it: "
            "`Add-MailboxPermission`, `Set-CASMailbox {user} -ImapEnabled $true`",
            user=login.user,
        )
    return text(
        "Exchange does not let the application into the mailbox: `New-ServicePrincipal` with the "
        "object id of the enterprise application, then `Add-MailboxPermission {user}` with "
        "FullAccess; it takes up to an hour",
        user=login.user,
    )


def _at_google(login: MailLogin, said: str) -> Text:
    if "disabled for your domain" in said.lower() or "imap access" in said.lower():
        return text("IMAP is off: allow it in the Admin console, Gmail, End user access")
    return text(
        "the mailbox does not exist, has no Gmail, or the delegation lacks the scope "
        "https://mail.google.com/: look at all three in the Admin console"
    )


def roles_in(token: str) -> frozenset[str] | None:
    """The permissions a token of Microsoft brings; None if it cannot be read.

    Only the words of an error depend on it: tokens are meant for the server alone.
    """
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        told = msgspec.json.decode(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, msgspec.DecodeError):
        return None
    roles = told.get("roles", []) if isinstance(told, dict) else None
    return frozenset(map(str, roles)) if isinstance(roles, list) else None
