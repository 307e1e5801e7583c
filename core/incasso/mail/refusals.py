"""What a refused message was refused for: the address, who sends, the rate, the content, the space.

The words are read as well as the codes, because servers use 5.1.1 and 550 for everything. One
judgement serves the SMTP dialogue and the reports that come back. Words for us, for the rate, the
content and the space come first: an address is marked as wrong only if nothing else is to blame.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Final, NamedTuple

from incasso.contract.text import Text, text


class Cause(StrEnum):
    """What a refusal is about."""

    RATE = "rate"
    SENDER = "sender"
    """Our server, our domain, a block list: others will refuse as well."""
    CONTENT = "content"
    SPACE = "space"
    ADDRESS = "address"
    """No such mailbox or domain: the address is not used again."""
    OTHER = "other"


CAUSES: Final[Mapping[Cause, Text]] = {
    Cause.RATE: text("too many messages at once"),
    Cause.SENDER: text("the recipient's server refuses mail from us"),
    Cause.CONTENT: text("the recipient's server refuses the content"),
    Cause.SPACE: text("the recipient's mailbox is full"),
    Cause.ADDRESS: text("there is no such mailbox"),
}
"""Each in the office's words: servers say it in English, or in any language."""


class Words(NamedTuple):
    """Words that tell a cause, and where they come from."""

    cause: Cause
    pattern: str
    source: str


AS_OF: Final = date(2026, 11, 29)
"""When the table was last compared with its sources."""

_SISIMAI: Final = "reasons of the bounce reader Sisimai (BSD), after real bounces"
_PERIOD: Final = r"(hourly|daily|sending|per (minute|hour|day))"

VOCABULARY: Final[tuple[Words, ...]] = (
    Words(Cause.RATE, r"too (many|much|fast|quickly)\b(?! hops)", "RFC 5321; Postfix anvil"),
    Words(Cause.RATE, r"rate.?limit|throttl|concurrent", "Postfix, Microsoft 365, Gmail"),
    # "550 … Class Of Service - Too much traffic": a permanent code for a passing state.
    Words(Cause.RATE, r"class of service", "InfoCert Legalmail, help pages"),
    Words(Cause.RATE, r"receiving mail (at a rate|too)", "Gmail SMTP errors, 4.2.1 and 5.2.1"),
    Words(Cause.RATE, rf"{_PERIOD}.*(limit|quota)|(limit|quota|exceed).*{_PERIOD}", _SISIMAI),
    Words(
        Cause.RATE,
        r"troppi messaggi|limite di invio|zu viele nachrichten|trop de (messages|mails)",
        "the same in it, de, fr",
    ),
    Words(
        Cause.SENDER,
        r"(block|black|deny)[ -]?list|\brbl\b|dnsbl|(?<!\bnot )\blisted (at|by|in|on)\b",
        _SISIMAI,
    ),
    Words(
        Cause.SENDER,
        r"block(ed)? (using|by .*(list|rbl))|banned sending ip",
        "Postfix; Microsoft 5.7.606",
    ),
    Words(Cause.SENDER, r"client host .*(block|reject|refus)", "Postfix reject_rbl_client"),
    Words(
        Cause.SENDER, r"\bip\b( address)?.{0,60}(block|list|bann|refus|reject|reputation)", _SISIMAI
    ),
    Words(
        Cause.SENDER,
        r"(block|refus|reject)\w* .{0,30}\b(your|from|sender'?s?) (ip|server"
        r"|host|network|domain)\b",
        _SISIMAI,
    ),
    Words(Cause.SENDER, r"reputation", "Gmail 5.7.1; Microsoft 5.7.1"),
    Words(Cause.SENDER, r"\b(spf|dkim|dmarc)\b", "RFC 7372, RFC 7489"),
    Words(Cause.SENDER, r"reverse dns|\brdns\b|\bptr\b", _SISIMAI),
    Words(
        Cause.SENDER,
        r"sender( address| domain)? (is )?(reject|refus|den|block|not |verif|unknown|invalid)",
        "Postfix reject_sender_login_mismatch and the like",
    ),
    Words(
        Cause.SENDER,
        r"(domain|address) +of (the )?(envelope )?sender|sender( address| domain)+ +(does|must) "
        r"|sender is unauthenticated|unauthenticated (mail|email|sender)",
        "Sendmail 5.1.8; qmail-smtpd; Gmail 5.7.26",
    ),
    Words(
        Cause.SENDER,
        r"relay(ing)?( access)? (is )?(den|not |prohibit)|unable to relay|\brelaying\b",
        "Postfix, Exchange 5.7.54",
    ),
    Words(
        Cause.SENDER,
        r"(not|un)[ -]?(allowed|permitted|authori[sz]ed) to (send|relay|use)",
        "Exchange 5.7.60",
    ),
    Words(Cause.SENDER, r"authentication (is )?required|not authenticated", "RFC 4954"),
    Words(
        Cause.SENDER,
        r"list[ae] ner[ae]|elenco (di blocco|bloccati)|mittente (\w+ )?(rifiutat"
        r"|bloccat|non autorizzat)",
        "the same in it",
    ),
    Words(
        Cause.SENDER,
        r"sperrliste|schwarze liste|absender (\w+ )?(abgelehnt|gesperrt|blockiert)",
        "the same in de",
    ),
    Words(
        Cause.SENDER,
        r"liste (noire|de blocage)|exp[ée]diteur (\w+ )?(refus|rejet|bloqu)",
        "the same in fr",
    ),
    Words(Cause.CONTENT, r"\bspam|virus|malware|phish|\bjunk\b", _SISIMAI),
    Words(
        Cause.CONTENT,
        r"\bcontent\b|polic(y|ies)\b|blocked attachment",
        "RFC 3463, x.7.1; Exchange transport rules",
    ),
    Words(
        Cause.CONTENT,
        r"(message|mail) (was |has been )?(block|refus|reject)\w* (for|due|because|by)",
        _SISIMAI,
    ),
    Words(
        Cause.CONTENT,
        r"indesiderat|contenuto|criteri di|richtlinie|unerw[üu]nscht|ind[ée]sirable|politique",
        "the same in it, de, fr",
    ),
    Words(
        Cause.SPACE,
        r"quota|insufficient (system )?storage|too (large|big)|exceed\w* .{0,40}size|size limit",
        "RFC 3463, x.2.2 and x.3.4",
    ),
    Words(
        Cause.SPACE,
        r"(mailbox|inbox|storage|casella|postfach|bo[iî]te).{0,40}\b(full"
        r"|pien[ao]|voll|pleine|satur)",
        "Dovecot, Exchange; the same in it, de, fr",
    ),
    Words(
        Cause.ADDRESS,
        r"(user|recipient|mailbox|account|address|utente)s? (is "
        r"|was )?(\w+ )?(unknown|not found|invalid)",
        "Postfix, Sendmail, Exim",
    ),
    Words(
        Cause.ADDRESS,
        r"(unknown|invalid|no such|bad|non-?existent) (local )?"
        r"(user|recipient|mailbox|account|address|e-?mail|local.part|destination|domain|host)",
        _SISIMAI,
    ),
    Words(
        Cause.ADDRESS,
        r"(does ?n[o']t|do not|not) (exist|have an? .{0,40}account)"
        r"|no longer (exists|valid|accepts mail)",
        "Gmail 5.1.1; Yahoo 554 delivery error",
    ),
    Words(
        Cause.ADDRESS,
        r"no (mailbox|account|user|person|one) (here|by|at|with)|not (a )?(known"
        r"|valid) (user|mailbox|recipient)",
        "qmail; " + _SISIMAI,
    ),
    Words(
        Cause.ADDRESS,
        r"mailbox (is )?(unavailable|disabled|inactive|not (present|available))",
        "RFC 5321, 4.2.3",
    ),
    Words(
        Cause.ADDRESS,
        r"not listed in .{0,40}(directory|address book)"
        r"|non (elencat|presente)\w* .{0,40}(directory|rubrica)",
        "HCL (Lotus) Domino",
    ),
    Words(
        Cause.ADDRESS,
        r"recipient address rejected: access denied",
        "Microsoft 5.4.1, directory based blocking",
    ),
    Words(
        Cause.ADDRESS,
        r"recip(ient)?notfound|unknown recipient or mailbox unavailable",
        "Microsoft 5.1.10, 5.1.351",
    ),
    Words(
        Cause.ADDRESS,
        r"unrouteable|domain (\S+ )?(not found|does not exist)"
        r"|host (or domain name )?not found|nullmx|null mx",
        "Exim, Postfix, RFC 7505",
    ),
    Words(
        Cause.ADDRESS,
        r"(utente|destinatario|indirizzo|casella|dominio)( \S+)? (sconosciut"
        r"|inesistent|non (valid|esist|trovat))",
        "the same in it",
    ),
    Words(
        Cause.ADDRESS,
        r"(benutzer|empf[äa]nger|postfach|adresse"
        r"|domain)( \S+)? (ist )?(unbekannt|existiert nicht|nicht (gefunden"
        r"|vorhanden|bekannt))"
        r"|unbekannte[rs]? (benutzer|empf)",
        "the same in de",
    ),
    Words(
        Cause.ADDRESS,
        r"(utilisateur|destinataire|adresse|bo[iî]te( aux lettres)?"
        r"|domaine)( \S+)? (est )?(inconnu|inexistant|invalide|introuvable"
        r"|n'existe pas)",
        "the same in fr",
    ),
)

_LISTS: Final = re.compile(
    r"spamhaus|spamcop|barracudacentral|\bsorbs\b|uceprotect|abuseat|surbl|senderscore|mailspike"
    r"|backscatterer|psbl\.|invaluement",
    re.IGNORECASE,
)
"""Block lists by name, also inside the links that servers give."""

_ENHANCED: Final = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_ADDRESS_CODES: Final = frozenset(
    {"1.1", "1.2", "1.3", "1.6", "1.10", "1.351", "2.1"}
)  # mailbox, domain, syntax, moved, null MX (RFC 3463, 7505); Microsoft; disabled
_SENDER_CODES: Final = re.compile(r"1\.[78]|7\.2[0-6]|7\.(509|515)|7\.6[0-4]\d|7\.7[0-5]\d")
"""Sender's address, DKIM, SPF, reverse DNS (RFC 3463, 7372); Microsoft: DMARC, IP, tenant."""
_NEUTRAL: Final = frozenset({"0.0", "1.0", "5.0"})

_PASSING: Final = re.compile(
    r"temporar(y|il)|temporane|vorübergehend|temporaire|try (again )?later|riprova\w* più tardi",
    re.IGNORECASE,
)
"""Words that take a permanent code back: the address may be good tomorrow."""

_ADDRESS: Final = re.compile(r"<?[^\s<>@:;,]+@[^\s<>@:;,]+>?")
_LINK: Final = re.compile(r"https?://\S+", re.IGNORECASE)
_HOST: Final = re.compile(r"\b(?:[a-z0-9-]+\.)+[a-z]{2,}\b", re.IGNORECASE)


def cause_of(said: str, status: str = "") -> Cause:
    """What a permanent refusal is about. `said`: the server's own words with its codes.

    `status`: the code that a report gives beside them; the server's own codes go before it.
    """
    given = _ENHANCED.findall(said) or _ENHANCED.findall(status)
    if any(kind == "5" and _SENDER_CODES.fullmatch(f"{s}.{d}") for kind, s, d in given):
        return Cause.SENDER
    cause = _cause_of(said, status)
    passing = cause is Cause.ADDRESS and _PASSING.search(said) is not None
    return Cause.OTHER if passing else cause


def _cause_of(said: str, status: str) -> Cause:
    told = _words(said)
    if told is not None and told is not Cause.ADDRESS:
        return told
    found = _ENHANCED.findall(said) or _ENHANCED.findall(status)
    if found and all(kind != "5" for kind, _, _ in found):
        return Cause.OTHER
    if told is Cause.ADDRESS:
        return told
    codes = {f"{subject}.{detail}" for _, subject, detail in found} - _NEUTRAL
    if not codes and _ENHANCED.search(said):
        codes = {f"{s}.{d}" for _, s, d in _ENHANCED.findall(status)} - _NEUTRAL
    return Cause.ADDRESS if codes and codes <= _ADDRESS_CODES else Cause.OTHER


def _words(said: str) -> Cause | None:
    """The first cause that the words tell; names of people, servers and pages tell nothing."""
    own = _ADDRESS.sub(" ", said)
    if _LISTS.search(own):
        return Cause.SENDER
    plain = _HOST.sub(" ", _LINK.sub(" ", own))
    return next((cause for cause, reader in _readers() if reader.search(plain)), None)


@cache
def _readers() -> list[tuple[Cause, re.Pattern[str]]]:
    """The vocabulary ready to search with; commands that hear no refusal never make it."""
    return [(each.cause, re.compile(each.pattern, re.IGNORECASE)) for each in VOCABULARY]
