"""The web service itself: products, drafts, the confirmation that counts once, tracking, papers."""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, Self

import msgspec

from incasso.contract.context import CallbackRequest
from incasso.testing.network import Answer, Seen, StubServer
from incasso.testing.postal.letters import Letter, PostalFate
from incasso.testing.samples import PDF

_PRODUCTS: Final = ("raccomandate", "ordinarie", "prioritarie", "telegrammi")
_PATH: Final = re.compile(r"/(?P<product>[a-z]+)/(?P<number>[0-9a-f]*)(?P<rest>/.*)?")
_PRICES: Final = {
    "raccomandate": "5.37",
    "ordinarie": "1.46",
    "prioritarie": "2.93",
    "telegrammi": "7.10",
}


class Cut(StrEnum):
    """Where the line breaks."""

    BEFORE_CREATION = "before_creation"
    AFTER_CREATION = "after_creation"
    BEFORE_CONFIRMATION = "before_confirmation"
    AFTER_CONFIRMATION = "after_confirmation"
    READING = "reading"


class PostalService(StubServer):
    """A service with one account. Its state is in `letters`; time is given by `now`."""

    def __init__(
        self,
        *,
        token: str = "a-token-of-the-post",  # noqa: S107
        user: str = "crediti@acme.example",
        api_key: str = "a-key-of-the-post",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        port: int = 0,
    ) -> None:
        self.token = token
        self.user = user
        self.api_key = api_key
        self.letters: dict[str, Letter] = {}
        self.prices = dict(_PRICES)
        self.credit = True
        """Whether the account has money."""
        self.cut: Cut | None = None
        """Where each line breaks until this is taken back."""
        self.slow_s = 0.0
        """How long a confirmation takes; it is done at the end of it."""
        self.list_is_empty = False
        """Whether its lists of letters say nothing."""
        self.papers = True
        """Whether signed papers are ready."""
        self.tokens = 0
        """How many tokens it made."""
        self._fates: dict[str, PostalFate] = {}
        self._now = now
        self._lock = threading.Lock()
        super().__init__(port=port)

    @property
    def confirmed(self) -> list[Letter]:
        """The letters that cost something, in the order of their drafts."""
        return [each for each in self.letters.values() if each.confirmed]

    def fate(self, name: str, fate: PostalFate) -> None:
        """From now on this becomes of letters to that name."""
        self._fates[name] = fate

    def advance(self, times: int = 1) -> int:
        """Let the post do its next step with every letter; how many events came."""
        came = 0
        for _ in range(times):
            with self._lock:
                came += sum(each.advance(self._now()) for each in self.letters.values())
        return came

    def callback(self, letter: Letter) -> CallbackRequest:
        """The request by which it reports about a letter, with the secret that it was given."""
        given = letter.request.get("callback", {})
        return CallbackRequest(
            method="POST",
            path="/hooks/post",
            headers={name.lower(): str(value) for name, value in given.get("headers", {}).items()},
            query={},
            body=msgspec.json.encode({"data": letter.shown()}),
            received_at=self._now(),
        )

    def answer(self, seen: Seen) -> Answer:
        """The fault, the token, or what the account asks."""
        spared = seen.path.partition("?")[0] in self.before
        if spared or self.fault is not None or seen.path == "/token":
            self.routes["POST", "/token"] = self._token
            return super().answer(seen)
        self.seen.append(seen)
        if seen.headers.get("authorization") != f"Bearer {self.token}":
            return _error(401, 0, "Unauthorized")
        path = seen.path.partition("?")[0]
        if path.startswith("/tracking/"):
            return self._tracking(path.removeprefix("/tracking/"))
        found = _PATH.fullmatch(path)
        if found is None or found["product"] not in _PRODUCTS:
            return _error(404, 404, "no such page")
        return self._about(seen, found["product"], found["number"], found["rest"] or "")

    def _about(self, seen: Seen, product: str, number: str, rest: str) -> Answer:
        if seen.method == "POST" and not number:
            return self._create(product, seen)
        if not number:
            listed = [
                each.shown()
                for each in self.letters.values()
                if each.product == product and not self.list_is_empty
            ]
            return Answer(silent=True) if self.cut is Cut.READING else _data(listed)
        letter = self.letters.get(number)
        if letter is None or letter.product != product:
            return _error(404, 54010, "not found")
        if seen.method == "PATCH":
            return self._confirm(letter)
        if self.cut is Cut.READING:
            return Answer(silent=True)
        return self._paper(letter, rest) if rest else _data([letter.shown()])

    def _create(self, product: str, seen: Seen) -> Answer:
        if self.cut is Cut.BEFORE_CREATION:
            return Answer(silent=True)
        request = seen.json()
        if fault := _fault(request):
            return fault
        with self._lock:
            number = f"{len(self.letters) + 1:024x}"
            letter = Letter(
                number=number,
                product=product,
                request=request,
                price=self.prices[product],
                made_at=self._now(),
            )
            letter.fate = self._fates.get(letter.name, PostalFate.DELIVERED)
            self.letters[number] = letter
        return (
            Answer(silent=True) if self.cut is Cut.AFTER_CREATION else _data([letter.shown()], 201)
        )

    def _confirm(self, letter: Letter) -> Answer:
        if self.cut is Cut.BEFORE_CONFIRMATION:
            return Answer(silent=True)
        if self.slow_s:
            threading.Event().wait(self.slow_s)
        with self._lock:
            if letter.confirmed:
                return _error(422, 52060, "richiesta già confermata o non confermabile")
            if not self.credit:
                return _error(402, 402, "credito insufficiente")
            letter.confirmed = True
        if self.cut is Cut.AFTER_CONFIRMATION:
            return Answer(silent=True)
        return _data([letter.shown()], 202)

    def _paper(self, letter: Letter, rest: str) -> Answer:
        is_ready = self.papers and letter.confirmed
        if rest == "/accettazione" and is_ready and letter.tracking:
            return _pdf(letter, "accettazione")
        if rest == f"/destinatari/{letter.number}r/archiviazione" and is_ready and letter.has_ended:
            return _pdf(letter, "archiviazione")
        return _error(404, 54010, "not ready")

    def _tracking(self, number: str) -> Answer:
        for letter in self.letters.values():
            if letter.post_number == number:
                return _data(letter.tracking)
        return _error(404, 54010, "not found")

    def _token(self, seen: Seen) -> Answer:
        expected = base64.b64encode(f"{self.user}:{self.api_key}".encode()).decode()
        if seen.headers.get("authorization") != f"Basic {expected}":
            return _error(401, 0, "Unauthorized")
        self.tokens += 1
        ends = int(self._now().timestamp()) + 86_400
        return Answer.of({"success": True, "token": self.token, "expire": ends})

    def __enter__(self) -> Self:
        return self


def _fault(request: dict[str, Any]) -> Answer | None:
    """What the service itself refuses: the lines of an envelope that are missing."""
    to = request["destinatari"][0]
    numbers = {"indirizzo": 12080, "comune": 12140, "provincia": 12180}
    missing = [name for name in numbers if not to.get(name)]
    if not missing:
        return None
    return _error(422, numbers[missing[0]], f"{missing[0]} mancante", {"wrong_fields": missing})


def _data(data: list[dict[str, Any]], status: int = 200) -> Answer:
    return Answer.of({"success": True, "message": "", "error": None, "data": data}, status)


def _error(status: int, number: int, message: str, data: Any = None) -> Answer:
    return Answer.of({"success": False, "message": message, "error": number, "data": data}, status)


def _pdf(letter: Letter, name: str) -> Answer:
    content = PDF + f"% {name} {letter.number}\n".encode()
    return Answer(body=content, headers={"content-type": "application/pdf"})
