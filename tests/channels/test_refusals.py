"""Whom a refusal blames: an address is marked as wrong only where nothing else is to blame."""

from __future__ import annotations

import pytest

from incasso.mail.refusals import VOCABULARY, Cause, cause_of

SAID = (
    # Of the sender's address and domain, whatever else the words say.
    (Cause.SENDER, "553 5.1.8 <a@b.it>... Domain of sender address does not exist", "5.1.8"),
    (Cause.SENDER, "550 domain b.it of sender address a@b.it does not exist", "5.1.1"),
    (Cause.SENDER, "550 5.1.7 address unknown", ""),
    (Cause.SENDER, "550 5.7.705 Access denied, tenant has exceeded threshold", "5.7.705"),
    (
        Cause.SENDER,
        "550-5.7.26 This mail has been blocked because the sender is unauthenticated",
        "5.7.26",
    ),
    (Cause.ADDRESS, "X-Notes; User x@y not listed in Domino Directory", "5.1.1"),
    (Cause.SENDER, "550 192.0.2.1 is listed in our own list", ""),
    (Cause.OTHER, "550 5.1.1 mailbox temporarily unavailable try later", "5.1.1"),
    # No such mailbox, no such domain.
    (Cause.ADDRESS, "550 5.1.1 <amm@uno.example.it>... User Unknown", ""),
    (Cause.ADDRESS, "550 5.1.1 anything at all", ""),
    (Cause.ADDRESS, "550-No mailbox here 550 end", "5.1.1"),
    (Cause.ADDRESS, "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)", "5.4.1"),
    (Cause.ADDRESS, "550 5.1.351 Remote server returned unknown recipient", "5.1.351"),
    (Cause.ADDRESS, "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found", ""),
    (Cause.ADDRESS, "550 5.7.1 No such user!", ""),
    (Cause.ADDRESS, "554 delivery error: dd This user doesn't have a yahoo.it account", ""),
    (
        Cause.ADDRESS,
        "550-5.1.1 The email account that you tried to reach does not exist. "
        "https://support.google.com/mail/?p=NoSuchUser - gsmtp",
        "",
    ),
    (
        Cause.ADDRESS,
        "Host or domain name not found. Name service error for name=x.example",
        "5.4.4",
    ),
    (Cause.ADDRESS, "Sorry, no mailbox here by that name. (#5.1.1)", ""),
    (Cause.ADDRESS, "550 Unrouteable address", ""),
    (Cause.ADDRESS, "556 5.1.10 null MX", ""),
    (Cause.ADDRESS, "550 5.1.1 utente sconosciuto", ""),
    (Cause.ADDRESS, "550 casella inesistente", ""),
    (Cause.ADDRESS, "550 Benutzer unbekannt", ""),
    (Cause.ADDRESS, "550 Empfänger existiert nicht", ""),
    (Cause.ADDRESS, "550 destinataire inconnu", ""),
    # The words of people, servers and pages are no words about the cause.
    (Cause.ADDRESS, "550 5.1.1 <spam@policy.example.it>: user unknown", ""),
    (Cause.ADDRESS, "host mx.antispam.example said: 550 5.1.1 user unknown", ""),
    # Us: a block list, our server, our domain.
    (Cause.SENDER, "550 5.7.1 Our IP is on the block list of the recipient", "5.1.1"),
    (Cause.SENDER, "550 5.1.1 user unknown; client host [192.0.2.1] blocked using a list", "5.1.1"),
    (Cause.SENDER, "554 5.7.1 rejected, see https://www.spamhaus.org/query/ip/192.0.2.1", ""),
    (Cause.SENDER, "550 5.7.606 Access denied, banned sending IP [192.0.2.1]", ""),
    (Cause.SENDER, "550 5.7.26 This mail is unauthenticated: DKIM = did not pass", ""),
    (Cause.SENDER, "550 5.1.8 sender address rejected", ""),
    (Cause.SENDER, "554 5.7.1 relay access denied", ""),
    (Cause.SENDER, "550 il vostro server è in una lista nera", ""),
    (Cause.SENDER, "550 Ihr Server steht auf einer Sperrliste", ""),
    (Cause.SENDER, "550 votre serveur est sur liste noire", ""),
    # The rate, the content, the space.
    (Cause.RATE, "550-5.2.1 the user is receiving mail at a rate that prevents more", "5.2.1"),
    (Cause.RATE, "550 blocked: Class Of Service - Too much traffic from this sender", ""),
    (Cause.CONTENT, "554 5.7.1 message is spam", "5.1.1"),
    (Cause.CONTENT, "550 5.1.1 rejected by policy", ""),
    (Cause.CONTENT, "550 messaggio indesiderato", ""),
    (Cause.SPACE, "552 5.2.2 mailbox full", ""),
    (Cause.SPACE, "550 5.1.1 casella di posta piena", ""),
    (Cause.SPACE, "552 5.3.4 message too big", ""),
    # Nothing certain.
    (Cause.OTHER, "550 5.7.1 refused", "5.1.1"),
    (Cause.OTHER, "450 4.1.1 user unknown", "4.1.1"),
    (Cause.OTHER, "delivery time expired", "4.4.7"),
    (Cause.OTHER, "550 no", ""),
    (Cause.OTHER, "", ""),
)


@pytest.mark.parametrize(("cause", "said", "status"), SAID)
def test_the_words_tell_as_well_as_the_code(cause: Cause, said: str, status: str) -> None:
    assert cause_of(said, status) is cause


def test_every_row_of_the_vocabulary_names_its_source() -> None:
    assert all(each.source for each in VOCABULARY)
    assert {each.cause for each in VOCABULARY} == set(Cause) - {Cause.OTHER}
