"""Checks that a text speaks of earlier messages only where there were some, or says so on top,
and never of the client's silence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from jinja2 import TemplateSyntaxError, nodes

from incasso.contract.text import text
from incasso.messages.context import MessageContext
from incasso.messages.language import languages
from incasso.messages.render import PARTS, Assumption, Template, words_of
from incasso.messages.sample_messages import earlier_contexts, sample_contexts
from incasso.messages.sandbox import parsed
from incasso.messages.variants import NEUTRAL, first_contact

_SPEAK = ("previous", "previous_dates")
_ASK = (*_SPEAK, "previous_apart")


class Claim(NamedTuple):
    """What is wrong: the code, the part, its line, a sentence and the cure."""

    code: str
    part: str
    line: int | None
    message: str
    hint: str


class Worded(NamedTuple):
    """One wording of a text, and the messages it may be used for."""

    template: Template
    prefix: str
    """Before its parts' names: the words for a first contact stand in a table of their own."""
    contexts: Sequence[tuple[str, MessageContext]]


def wordings(template: Template, extra: dict[str, str]) -> Iterator[Worded]:
    """The wordings of a text: with earlier messages, without, or both, as its header says."""
    language = template.language
    alone = list(sample_contexts(language, extra))
    if Assumption.PREVIOUS in template.assumes:
        yield Worded(template, "", list(sample_contexts(language, extra, told=True)))
    else:
        yield Worded(template, "", [*alone, *earlier_contexts(language, extra)])
    if (first := first_contact(template)) is not None:
        yield Worded(first, "first.", alone)


def header_claims(template: Template) -> Iterator[Claim]:
    """Headers that contradict the rest of the text."""
    if template.first and not template.assumes:
        hint = text('write assumes = ["previous"] above the text, or take [first] out')
        yield Claim("first_unused", "first", None, text("[first] would never be used"), hint)
    if template.key == NEUTRAL and template.assumes:
        hint = text("it is the text for those who heard nothing yet: take `assumes` out")
        yield Claim("assumes", "assumes", None, text("this text may assume nothing"), hint)


def unguarded(template: Template) -> Iterator[Claim]:
    """Where the source speaks of earlier messages without asking whether there were any."""
    for own, prefix in ((template, ""), (first_contact(template), "first.")):
        if own is None or Assumption.PREVIOUS in own.assumes:
            continue
        for part in PARTS:
            try:
                tree = parsed(getattr(own, part), own.language)
            except TemplateSyntaxError:
                continue
            for line in _lines_unguarded(tree):
                why = text("speaks of earlier messages although there may be none")
                yield Claim("unguarded", prefix + part, line, why, _cure(prefix))


def _lines_unguarded(node: nodes.Node) -> Iterator[int]:
    if isinstance(node, nodes.If | nodes.CondExpr) and _asks(node.test):
        return
    if isinstance(node, nodes.Name) and node.name in _SPEAK:
        yield node.lineno
    for child in node.iter_child_nodes():
        yield from _lines_unguarded(child)


def _asks(test: nodes.Node) -> bool:
    names = [test] if isinstance(test, nodes.Name) else list(test.find_all(nodes.Name))
    return any(name.name in _ASK for name in names)


def claims_earlier(worded: Worded) -> Iterator[Claim]:
    """Phrases that speak of an earlier message where there was none."""
    phrases = languages()[worded.template.language].claims_earlier
    found: dict[tuple[str, str], Claim] = {}
    for _, context in worded.contexts:
        if context.previous:
            continue
        for part, words in words_of(worded.template, context).items():
            lower = " ".join(words.lower().split())
            for phrase in phrases:
                if phrase in lower:
                    found.setdefault((part, phrase), _claim(worded, part, phrase))
    yield from found.values()


def claims_silence(worded: Worded) -> Iterator[Claim]:
    """Phrases that say the client did not answer: they may have called, replied, paid a part."""
    phrases = languages()[worded.template.language].claims_silence
    found: dict[tuple[str, str], Claim] = {}
    for _, context in worded.contexts:
        for part, words in words_of(worded.template, context).items():
            lower = " ".join(words.lower().split())
            for phrase in phrases:
                if phrase in lower:
                    found.setdefault((part, phrase), _silence(worded, part, phrase))
    yield from found.values()


def _silence(worded: Worded, part: str, phrase: str) -> Claim:
    why = text("“{phrase}” says the client did not answer, and they may have", phrase=phrase)
    hint = text("say only what is certain: what is still to be paid today")
    return Claim("claims_silence", worded.prefix + part, None, why, hint)


def _claim(worded: Worded, part: str, phrase: str) -> Claim:
    why = text("“{phrase}” speaks of an earlier message, and there may be none", phrase=phrase)
    return Claim("claims_earlier", worded.prefix + part, None, why, _cure(worded.prefix))


def _cure(prefix: str) -> str:
    if prefix:
        return text("[first] is for those who heard nothing yet: word it without")
    return text(
        'put it inside {{% if previous %}}, or write assumes = ["previous"] above the text and'
        " other words in [first]"
    )
