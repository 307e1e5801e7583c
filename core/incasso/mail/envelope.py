"""Who writes to whom: every address checked and in the form that the relay takes."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parseaddr
from functools import lru_cache

from incasso.contract.channel import OutboundMessage, Recipient
from incasso.contract.errors import RejectedError
from incasso.contract.text import Text, text
from incasso.contract.values import Problem
from incasso.mail.addresses import BadAddressError, mailable


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """Sender and recipients of one mail."""

    sender: str
    sender_name: str
    to: str
    to_name: str
    cc: tuple[tuple[str, str], ...] = ()
    """Name and address of each."""
    reply_to: str = ""

    @property
    def recipients(self) -> tuple[str, ...]:
        """The addresses given to the relay, the debtor's first."""
        return (self.to, *(address for _, address in self.cc))

    @property
    def domain(self) -> str:
        """The domain that sends: the right-hand side of every Message-ID."""
        return self.sender.rpartition("@")[2]


def message_id(delivery: str, domain: str) -> str:
    """The Message-ID of a delivery. A pure function, so that a bounce or a search finds it back."""
    return f"<hub.{delivery}@{domain}>"


def addressed(
    message: OutboundMessage, *, sender: str, sender_name: str, reply_to: str = ""
) -> tuple[Envelope, tuple[Problem, ...]]:
    """The envelope of a message, and its copies that were left out.

    `sender` is a mailable address. What the message itself says about name and answers goes
    first. Raises RejectedError naming the field, with `bad_address` for a wrong debtor.
    """
    to = _debtor(message.to)
    cc, problems = _copies(message.cc, to)
    envelope = Envelope(
        sender=sender,
        sender_name=message.sender_name or sender_name,
        to=to,
        to_name=message.to.name,
        cc=cc,
        reply_to=_answers_to(message.reply_to or reply_to),
    )
    return envelope, problems


def _debtor(to: Recipient) -> str:
    try:
        return mailable(to.address)
    except BadAddressError as error:
        raise _refused("to", to.address, error, bad_address=True) from None


def _copies(
    cc: tuple[Recipient, ...], to: str
) -> tuple[tuple[tuple[str, str], ...], tuple[Problem, ...]]:
    """Name and address of each copy, once; a wrong one is left out with a warning."""
    copies: dict[str, str] = {}
    problems: list[Problem] = []
    for each in cc:
        try:
            copies.setdefault(mailable(each.address), each.name)
        except BadAddressError as error:
            words = text(
                "no copy to {address!r}: {reason}", address=each.address, reason=str(error)
            )
            problems.append(Problem(code="bad_address", message=words, field="cc"))
    copies.pop(to, None)
    return tuple((name, address) for address, name in copies.items()), tuple(problems)


def _answers_to(given: str) -> str:
    try:
        return mailable(_bare(given)) if given else ""
    except BadAddressError as error:
        raise _refused("reply_to", given, error) from None


@lru_cache(maxsize=64)
def _bare(mailbox: str) -> str:
    """The address in `Name <address>`: an office has few, and every message names one."""
    return parseaddr(mailbox)[1]


def _refused(
    field: str, address: str, error: BadAddressError, *, bad_address: bool = False
) -> RejectedError:
    words = text("{address!r} is no mail address: {reason}", address=address, reason=str(error))
    return rejected("bad_address", field, words, bad_address=bad_address)


def rejected(code: str, field: str, words: Text, *, bad_address: bool = False) -> RejectedError:
    """A message that cannot be sent, with the field that is to blame."""
    problem = Problem(code=code, message=words, field=field)
    return RejectedError(words, code=code, problems=(problem,), bad_address=bad_address)
