"""A letter at the simulated service, from its draft to its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final


class PostalFate(StrEnum):
    """What becomes of the letters to somebody."""

    DELIVERED = "delivered"
    COLLECTED = "collected"
    REFUSED = "refused"
    UNCLAIMED = "unclaimed"
    UNTRACEABLE = "untraceable"
    MOVED = "moved"
    LOST = "lost"
    SILENT_RETURN = "silent_return"
    """Comes back, and the service does not say why."""
    UNDER_WAY = "under_way"


Step = tuple[str, str, bool]
"""Code, words, and whether it is the last."""

_ACCEPTED: Final = ("00", "Accettata online", False)
_HELD: Final = ("02", "In giacenza presso l'ufficio postale", False)
_COURSES: Final[Mapping[PostalFate, tuple[Step, ...]]] = {
    PostalFate.DELIVERED: (_ACCEPTED, ("01", "Consegnata", True)),
    PostalFate.COLLECTED: (_ACCEPTED, _HELD, ("01", "Ritirata presso l'ufficio postale", True)),
    PostalFate.REFUSED: (_ACCEPTED, ("03", "In restituzione: rifiutata dal destinatario", True)),
    PostalFate.UNCLAIMED: (
        _ACCEPTED,
        _HELD,
        ("03", "In restituzione al mittente per compiuta giacenza", True),
    ),
    PostalFate.UNTRACEABLE: (_ACCEPTED, ("03", "Restituita: destinatario irreperibile", True)),
    PostalFate.MOVED: (_ACCEPTED, ("03", "Restituita: destinatario trasferito", True)),
    PostalFate.LOST: (_ACCEPTED, ("99", "In lavorazione", False), ("98", "Smarrita", True)),
    PostalFate.SILENT_RETURN: (_ACCEPTED, ("03", "In restituzione al mittente", True)),
    PostalFate.UNDER_WAY: (_ACCEPTED, ("99", "In lavorazione", False)),
}
_PRIORITY_COURSE: Final = (_ACCEPTED, ("C", "Consegnata", True))
TRACKED: Final = frozenset({"raccomandate", "prioritarie"})


@dataclass(kw_only=True)
class Letter:
    """One letter, as the service has it."""

    number: str
    product: str
    request: dict[str, Any]
    price: str
    made_at: datetime
    fate: PostalFate = PostalFate.DELIVERED
    confirmed: bool = False
    tracking: list[dict[str, Any]] = field(default_factory=list)

    @property
    def mark(self) -> str:
        """What the sender gave to find it again."""
        return str(self.request.get("callback", {}).get("custom", ""))

    @property
    def name(self) -> str:
        """To whom it goes."""
        return str(self.request["destinatari"][0].get("ragione_sociale", ""))

    @property
    def post_number(self) -> str:
        """The number of the registered letter: twelve digits."""
        is_registered = self.confirmed and self.product == "raccomandate"
        return f"{int(self.number, 16) % 10**12:012d}" if is_registered else ""

    @property
    def has_ended(self) -> bool:
        """Whether its last event has come."""
        return bool(self.tracking) and self.tracking[-1]["definitivo"] is True

    def advance(self, at: datetime) -> bool:
        """One event more, if another is due; whether one came."""
        if not self.confirmed or self.product not in TRACKED or self.has_ended:
            return False
        course = _PRIORITY_COURSE if self.product == "prioritarie" else _COURSES[self.fate]
        if len(self.tracking) >= len(course):
            return False
        code, words, final = course[len(self.tracking)]
        event = {"timestamp": int(at.timestamp()), "type": code, "descrizione": words}
        self.tracking.append({**event, "definitivo": final})
        return True

    def shown(self) -> dict[str, Any]:
        """As the service shows it."""
        recipient: dict[str, Any] = {
            **self.request["destinatari"][0],
            "id": f"{self.number}r",
            "state": "CONFIRMED" if self.confirmed else "NEW",
            "tracking": self.tracking,
            "archiviazione": "DONE" if self.has_ended else "WAITING",
        }
        if self.post_number:
            recipient["NumeroRaccomandata"] = self.post_number
        return {
            "id": self.number,
            "state": "CONFIRMED" if self.confirmed else "NEW",
            "confirmed": self.confirmed,
            "pricing": {"totale": {"importo_totale": float(self.price)}},
            "destinatari": [recipient],
            "opzioni": self.request.get("opzioni", {}),
            "callback": self.request.get("callback", {}),
        }
