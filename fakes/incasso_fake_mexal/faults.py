"""What can go wrong on the way: faults to switch on, for one resource, one page, so many times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from incasso_fake_mexal.wire import Answer, RefusalError

FaultKind: TypeAlias = Literal[
    "cut", "hang", "drop", "html", "garbled", "stale_next", "unauthorized", "busy", "slow",
    "unknown_field", "forward", "wrong_year", "lost_reply", "redirect",
]  # fmt: skip
"""cut: the connection ends in mid-body. hang: no answer until the caller gives up or the server
is closed. drop: hangs up without a word, nothing done. lost_reply: does what was asked, then
hangs up. html: a proxy's page. garbled: half a JSON. stale_next: the token is refused, session
gone. unauthorized: 401 now. busy: 503. slow: 408. unknown_field: 6001. forward: 5001.
wrong_year: an empty success. redirect: sends elsewhere."""

_REFUSALS: Final[dict[str, tuple[int, int, str]]] = {
    "unauthorized": (401, 2002, "Utente o password errati"),
    "busy": (503, 3002, "Nessun servizio disponibile"),
    "slow": (408, 3002, "Tempo massimo di elaborazione superato"),
    "stale_next": (400, 6001, "Token next non valido"),
    "unknown_field": (400, 6001, "Nome campo 'dt_sca_origine' non valido"),
    "forward": (500, 5001, "Processo gestionale terminato"),
}

_PAGE: Final = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


@dataclass
class Fault:
    """One fault, and the requests it applies to."""

    kind: FaultKind
    at: str = ""
    """Resource or service it concerns, by the beginning of its path; empty: every request."""
    page: int | None = None
    """Which page of a list, counted from 1."""
    times: int | None = 1
    """How often; None: until `heal()`."""
    method: str = ""
    """GET, POST or PUT; empty: whichever."""

    def meets(self, method: str, path: str, page: int) -> bool:
        """Whether this request is spoilt; a fault that struck often enough never does again."""
        if self.times == 0 or not path.startswith(self.at) or self.page not in (None, page):
            return False
        if self.method not in ("", method):
            return False
        if self.times is not None:
            self.times -= 1
        return True

    def refuse(self) -> None:
        """Raise what the server would say, for faults that are an answer."""
        if self.kind in _REFUSALS:
            status, code, hint = _REFUSALS[self.kind]
            raise RefusalError(status, code, hint)

    def spoil(self, answer: Answer) -> Answer:
        """The answer as it arrives, for faults of the way."""
        if self.kind == "html":
            return Answer(status=200, body=_PAGE, content_type="text/html")
        if self.kind == "garbled":
            return Answer(status=answer.status, body=answer.body[: len(answer.body) // 2])
        if self.kind == "redirect":
            return Answer(status=302, headers={"location": "/login"})
        return answer
