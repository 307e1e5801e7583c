"""Turn a template and a context into what leaves: subject, text, HTML page, letter."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Final, TypeVar

from jinja2 import TemplateError as JinjaError
from jinja2 import TemplateSyntaxError
from msgspec.structs import replace

from incasso.contract.channel import InlineImage
from incasso.contract.text import Text
from incasso.contract.text import text as sentence
from incasso.contract.values import Value
from incasso.messages.clean import clean
from incasso.messages.context import MessageContext
from incasso.messages.html_page import html_page
from incasso.messages.language import languages
from incasso.messages.letter import letter_pdf, letter_pictures
from incasso.messages.mail import text_mail
from incasso.messages.sandbox import compiled
from incasso.messages.view import View, view
from incasso.messages.words import STATEMENT, paragraphs, plain

T = TypeVar("T")

_NAMES_ONE: Final = re.compile(r"\bprevious\s*(\[|\|\s*(first|last)\b)")
_ASKS_APART: Final = re.compile(r"\bprevious_(apart|dates)\b")

_LONG_PARTS: Final = ("text", "html", "letter")
PARTS = ("subject", "text", "html", "letter", "short")


class Assumption(StrEnum):
    """What the header of a text may say that it takes for granted."""

    PREVIOUS = "previous"
    """Each installment of the message was in an earlier message that left."""


class Template(Value, frozen=True, kw_only=True):
    """The office's words for one occasion in one language.

    `text` is enough: an empty `html` or `letter` is made from it. `short` is the SMS.
    """

    key: str
    language: str
    subject: str
    text: str
    html: str = ""
    letter: str = ""
    short: str = ""
    assumes: tuple[Assumption, ...] = ()
    """The header: what must have happened before these words may be used."""
    first: Mapping[str, str] = {}
    """The parts in other words for a first contact, used where it did not happen."""
    asks_interest: bool | None = None
    """Whether interest and costs are asked for; None where it follows from the text itself."""
    adds_interest: bool = False
    """Interest is stated and asked for although the words know nothing of it: their `total` is then
    the whole, and a line below the table says by which law."""
    adds_statement: bool = False
    """The statement of interest stands at the end, where the words do not place it themselves."""


class Rendered(Value, frozen=True, kw_only=True):
    """One message in words; `short` is the SMS, `letter_pdf` is there when it was asked for."""

    subject: str
    text: str
    html: str
    short: str = ""
    letter_pdf: bytes | None = None
    images: tuple[InlineImage, ...] = ()
    """The pictures that `html` shows."""


class TemplateError(Exception):
    """A template cannot be written for this message."""

    def __init__(self, template: Template, part: str, line: int | None, why: str) -> None:
        where = f"{template.key} ({template.language}), {part}" + (f", line {line}" * bool(line))
        super().__init__(sentence("template {where}: {why}", where=where, why=why))
        self.part, self.line, self.why = part, line, why


def render(
    template: Template,
    context: MessageContext,
    *,
    want_letter: bool = False,
    want_short: bool = True,
) -> Rendered:
    """Write one message in one language and one currency. Deterministic: equal in, equal out.

    Without `want_short` the SMS is empty.
    Raises TemplateError with part and line; ValueError if template and context differ in language.
    """
    if template.language != context.language:
        raise ValueError(f"template is {template.language}, message is {context.language}")
    context = _as_spoken(template, context)
    seen = _seen(template, context)
    subject = clean(plain(_words(template, "subject", seen)))
    body = paragraphs(_words(template, "text", seen))
    own_html = _words(template, "html", seen, html=True)
    letter = None
    if want_letter:
        own_letter = _words(template, "letter", seen)
        pages = paragraphs(own_letter) if own_letter else body
        letter = _explained(lambda: letter_pdf(subject, pages, seen), template, "letter")
    page = html_page(subject, body, own_html, seen)
    return Rendered(
        subject=subject,
        text=text_mail(body, seen),
        html=page.html,
        images=page.images,
        short=_short(template, seen) if want_short else "",
        letter_pdf=letter,
    )


def letter_pages(template: Template, context: MessageContext, *, ppi: int) -> list[bytes]:
    """The pages of the letter as pictures (PNG). Raises TemplateError."""
    context = _as_spoken(template, context)
    seen = _seen(template, context)
    subject = clean(plain(_words(template, "subject", seen)))
    body = paragraphs(_words(template, "letter", seen) or _words(template, "text", seen))
    return letter_pictures(subject, body, seen, ppi)


def _short(template: Template, seen: View) -> str:
    """The SMS in one line; without a company to name it does not begin with the colon after it."""
    words = " ".join(plain(_words(template, "short", seen)).split())
    if seen.company.name or not words.startswith(":"):
        return words
    bare = words.lstrip(": ")
    return bare[:1].upper() + bare[1:]


def words_of(template: Template, context: MessageContext) -> dict[str, str]:
    """The words of each part as they are filled in, without layout. Raises TemplateError."""
    context = _as_spoken(template, context)
    seen = _seen(template, context)
    return {part: plain(_words(template, part, seen)) for part in PARTS}


def _seen(template: Template, context: MessageContext) -> View:
    return view(
        context,
        languages()[context.language],
        states_interest=states_interest(template),
        adds_interest=template.adds_interest,
    )


def names_one(template: Template) -> bool:
    """A text that names a single earlier message, and does not ask whether it was about all."""
    sources = [getattr(template, part) for part in PARTS]
    return any(map(_NAMES_ONE.search, sources)) and not any(map(_ASKS_APART.search, sources))


def _as_spoken(template: Template, context: MessageContext) -> MessageContext:
    """No earlier messages for a text that would name one of them as if it was about all."""
    if not context.told_apart or Assumption.PREVIOUS in template.assumes:
        return context
    return replace(context, previous=()) if names_one(template) else context


def states_interest(template: Template) -> bool:
    """A text that prints the interest shows it in its table and asks for it."""
    if template.asks_interest is not None:
        return template.asks_interest
    return _speaks_of_interest(template)


def with_interest(template: Template, asked: bool | None, *, statement: bool = False) -> Template:
    """The text as its stage wants it: with interest, without, or (None) as it says itself.

    `statement`: with the statement of interest, which is of interest that is asked for.
    """
    if statement:
        template, asked = replace(template, adds_statement=True), True
    if asked is None:
        return template
    adds = asked and not _speaks_of_interest(template)
    return replace(template, asks_interest=asked, adds_interest=adds)


def places_statement(template: Template) -> bool:
    """Whether the text, or its stage, wants the statement of interest."""
    return template.adds_statement or any(
        map(_prints_statement, (template.text, template.html, template.letter))
    )


@lru_cache(maxsize=1024)
def _prints_statement(source: str) -> bool:
    return re.search(r"\{\{-?\s*statement\b", source) is not None


def _speaks_of_interest(template: Template) -> bool:
    return any(map(_prints_interest, (template.text, template.html, template.letter)))


@lru_cache(maxsize=1024)
def _prints_interest(source: str) -> bool:
    return re.search(r"\{[{%][^{}]*\b(?:interest|costs|asked|statement)\b", source) is not None


def _words(template: Template, part: str, seen: View, *, html: bool = False) -> str:
    """One part with its placeholders filled in; empty stays empty."""
    source: str = getattr(template, part)
    if not source:
        return ""

    def fill() -> str:
        return compiled(source, template.language, html=html).render(seen.placeholders)

    filled = seen.language.joined(_explained(fill, template, part))
    adds = template.adds_statement and part in _LONG_PARTS and STATEMENT not in filled
    return f"{filled}\n\n{STATEMENT}" if adds else filled


def _explained(fill: Callable[[], T], template: Template, part: str) -> T:
    try:
        return fill()
    except TemplateSyntaxError as error:
        raise TemplateError(template, part, error.lineno, error.message or str(error)) from None
    except JinjaError as error:
        raise TemplateError(template, part, _line(error), error.message or str(error)) from None
    except RecursionError:
        raise TemplateError(template, part, None, sentence("it is nested too deeply")) from None
    except Exception as error:
        # A filter or a comparison may meet any value, and no text of an office ends the hub.
        said = error.args[0] if error.args else ""
        why = (
            said
            if isinstance(said, Text)
            else sentence(
                "something here does not fit this value: a filter or a comparison needs "
                "another kind"
            )
        )
        raise TemplateError(template, part, _line(error), why) from None


def _line(error: BaseException) -> int | None:
    """The line of the template where it happened; Jinja puts it into the traceback."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((each.lineno for each in reversed(frames) if each.filename == "<template>"), None)
