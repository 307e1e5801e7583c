"""A template with a person's words for one message: the blocks stay where the words change."""

from __future__ import annotations

import re
from typing import Final

from msgspec.structs import replace

from incasso.contract.text import text as sentence
from incasso.contract.values import Money
from incasso.domain.money import decimals
from incasso.domain.sending.rewording import Rewording
from incasso.messages.language import languages
from incasso.messages.render import Template, TemplateError, places_statement, states_interest
from incasso.messages.words import plain

GREETING, TABLE, PAYMENT, SIGNATURE = "greeting", "table", "payment", "signature"
_BLOCK: Final = re.compile(r"\{\{-?\s*(greeting|table|payment|signature|statement)\s*-?\}\}")
_TOTAL: Final = re.compile(r"\{\{-?\s*total\b")
_NUMBER: Final = re.compile(r"\d[\d,.]*")


def reworded(template: Template, own: Rewording) -> Template:
    """The template with a person's words, in every form of the message.

    Other words ask for the same: whether interest and costs are asked for is the template's, and
    its salutation stays. Raises TemplateError where the template has no place for an opening or
    closing.
    """
    if own.subject is not None:
        template = replace(template, subject=own.subject)
    if not own.is_of_words:
        return template
    text = _around_the_table(template, own) if own.text is None else own.text
    short = template.short if own.text is None else _short(own, template.language)
    if not own.bare:
        text = with_blocks(text) if own.text is None else _with_salutation(text, template)
    asks = states_interest(template)
    return replace(
        template,
        text=text,
        html="",
        letter="",
        short=short,
        asks_interest=asks,
        adds_statement=places_statement(template) and not own.bare,
    )


def with_blocks(words: str) -> str:
    """The words with every block that they do not place themselves: the greeting first, the table
    with the payment details below the words, the signature last."""
    for name, before in ((TABLE, (PAYMENT, SIGNATURE)), (PAYMENT, (SIGNATURE,)), (SIGNATURE, ())):
        if _place(words, name) is None:
            words = _inserted(words, name, before)
    return words if _place(words, GREETING) else f"{{{{ {GREETING} }}}}\n\n{words}"


def asks_for_an_amount(words: str) -> bool:
    """Whether words to be filled in will say how much is owed."""
    return _place(words, TABLE) is not None or _TOTAL.search(words) is not None


def names_amount(words: str, total: Money, language: str) -> bool:
    """Whether a finished text says this amount, with or without marks between thousands."""
    written = plain(languages()[language].money(total))
    if written in plain(words):
        return True
    places = decimals(total.currency)
    wanted = _digits(f"{total.amount:f}", places)
    return any(_digits(found, places) == wanted for found in _NUMBER.findall(words))


def _digits(written: str, places: int) -> str:
    """An amount as its digits in minor units; one without decimals gets zeros."""
    written = written.strip(",.")
    has_decimals = places and re.search(rf"[.,]\d{{{places}}}$", written)
    digits = re.sub(r"\D", "", written).lstrip("0")
    return digits if has_decimals else digits + "0" * places


def _around_the_table(template: Template, own: Rewording) -> str:
    """The template's text with another opening, another closing, or both."""
    text = template.text
    table = _place(text, TABLE)
    if table is None:
        why = sentence("it has no table: give all words with `--text`")
        raise TemplateError(template, "text", None, why)
    if own.closing is not None:
        after = (_place(text, PAYMENT) or table).end()
        signature = _place(text, SIGNATURE)
        rest = text[signature.start() :] if signature else ""
        text = f"{text[:after]}\n\n{own.closing}\n\n{rest}"
    if own.opening is not None:
        greeting = _place(text, GREETING)
        start = greeting.end() if greeting and greeting.end() <= table.start() else 0
        text = f"{text[:start]}\n\n{own.opening}\n\n{text[table.start() :]}"
    return text.strip("\n")


def _with_salutation(words: str, template: Template) -> str:
    """The words with every block, and before the signature a salutation: theirs if they end with
    one, else the template's, unless they have one elsewhere."""
    own = _salutation(words, template.language)
    if own:
        at = words.rindex(own)
        words = f"{words[:at]}{words[at + len(own) :]}"
    elif any(_salutes(each, template.language) for each in _paragraphs(words)):
        return with_blocks(words)
    salutation = own or _salutation(template.text, template.language)
    whole = with_blocks(words.strip())
    signature = _place(whole, SIGNATURE)
    at = signature.start() if signature else len(whole)
    return f"{whole[:at].rstrip()}\n\n{salutation}\n\n{whole[at:]}" if salutation else whole


def _salutation(words: str, language: str) -> str:
    """The last paragraph before the signature, if it is a salutation; else empty."""
    signature = _place(words, SIGNATURE)
    last = _paragraphs(words[: signature.start()] if signature else words)[-1]
    return last if _salutes(last, language) else ""


def _salutes(paragraph: str, language: str) -> bool:
    known = {word.casefold() for word in languages()[language].salutations}
    return not known.isdisjoint(re.findall(r"\w+", paragraph.casefold()))


def _paragraphs(words: str) -> list[str]:
    return [each.strip() for each in re.split(r"\n\s*\n", words.strip())]


def _place(words: str, name: str) -> re.Match[str] | None:
    return next((found for found in _BLOCK.finditer(words) if found[1] == name), None)


def _inserted(words: str, name: str, before: tuple[str, ...]) -> str:
    """Before the first of these blocks, right behind the table, or at the end."""
    block = f"{{{{ {name} }}}}"
    if name == PAYMENT and (table := _place(words, TABLE)):
        return f"{words[: table.end()]}\n\n{block}\n\n{words[table.end() :].lstrip()}".rstrip()
    following = [found.start() for other in before if (found := _place(words, other))]
    at = min(following, default=len(words))
    return f"{words[:at].rstrip()}\n\n{block}\n\n{words[at:].lstrip()}".strip()


def _short(own: Rewording, language: str) -> str:
    """The words of a short text, which has no room for a table: the total stands at its end."""
    words = " ".join(_BLOCK.sub(" ", own.text or "").split())
    if own.bare or _TOTAL.search(words):
        return words
    labels = languages()[language].labels
    return (
        f"{words} {labels['total']}: {{{{ total }}}}. {labels['our_reference']} {{{{ reference }}}}"
    )
