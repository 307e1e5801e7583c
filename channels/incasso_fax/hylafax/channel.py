"""The channel "hylafax": pages, then a job with our reference; the submission is the one effect."""

from __future__ import annotations

from incasso.api import (
    Attachment,
    CallContext,
    CheckReport,
    DeliveryUpdate,
    ExternalId,
    OutboundMessage,
    OutcomeUnknownError,
    Prepared,
    Receipt,
    hookimpl,
    text,
)
from incasso_fax.hylafax.dialling import dialled
from incasso_fax.hylafax.jobs import Job, jobs, of_reference, report
from incasso_fax.hylafax.line import FaxLine, connected
from incasso_fax.hylafax.settings import HylafaxSettings
from incasso_fax.pages import fax_number, prepared


class HylafaxChannel:
    """One fax server."""

    def __init__(self, settings: HylafaxSettings) -> None:
        self._settings = settings

    @hookimpl
    def instance_check(self, ctx: CallContext) -> CheckReport:
        """Log in and look at the queues."""
        with connected(self._settings, ctx) as line:
            waiting = sum(not job.is_over for job in jobs(line))
            banner = line.greeting
        settings = self._settings
        return CheckReport(
            remote_identity=f"{settings.user}@{settings.host}:{settings.port}",
            facts={text("server"): banner, text("faxes in its queue"): str(waiting)},
        )

    @hookimpl
    def channel_prepare(self, message: OutboundMessage, ctx: CallContext) -> Prepared:
        """The pages that leave. Our reference is the one by which the server is asked."""
        return prepared(message, most_pages=self._settings.most_pages, ref=message.delivery)

    @hookimpl
    def channel_send(
        self, message: OutboundMessage, prepared: Prepared, ctx: CallContext
    ) -> Receipt:
        """Store the pages, describe the job, submit it."""
        number = fax_number(message.to)
        with connected(self._settings, ctx) as line:
            if ctx.dry_run:
                nothing = text("dry run: login accepted, nothing sent")
                return Receipt(ref=prepared.ref, at=ctx.now(), note=nothing)
            self._describe(line, number, prepared)
            said = line.submit(prepared.ref)
        return Receipt(ref=prepared.ref, at=ctx.now(), note=said)

    @hookimpl
    def channel_find(self, delivery: str, ctx: CallContext) -> Receipt | None:
        """Look into the queues. Servers clear away what is done: absence proves nothing."""
        with connected(self._settings, ctx) as line:
            job = of_reference(jobs(line), delivery)
        if job is None:
            why = text("the fax server lists no such fax, which proves nothing")
            raise OutcomeUnknownError(why, ref=delivery)
        note = text("found as job {number}", number=str(job.number))
        return Receipt(ref=delivery, at=ctx.now(), note=note)

    @hookimpl
    def channel_poll(
        self, refs: tuple[ExternalId, ...], ctx: CallContext
    ) -> tuple[DeliveryUpdate, ...]:
        """What became of these faxes, from one look into the queues."""
        with connected(self._settings, ctx) as line:
            found = jobs(line)
            ours = [job for ref in refs if (job := of_reference(found, ref)) is not None]
            return tuple(_update(line, job, ctx) for job in ours if job.state is not None)

    def _describe(self, line: FaxLine, number: str, prepared: Prepared) -> None:
        settings = self._settings
        stored = line.store(prepared.content)
        line.new_job()
        for name, value in (
            ("FROMUSER", settings.user),
            ("JOBINFO", prepared.ref),
            ("DIALSTRING", dialled(number, settings)),
            ("EXTERNAL", number),
            ("LASTTIME", _lasting(settings.hours)),
            ("MAXDIALS", str(settings.dials)),
            ("MAXTRIES", str(settings.dials)),
            ("NOTIFY", "NONE"),
            # A4 in the fine resolution, or small print cannot be read.
            ("PAGEWIDTH", "209"),
            ("PAGELENGTH", "296"),
            ("VRES", "196"),
        ):
            line.set(name, value)
        line.set("DOCUMENT", stored)


def _update(line: FaxLine, job: Job, ctx: CallContext) -> DeliveryUpdate:
    assert job.state is not None
    return DeliveryUpdate(
        ref=job.reference,
        update_id=f"{job.number}:{job.letter}:{'' if job.is_over else job.attempts}",
        state=job.state,
        at=ctx.now(),
        permanent=job.is_over,
        note=job.note,
        evidence=Attachment(
            filename=f"hylafax-{job.number}.txt",
            media_type="text/plain",
            content=report(line, job),
        )
        if job.is_over
        else None,
    )


def _lasting(hours: int) -> str:
    """As the protocol writes it: days, hours, minutes, two figures each."""
    return f"{hours // 24:02}{hours % 24:02}00"
