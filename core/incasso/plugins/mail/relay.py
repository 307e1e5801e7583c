"""One relay during one call: check it, or offer it a message and hand that over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import TypeAlias

from incasso.contract.errors import RateLimitedError, RejectedError, TemporaryError
from incasso.contract.mail import SmtpFacts, SmtpLogin
from incasso.contract.text import text
from incasso.plugins.mail.connecting import connect
from incasso.plugins.mail.lines import Lines
from incasso.plugins.mail.session import LineLostError, Session, broken_at
from incasso.plugins.sign_in.tokens import Access

Ask: TypeAlias = Callable[[Session], tuple[str, ...]]
"""Offers one message on a connection; what the relay said to refused copies."""


class Offered:
    """A message that the relay is ready to take; the contract's OfferedMail."""

    def __init__(self, session: Session, refused_copies: tuple[str, ...]) -> None:
        self._session = session
        self.refused_copies = refused_copies
        self.begun = False

    def hand_over(self, content: bytes, ref: str) -> str:
        """The message itself. Returns the relay's final reply."""
        self.begun = True
        return self._session.hand_over(content, ref)


class Relay:
    """The contract's SmtpClient. `patience` gives the longest wait for each answer."""

    def __init__(
        self, login: SmtpLogin, lines: Lines, patience: Callable[[], float], access: Access
    ) -> None:
        self._login = login
        self._lines = lines
        self._patience = patience
        self._access = access

    def check(self) -> SmtpFacts:
        """Greet, protect, log in."""
        session = self._connected()
        facts = SmtpFacts(
            tls=session.tls_version, size_limit=session.size_limit, reports=session.reports
        )
        session.close()
        return facts

    def offer(
        self, sender: str, recipients: Sequence[str], size: int, envelope_id: str = ""
    ) -> AbstractContextManager[Offered]:
        """Offers sender and recipients; drops the connection only if the block crashes."""
        return self._offer(partial(_offer, sender, recipients, size, envelope_id))

    @contextmanager
    def _offer(self, ask: Ask) -> Iterator[Offered]:
        session, refused = self._accepted(ask)
        offered = Offered(session, refused)
        try:
            yield offered
        except (RejectedError, TemporaryError):
            self._give_back(session)
            raise
        except BaseException:
            session.abandon()
            raise
        if offered.begun:
            self._lines.give_back(session)
        else:
            self._give_back(session)

    def _accepted(self, ask: Ask) -> tuple[Session, tuple[str, ...]]:
        """A connection on which the relay has accepted sender and debtor.

        A relay may close a connection after some messages or seconds. That shows at MAIL, before it
        heard of this message, so one new connection is tried at once.
        """
        session = self._lines.take(self._patience(), self._connected)
        while True:
            try:
                return session, ask(session)
            except LineLostError as error:
                session.abandon()
                if not session.used:
                    raise _lost(error) from None
                session = self._connected()
            except (RejectedError, TemporaryError):
                self._give_back(session)
                raise
            except BaseException:
                session.abandon()
                raise

    def _connected(self) -> Session:
        return connect(self._login, self._patience, self._access)

    def _give_back(self, session: Session) -> None:
        """The relay must drop the message that was begun."""
        if session.alive:
            session.reset()
        self._lines.give_back(session)


def _offer(
    sender: str, recipients: Sequence[str], size: int, envelope_id: str, session: Session
) -> tuple[str, ...]:
    return session.offer(sender, recipients, size, envelope_id)


def _lost(error: LineLostError) -> TemporaryError:
    said = str(error)
    if said.startswith("421"):
        return RateLimitedError(text("{stage} refused: {reply}", stage="MAIL", reply=said))
    return broken_at("MAIL", said)
