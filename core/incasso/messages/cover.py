"""The covering note of a letter that travels as a file, as by certified mail."""

from __future__ import annotations

from incasso.contract.values import Attachment
from incasso.messages.context import MessageContext
from incasso.messages.html_page import html_page
from incasso.messages.language import languages
from incasso.messages.mail import text_mail
from incasso.messages.render import Rendered
from incasso.messages.view import view
from incasso.messages.words import SIGNATURE, paragraphs


def covered(rendered: Rendered, context: MessageContext) -> Rendered:
    """The same letter, with a note that names it as the words of the mail."""
    language = languages()[context.language]
    seen = view(context, language)
    note = language.label(
        "cover",
        subject=rendered.subject,
        date=language.long(context.on),
        file=letter_name(context),
    )
    greeting, closing = seen.placeholders["greeting"], language.labels["closing"]
    body = paragraphs(f"{greeting}\n\n{note}\n\n{closing}\n\n{SIGNATURE}")
    page = html_page(rendered.subject, body, "", seen)
    return Rendered(
        subject=rendered.subject,
        text=text_mail(body, seen),
        html=page.html,
        images=page.images,
        short=rendered.short,
        letter_pdf=rendered.letter_pdf,
    )


def letter_file(rendered: Rendered, context: MessageContext) -> Attachment:
    """The letter under the name that the note gives it. Only for what was rendered as a letter."""
    assert rendered.letter_pdf is not None
    return Attachment(
        filename=letter_name(context), media_type="application/pdf", content=rendered.letter_pdf
    )


def letter_name(context: MessageContext) -> str:
    """lettera-2026-12-03.pdf, in the language of the message."""
    word = languages()[context.language].labels["letter_file"]
    return f"{word}-{context.on.isoformat()}.pdf"
