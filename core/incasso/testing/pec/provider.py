"""What a provider does with a message: its formal checks, and the receipts that follow.

It has state: what it took, what it still owes, and in which order. Time is given, never read.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email import message_from_bytes
from email.utils import getaddresses
from enum import StrEnum
from threading import Lock
from typing import Final

from incasso.testing.pec.authority import PecSigner
from incasso.testing.pec.receipts import Kind, Taken, receipt

Deliver = Callable[[bytes], None]


class Fate(StrEnum):
    """What becomes of the messages to an address."""

    DELIVERED = "delivered"
    ORDINARY = "ordinary"
    """No certified mailbox: accepted as `esterno`, and nothing ever after."""
    UNKNOWN = "unknown"
    NO_DOMAIN = "no_domain"
    FULL = "full"
    VIRUS = "virus"
    """Found at the recipient's provider."""
    DELAYED = "delayed"
    """Warned about after 12 hours, delivered after 15."""
    EXPIRED = "expired"
    """Warned about after 12 hours, given up after 23."""
    SILENT = "silent"
    """Accepted; nothing else comes."""


_FAILURES: Final = {
    # As the largest provider writes an unknown mailbox: not `no-dest`.
    Fate.UNKNOWN: ("altro", "5.1.1 - TEST PEC S.p.A. - indirizzo non valido"),
    Fate.NO_DOMAIN: ("no-dominio", "5.1.2 - TEST PEC S.p.A. - dominio inesistente"),
    Fate.FULL: ("altro", "5.2.2 - TEST PEC S.p.A. - casella piena"),
    Fate.VIRUS: ("virus", "5.7.1 - TEST PEC S.p.A. - virus"),
}
_TOO_LATE: Final = "5.4.1 - TEST PEC S.p.A. - messaggio non consegnato nelle 24 ore"


class PecProvider:
    """One provider; it writes into one sender's mailbox by `deliver`."""

    def __init__(self, signer: PecSigner, deliver: Deliver, now: Callable[[], datetime]) -> None:
        self.signer = signer
        self.taken: list[Taken] = []
        """Every message it took over, also those it did not accept."""
        self.held = False
        """Receipts are kept back until `release`."""
        self.doubled = False
        """Each receipt comes twice."""
        self.reversed = False
        """Of one message the last receipt comes first."""
        self.virus_here = False
        """It finds a virus in what it takes."""
        self._deliver = deliver
        self._now = now
        self._fates: dict[str, Fate] = {}
        self._owed: list[bytes] = []
        self._lock = Lock()

    def fate(self, address: str, fate: Fate) -> None:
        """From now on this becomes of messages to the address."""
        self._fates[address.lower()] = fate

    def take(self, sender: str, recipients: tuple[str, ...], content: bytes) -> None:
        """A message that came by SMTP; its receipts are written, or kept back."""
        ordinary = {r: self._fate(r) is not Fate.ORDINARY for r in recipients}
        taken = Taken(
            sender=sender,
            recipients=recipients,
            content=content,
            at=self._now(),
            certified=ordinary,
        )
        found = self._receipts(taken)
        with self._lock:
            self.taken.append(taken)
            self._owed += reversed(found) if self.reversed else found
        if not self.held:
            self.release()

    def release(self) -> int:
        """Write every receipt that is owed; how many came."""
        with self._lock:
            owed, self._owed = self._owed, []
        mails = [mail for mail in owed for _ in range(2 if self.doubled else 1)]
        for mail in mails:
            self._deliver(mail)
        return len(mails)

    def forget(self) -> None:
        """Write none of the receipts that are owed."""
        with self._lock:
            self._owed.clear()

    def formal_fault(self, sender: str, recipients: tuple[str, ...], content: bytes) -> str:
        """What breaks the rules (RFC 6109, 3.1.1); empty: nothing."""
        mail = message_from_bytes(content)
        senders = [each.lower() for _, each in getaddresses(mail.get_all("From", []))]
        named = mail.get_all("To", []) + mail.get_all("Cc", [])
        shown = {each.lower() for _, each in getaddresses(named)}
        if senders != [sender.lower()]:
            return "il mittente del messaggio non coincide con quello della busta"
        if mail.get("Bcc") is not None:
            return "sono presenti destinatari in copia nascosta"
        if not {each.lower() for each in recipients} <= shown:
            return "un destinatario non compare nel messaggio"
        return ""

    def _fate(self, address: str) -> Fate:
        return self._fates.get(address.lower(), Fate.DELIVERED)

    def _receipts(self, taken: Taken) -> list[bytes]:
        if fault := self.formal_fault(taken.sender, taken.recipients, taken.content):
            return [self._one(Kind.NON_ACCEPTANCE, taken, error="altro", detail=fault)]
        if self.virus_here:
            return [self._one(Kind.NON_ACCEPTANCE, taken, error="virus", detail="virus")]
        after = [each for to in taken.recipients for each in self._after(taken, to)]
        return [self._one(Kind.ACCEPTANCE, taken), *after]

    def _after(self, taken: Taken, to: str) -> list[bytes]:
        """What follows the acceptance, for one recipient."""
        match self._fate(to):
            case Fate.ORDINARY | Fate.SILENT:
                return []
            case Fate.DELAYED:
                return [self._late(taken, to, 12), self._one(Kind.DELIVERY, taken, to, hours=15)]
            case Fate.EXPIRED:
                return [self._late(taken, to, 12), self._late(taken, to, 23, _TOO_LATE)]
            case Fate.DELIVERED:
                return [self._one(Kind.DELIVERY, taken, to)]
            case fate:
                error, detail = _FAILURES[fate]
                return [self._one(Kind.NON_DELIVERY, taken, to, error=error, detail=detail)]

    def _late(self, taken: Taken, to: str, hours: int, detail: str = "") -> bytes:
        return self._one(Kind.DELAY, taken, to, hours=hours, error="altro", detail=detail)

    def _one(
        self,
        kind: Kind,
        taken: Taken,
        to: str = "",
        *,
        hours: float = 0,
        error: str = "nessuno",
        detail: str = "",
    ) -> bytes:
        return receipt(
            kind,
            taken,
            self.signer,
            at=taken.at + timedelta(hours=hours, seconds=1),
            recipient=to,
            error=error,
            detail=detail,
        )
