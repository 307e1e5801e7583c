"""Microsoft Graph as far as a mailbox sends by it: sendMail with MIME, and the sent folder."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NoBase64
from dataclasses import dataclass
from email import message_from_bytes
from urllib.parse import parse_qs, urlsplit

from incasso.testing.network import Answer, Seen, StubServer
from incasso.testing.signin.directory import Directory

SENT_AT = "2026-03-02T09:30:05Z"


@dataclass(frozen=True, kw_only=True)
class SentByGraph:
    """One message that it took."""

    mailbox: str
    content: bytes

    @property
    def message_id(self) -> str:
        """The Message-ID of its headers."""
        return str(message_from_bytes(self.content)["Message-ID"]).strip()


class Graph:
    """`fault` is the answer to the next sendMail; with `takes` the message has gone out even so."""

    def __init__(self, directory: Directory, web: StubServer) -> None:
        self.sent: list[SentByGraph] = []
        self.fault: Answer | None = None
        self.takes = False
        self._directory = directory
        for mailbox in directory.application.mailboxes:
            web.on("POST", f"/v1.0/users/{mailbox}/sendMail", self._send)
            folder = f"/v1.0/users/{mailbox}/mailFolders/sentitems"
            web.on("GET", folder, self._folder)
            web.on("GET", f"{folder}/messages", self._find)

    def _send(self, seen: Seen) -> Answer:
        if refusal := self._refusal(seen, "Mail.Send"):
            return refusal
        fault, self.fault = self.fault, None
        if fault is None or self.takes:
            try:
                content = b64decode(seen.body, validate=True)
            except NoBase64:
                return _error(400, "ErrorMimeContentInvalidBase64String", "not base64")
            self.sent.append(SentByGraph(mailbox=_mailbox(seen), content=content))
        return fault or Answer(status=202, body=b"")

    def _folder(self, seen: Seen) -> Answer:
        refusal = self._refusal(seen, "Mail.ReadBasic.All")
        return refusal or Answer.of({"displayName": "Sent Items"})

    def _find(self, seen: Seen) -> Answer:
        if refusal := self._refusal(seen, "Mail.ReadBasic.All"):
            return refusal
        asked = parse_qs(urlsplit(seen.path).query).get("$filter", [""])[0]
        wanted = re.fullmatch(r"internetMessageId eq '(.+)'", asked)
        found = [
            {"internetMessageId": each.message_id, "sentDateTime": SENT_AT}
            for each in self.sent
            if wanted and each.message_id == wanted[1]
        ]
        return Answer.of({"value": found})

    def _refusal(self, seen: Seen, role: str) -> Answer | None:
        token = seen.headers.get("authorization", "").removeprefix("Bearer ")
        if not self._directory.knows(token):
            return _error(401, "InvalidAuthenticationToken", "Access token is not valid.")
        if not self._directory.admits(token, _mailbox(seen), role):
            return _error(403, "ErrorAccessDenied", "Access is denied. Check credentials.")
        return None


def _mailbox(seen: Seen) -> str:
    return seen.path.split("/")[3]


def _error(status: int, code: str, words: str) -> Answer:
    return Answer.of({"error": {"code": code, "message": words}}, status=status)
