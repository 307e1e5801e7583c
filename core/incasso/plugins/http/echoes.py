"""Refusals that bring back what they were asked: the login in them gives way to stars.

Whoever shows a refusal cuts its words to a length, and half a secret would not be known again by
whoever masks them afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from incasso.contract.doors import HttpResponse
from incasso.plugins.secret_forms import SecretForms


def starred(
    answer: HttpResponse, headers: Mapping[str, str], auth: tuple[str, str] | None
) -> HttpResponse:
    """The answer itself, unless it refuses and repeats the login of its request."""
    if answer.status < 400:
        return answer
    words = answer.content.decode("utf-8", "surrogateescape")
    without = SecretForms(_logins(headers, auth)).starred(words)
    if without == words:
        return answer
    return msgspec.structs.replace(answer, content=without.encode("utf-8", "surrogateescape"))


def _logins(headers: Mapping[str, str], auth: tuple[str, str] | None) -> Iterator[str]:
    if auth is not None:
        yield auth[1]
    for name, value in headers.items():
        if name.lower() == "authorization":
            yield value.rpartition(" ")[2]
