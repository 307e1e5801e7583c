"""Jobs of a fax server: one line each of a queue, and what the letter of its state means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from incasso.api import DeliveryState, Text, text
from incasso_fax.hylafax.line import FaxLine

_FORM: Final = "%j|%J|%a|%t|%P|%s"
"""Number, our reference, state, attempts, pages, what the last attempt met: any text."""

_QUEUES: Final = ("sendq", "doneq")
_DONE, _FAILED, _SLEEPING = "D", "F", "S"
_REPORTED: Final = (
    *("JOBID", "JOBINFO", "OWNER", "DIALSTRING", "STATE", "STATUS", "STATUSCODE"),
    *("SENDTIME", "NPAGES", "TOTPAGES", "NDIALS", "TOTDIALS", "COMMID"),
)


@dataclass(frozen=True)
class Job:
    """One fax on the server."""

    number: int
    reference: str
    letter: str
    attempts: str
    pages: str
    said: str

    @property
    def state(self) -> DeliveryState | None:
        """What became of it; None while it waits or runs. The server dials again by itself: what
        sleeps met a busy or silent number."""
        if self.letter == _DONE:
            return DeliveryState.DELIVERED
        if self.letter == _FAILED:
            return DeliveryState.BOUNCED
        return DeliveryState.DELAYED if self.letter == _SLEEPING and self.said else None

    @property
    def note(self) -> Text:
        """In words."""
        if self.letter == _DONE:
            return text("the other machine confirmed all pages")
        if self.letter == _FAILED:
            said = self.said or text("the fax server gives no reason")
            return text("not delivered: {said}", said=said)
        return text("the fax server tries again: {said}", said=self.said)

    @property
    def is_over(self) -> bool:
        """Whether the server has done with it."""
        return self.letter in (_DONE, _FAILED)


def jobs(line: FaxLine) -> list[Job]:
    """Every job of the server, waiting and done, oldest first. Lines in another form are somebody
    else's."""
    lines = [each for queue in _QUEUES for each in line.queue(queue, _FORM)]
    return sorted(filter(None, map(_job, lines)), key=lambda job: job.number)


def of_reference(found: list[Job], reference: str) -> Job | None:
    """The job of a fax: the one that is not failed, else the last. A job that the scheduler did not
    take at once is listed as failed, and the fax leaves as another."""
    ours = [job for job in found if job.reference == reference]
    return next((job for job in ours if job.letter != _FAILED), ours[-1] if ours else None)


def report(line: FaxLine, job: Job) -> bytes:
    """What the server says of a job, and the transcript of its last call if it may be read."""
    line.choose(job.number)
    said = {name: line.parameter(name) for name in _REPORTED}
    words = "".join(f"{name}: {value}\n" for name, value in said.items() if value)
    call = said["COMMID"]
    transcript = line.content_of(f"log/c{call}") if call.isdigit() else b""
    return words.encode() + (b"\n" + transcript if transcript else b"")


def _job(line: str) -> Job | None:
    parts = [part.strip() for part in line.split("|", 5)]
    if len(parts) != 6 or not parts[0].isdigit():
        return None
    return Job(int(parts[0]), *parts[1:])
