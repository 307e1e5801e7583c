"""What both simulated services share: messages that move on, callbacks, and trouble on demand."""

from __future__ import annotations

import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from incasso.testing.network import Answer, Seen, StubServer
from incasso.testing.sms.messages import Callback, Fate, SentSms, Stage


class SmsService(ABC):
    """One account at a service. `with service:` starts and ends it.

    `trouble` are answers to the next requests that send, in turn, instead of taking the message;
    with `takes_it` the message is taken all the same, and nobody is told. `slow_s`: so long it
    thinks about each, after it took it.
    """

    token: str
    """The account's secret."""

    def __init__(
        self,
        *,
        reach: Callable[[str], str] = lambda url: url,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`reach` turns a public address of callbacks into where the hub really listens."""
        self.sent: list[SentSms] = []
        self.pending: list[Callback] = []
        """Callbacks that were not made yet, in order."""
        self.trouble: deque[Answer] = deque()
        self.takes_it = False
        self.slow_s = 0.0
        self.calls_at_once = False
        """Each change is called back at once, even before the send is answered."""
        self.now = now
        self._reach = reach
        self._fates: dict[str, Fate] = {}

    def __enter__(self) -> Self:
        self._server = _Server(self._answer)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    @property
    def url(self) -> str:
        """Where it listens, on this machine."""
        return self._server.url

    @property
    def seen(self) -> list[Seen]:
        """Every request, also the refused ones."""
        return self._server.seen

    @property
    @abstractmethod
    def table(self) -> dict[str, Any]:
        """The keys of `[channels.…]` that lead here, but for the secrets."""

    @property
    @abstractmethod
    def secrets(self) -> dict[str, str]:
        """The secrets that belong into that table, by key."""

    def fate(self, number: str, fate: Fate) -> None:
        """What becomes of later messages to that number; delivered unless this says otherwise."""
        self._fates[number] = fate

    def fate_of(self, number: str) -> Fate:
        """The same, asked."""
        return self._fates.get(number, Fate.DELIVERED)

    def move(self) -> None:
        """Every message goes one step further: to the network, then to its fate."""
        for message in self.sent:
            self.moved(message)

    def moved(self, message: SentSms) -> None:
        """One message goes one step further."""
        match message.stage:
            case Stage.QUEUED:
                message.stage = Stage.SENT
            case Stage.SENT if message.fate is not Fate.SILENT:
                message.stage = Stage.OVER
            case _:
                return
        message.changed_at = self.now()
        self.tell(message)

    def tell(self, message: SentSms) -> None:
        """Have the present state of a message called back."""
        if message.callback:
            self.pending.append(self.callback_of(message))
            if self.calls_at_once:
                self.call_back()

    def call_back(self, *, twice: bool = False, backwards: bool = False) -> list[int]:
        """Make the callbacks that wait; the statuses that the hub answered."""
        calls, self.pending = self.pending, []
        if backwards:
            calls.reverse()
        return [self.make(call) for call in calls for _ in range(1 + twice)]

    def make(self, call: Callback) -> int:
        """One request to the hub; the status of its answer."""
        request = urllib.request.Request(
            self._reach(call.url), call.body, dict(call.headers), method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    @abstractmethod
    def callback_of(self, message: SentSms) -> Callback:
        """The request that tells the present state of a message."""

    @abstractmethod
    def answer(self, seen: Seen, query: dict[str, str]) -> Answer:
        """The answer to a request that is no trouble."""

    @abstractmethod
    def sends(self, seen: Seen) -> bool:
        """Whether a request sends a message."""

    def take(self, message: SentSms) -> None:
        """Keep a message that was accepted; what it costs is not undone by any trouble."""
        self.sent.append(message)
        if self.calls_at_once:
            self.moved(message)
            self.moved(message)

    def _answer(self, seen: Seen) -> Answer:
        query = dict(parse_qsl(urlsplit(seen.path).query))
        if not self.sends(seen):
            return self.answer(seen, query)
        if not self.trouble:
            return _slow(self.answer(seen, query), self.slow_s)
        trouble = self.trouble.popleft()
        if self.takes_it:
            self.answer(seen, query)
        return trouble


class _Server(StubServer):
    """Listens, and asks the service for every answer."""

    def __init__(self, answered: Callable[[Seen], Answer]) -> None:
        self._answered = answered
        super().__init__()

    def answer(self, seen: Seen) -> Answer:
        """The service's answer."""
        self.seen.append(seen)
        return self._answered(seen)


def _slow(answer: Answer, seconds: float) -> Answer:
    if not seconds:
        return answer
    return Answer(status=answer.status, body=answer.body, headers=answer.headers, seconds=seconds)
