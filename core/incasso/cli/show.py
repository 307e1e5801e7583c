"""`show step`, `show delivery`, `show reply`: what would leave, what left, what came in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from incasso.cli.exit_codes import PROBLEM
from incasso.cli.language import here, language
from incasso.cli.options import Format, Listed, On
from incasso.cli.output import complain, say, show, written
from incasso.cli.place import business_day, hub_of, office_of
from incasso.cli.who import reading_scope
from incasso.cli.words import Words
from incasso.contract.media import Carries, Medium
from incasso.contract.text import in_a_row, term, text
from incasso.locale import showing
from incasso.locale.labels import (
    ACTIONS,
    DELIVERY_STATUSES,
    MEDIA,
    STEP_STATUSES,
    Labels,
)
from incasso.locale.system_words import system_words

if TYPE_CHECKING:
    from incasso.services.sending.show_reply import ReplyView
    from incasso.services.sending.shown import DeliveryView, ShownFile, ShownMessage, StepView

app = typer.Typer()
group = typer.Typer(
    help="Exactly what would leave, what left, and what came in.", no_args_is_help=True
)
app.add_typer(group, name="show")

_LABELS: Labels = {
    "from": term("message", "From"),
    "answers": term("message", "Answers"),
    "assigned": term("message", "Handed over to"),
    "to": term("message", "To"),
    "cc": term("message", "Copy to"),
    "channel": term("message", "Channel"),
    "subject": term("message", "Subject"),
    "attachments": term("message", "Attachments"),
    "pages": term("message", "Pages"),
    "file": term("message", "File"),
    "owed": term("message", "Installments"),
    "charges": term("message", "Bank charges"),
    "credited": term("message", "Open credits"),
    "total": term("message", "Total"),
    "left_out": term("message", "Drops out"),
    "attention": term("message", "Attention"),
    "changed": term("message", "Changed"),
    "earlier": term("message", "Earlier"),
    "proof": term("message", "Proof"),
    "reason": term("message", "Reason"),
    "sent": term("message", "Message"),
    "tracking": term("message", "Tracking number"),
}

Save = Annotated[
    Path | None,
    typer.Option(
        "--save", metavar="FOLDER", help="Write it there: .eml, .pdf, .html, receipts, attachments."
    ),
]


@group.command()
def step(
    context: typer.Context,
    number: Annotated[str, typer.Argument(metavar="STEP", help="Its number.")],
    save: Save = None,
    on: On = None,
    format: Listed = Format.TABLE,
) -> None:
    """Show a step's message as it would leave, and whether it would; nothing is sent."""
    from incasso.services.sending.show_step import show_step

    with hub_of(context, level=True) as hub:
        found = show_step(hub, reading_scope(hub), number, business_day(hub.config, on))
        hub.plugin_log.forget()
        words = Words(language(), hub.config.timezone)
    if save is not None:
        _save(save, list(_files(f"step-{found.step}", found.message)))
    if format is not Format.TABLE:
        show([_fields(found)], format)
    else:
        _tell_step(found, words)


@group.command()
def delivery(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="DELIVERY", help="Its id.")],
    save: Save = None,
    format: Listed = Format.TABLE,
) -> None:
    """Show a message as it left, out of the archive, and the proof that came back."""
    from incasso.services.sending.show_delivery import show_delivery

    with office_of(context, level=True) as office:
        found = show_delivery(office, reading_scope(office), name)
        words = Words(language(), office.config.timezone)
    if save is not None:
        _save(save, [*_files(found.delivery, found.message), *_receipts(found)])
    if format is not Format.TABLE:
        show([_fields(found)], format)
    else:
        _tell_delivery(found, words)
    if found.missing and found.message.file is None and found.accepted_at is not None:
        raise typer.Exit(PROBLEM)


@group.command()
def reply(
    context: typer.Context,
    number: Annotated[str, typer.Argument(metavar="REPLY", help="Its number.")],
    save: Save = None,
    format: Listed = Format.TABLE,
) -> None:
    """Show what somebody wrote to us, out of the archive; --save writes its attachments too."""
    from incasso.services.sending.show_reply import show_reply
    from incasso.store.lists.inbox import INBOX

    with office_of(context, level=True) as office:
        scope = reading_scope(office, hidden_from=INBOX.hidden_from)
        found = show_reply(office, scope, number)
        words = Words(language(), office.config.timezone)
    if save is not None:
        _save(save, list(_reply_files(found)))
    if format is not Format.TABLE:
        show([_fields(found)], format)
    else:
        _tell_reply(found, words)
    if found.missing:
        raise typer.Exit(PROBLEM)


def _fields(found: StepView | DeliveryView | ReplyView) -> dict[str, Any]:
    """The view as JSON, without the bytes."""
    import msgspec

    fields: dict[str, Any] = msgspec.to_builtins(found, enc_hook=written)
    _without_bytes(fields)
    return fields


def _without_bytes(value: Any) -> None:
    if isinstance(value, dict):
        value.pop("content", None)
        for each in value.values():
            _without_bytes(each)
    elif isinstance(value, list):
        for each in value:
            _without_bytes(each)


def _tell_step(found: StepView, words: Words) -> None:
    what = here(MEDIA.get(found.medium, "") or ACTIONS.get(found.action, found.action))
    status = here(STEP_STATUSES.get(found.status, found.status))
    day = words.shown("due_on", found.due_on)
    stage = words.shown("stage", found.stage)
    of_iter = f" ({found.iter})" if found.iter else ""
    say(f"step:{found.step} {stage}{of_iter}, {what}, {status}, {day}")
    say(f"{found.source}/{found.client} {found.client_name}")
    if found.leaves:
        say(text("It would leave on {day}.", day=found.on))
    elif found.why:
        say(text("It would not leave on {day}: {why}.", day=found.on, why=in_a_row(found.why)))
    for label, line in _step_lines(found, words):
        say(f"  {here(_LABELS[label])}: {line}")
    _tell_words(found.message)


def _tell_delivery(found: DeliveryView, words: Words) -> None:
    status = here(DELIVERY_STATUSES.get(found.status, found.status))
    medium = here(MEDIA.get(found.message.medium, found.message.medium))
    day = words.shown("on", found.on)
    say(f"{found.delivery}: step:{found.step} {found.stage}, {medium}, {status}, {day}")
    say(f"{found.source}/{found.client}")
    for label, line in _delivery_lines(found, words):
        say(f"  {here(_LABELS[label])}: {line}")
    _tell_words(found.message)
    if found.missing:
        complain(found.missing)


def _tell_reply(found: ReplyView, words: Words) -> None:
    state = words.shown("reply_state", found.state.value)
    kind = words.shown("reply_kind", found.kind.value)
    say(f"reply:{found.reply} {kind}, {state}, {words.shown('at', found.at)}")
    whose = f"{found.source}/{found.client} {found.client_name}"
    say(whose if found.client else here(text("Nobody knows yet which client it is from.")))
    for label, line in _reply_lines(found, words):
        say(f"  {here(_LABELS[label])}: {line}")
    if found.text:
        say("")
        say(found.text)
    for each in filter(None, (found.note, found.missing)):
        complain(each)


def _reply_lines(found: ReplyView, words: Words) -> Iterator[tuple[str, str]]:
    yield "from", f"{found.sender_name} <{found.sender}>".strip()
    yield "channel", found.channel
    if found.subject:
        yield "subject", found.subject
    if found.delivery:
        yield "answers", f"{found.delivery} (step:{found.step})"
    if found.attachments:
        yield "attachments", _attached(found.attachments)
    if found.assigned:
        yield "assigned", found.assigned
    if found.state_on:
        yield "changed", f"{words.shown('on', found.state_on)} {found.state_by}"
    if found.file is not None:
        yield "file", f"{found.file.filename}, sha256 {found.file.sha256}"


def _reply_files(found: ReplyView) -> Iterator[tuple[str, bytes]]:
    """The mail as it came, then what was beside it: numbered, for two may be called alike."""
    if found.file is not None:
        yield found.file.filename, found.file.content
    for place, each in enumerate(found.attachments, 1):
        yield f"reply-{found.reply}-{place}-{_safe(each.filename)}", each.content


def _attached(files: Sequence[ShownFile]) -> str:
    return ", ".join(f"{each.filename} ({each.size} byte)" for each in files)


def _step_lines(found: StepView, words: Words) -> Iterator[tuple[str, str]]:
    yield from _message_lines(found.message)
    yield from _sums(found, words)
    for each in found.left_out:
        yield "left_out", f"{each.installment} {words.amount(each.residual)}: {here(each.reason)}"
    if found.changed is not None:
        old = found.changed
        told = showing.changed_text(
            old.since,
            on=old.on,
            by=old.by,
            was=old.total_was,
            now=old.total_now,
            currency=found.currency,
            came=old.came,
            left=old.left,
        )
        yield "changed", here(told)
    for line in _attention(found):
        yield "attention", here(line)
    for one in found.flags.earlier:
        final = one.final_at and one.final_at.astimezone(words.timezone)
        yield (
            "earlier",
            here(showing.earlier_text(one.medium, one.on, one.stage, one.status, final)),
        )
    if found.reason:
        yield "reason", here(found.reason)
    for name in found.deliveries:
        yield "sent", name


def _sums(found: StepView, words: Words) -> Iterator[tuple[str, str]]:
    """What is asked, and what it is made of where that is more than the installments."""
    parts = {"owed": found.owed, "charges": found.charges, "credited": found.credited}
    shown = {label: amount for label, amount in parts.items() if amount}
    if found.total == found.owed:
        shown = {}
    shown["total"] = found.total
    keys = ", ".join(each.installment for each in found.installments)
    for label, amount in shown.items():
        named = f" ({keys})" if keys and label == next(iter(shown)) else ""
        yield label, f"{words.amount(amount)} {found.currency}{named}"


def _attention(found: StepView) -> Iterator[str]:
    flags = found.flags
    for each in flags.agreements:
        told = showing.agreement_text(
            each.kind,
            until=each.until,
            amount=each.amount,
            currency=each.currency,
            installment=each.installment,
        )
        yield showing.with_reason(told, each.made_by, each.reason)
    for credit in flags.credits:
        yield showing.credit_text(credit.amount, credit.currency)
    if (paid := flags.last_payment) is not None:
        yield showing.payment_text(paid.amount, paid.currency, paid.on)
    if flags.own_words:
        yield showing.own_words_text(flags.own_words, bare=flags.bare)


def _delivery_lines(found: DeliveryView, words: Words) -> Iterator[tuple[str, str]]:
    yield from _message_lines(found.message)
    yield "total", f"{words.amount(found.total)} {found.currency}"
    if found.message.file is not None:
        yield "file", f"{found.message.file.filename}, sha256 {found.message.file.sha256}"
    if found.tracking:
        page = f" {found.tracking_url}" if found.tracking_url else ""
        yield "tracking", f"{found.tracking}{page}"
    for each in found.receipts:
        note = f" {here(each.note)}" if each.note else ""
        file = f" ({each.file.filename})" if each.file else ""
        state = words.shown("state", each.state)
        yield "proof", f"{words.shown('at', each.at)} {state}{note}{file}"
    if found.reason:
        yield "reason", here(found.reason)


def _message_lines(message: ShownMessage | None) -> Iterator[tuple[str, str]]:
    if message is None:
        return
    name = f"{message.to_name} " if message.to_name else ""
    yield "to", f"{name}<{message.to}>" if "@" in message.to else message.to
    if message.cc:
        yield "cc", ", ".join(message.cc)
    if message.channel:
        yield "channel", message.channel
    if message.subject:
        yield "subject", message.subject
    if message.attachments:
        yield "attachments", _attached(message.attachments)
    if message.pages:
        yield "pages", str(message.pages)


def _tell_words(message: ShownMessage | None) -> None:
    if message is None:
        return
    if message.text:
        say("")
        say(message.text.rstrip("\n"))
    for name, words in _pages(message):
        say("")
        say(f"--- {name} ---")
        say(words.strip("\n"))


def _pages(message: ShownMessage) -> Iterator[tuple[str, str]]:
    """The words of our own pages: a letter, or the one that certified mail carries."""
    from incasso.messages.pages import text_of

    own = [file for file in (message.file, message.letter) if file is not None]
    if Medium(message.medium).carries(Carries.LETTER):
        own += message.attachments[:1]
    for file in own:
        if file.media_type == "application/pdf" and (words := text_of(file.content)):
            yield file.filename, words


def _files(stem: str, message: ShownMessage | None) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each file to save."""
    if message is None:
        return
    for file in (message.file, message.letter):
        if file is not None:
            yield stem + Path(file.filename).suffix, file.content
    if message.file is None and message.text:
        yield f"{stem}.txt", message.text.encode("utf-8", "replace")
    for attached in message.attachments:
        yield f"{stem}-{_safe(attached.filename)}", attached.content
    if message.html:
        yield f"{stem}.html", message.html.encode("utf-8", "replace")


def _safe(name: str) -> str:
    """A name that stays in the folder, whatever a mail calls its attachment."""
    kept = "".join(each if each.isalnum() or each in "._-" else "_" for each in name)
    return kept.lstrip(".")[-100:] or "attachment"


def _receipts(found: DeliveryView) -> Iterator[tuple[str, bytes]]:
    kept: list[ShownFile] = [each.file for each in found.receipts if each.file is not None]
    for number, file in enumerate(kept, 1):
        suffix = Path(file.filename).suffix or ".bin"
        yield f"{found.delivery}-receipt-{number}{suffix}", file.content


def _save(folder: Path, files: list[tuple[str, bytes]]) -> None:
    if not files:
        complain(text("There is nothing to save."))
        raise typer.Exit(PROBLEM)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files:
            (folder / name).write_bytes(content)
    except OSError as error:
        why = system_words(error)
        complain(text("{file} cannot be written: {why}.", file=str(folder), why=why))
        raise typer.Exit(PROBLEM) from None
    complain(text("Written to {place}.", place=[str(folder / name) for name, _ in files]))
