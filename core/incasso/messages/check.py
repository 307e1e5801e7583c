"""Check templates before they are published: words, languages, worst cases, envelopes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from jinja2 import TemplateSyntaxError, nodes
from msgspec import structs

from incasso.contract.settings import nearest
from incasso.contract.text import text
from incasso.contract.values import Problem
from incasso.messages.check_claims import (
    Claim,
    Worded,
    claims_earlier,
    claims_silence,
    header_claims,
    unguarded,
    wordings,
)
from incasso.messages.context import Creditor, Debtor, OfficeContact
from incasso.messages.language import languages as known_languages
from incasso.messages.render import PARTS, Rendered, Template, TemplateError, render
from incasso.messages.sandbox import faults, parsed
from incasso.messages.spoken import EarlierWords, LineWords, PaymentWords, PromiseWords
from incasso.messages.view import PLACEHOLDERS

LONGEST_SHORT = 459
"""Three SMS of 153 characters."""
LONGEST_SUBJECT = 120

_FIELDS: dict[str, tuple[str, ...]] = {
    "company": Creditor.__struct_fields__,
    "client": (*Debtor.__struct_fields__, "is_business", "by_name"),
    "operator": OfficeContact.__struct_fields__,
    "last_payment": PaymentWords.__struct_fields__,
    "broken_promise": PromiseWords.__struct_fields__,
    "previous": EarlierWords.__struct_fields__,
    **dict.fromkeys(("lines", "credits", "coming"), LineWords.__struct_fields__),
    "loop": ("index", "first", "last", "length"),
}


class TemplateProblem(Problem, frozen=True, kw_only=True):
    """A fault of one template: which text, which part (`field`), which line, and the cure."""

    template: str
    language: str
    line: int | None = None


def check_templates(
    templates: Sequence[Template], languages: Iterable[str], *, extra: Collection[str] = ()
) -> tuple[TemplateProblem, ...]:
    """Everything that must be mended before these texts may be published; empty means good.

    Each key must exist in each of `languages` with the same parts. `extra` are the placeholders
    that plugins add. Renders every text and letter in every worst case: about 0.1 s a template.
    """
    problems = list(_missing(templates, list(languages)))
    for template in templates:
        found = list(_faults(template, extra))
        problems += found or _sample_faults(template, extra)
    return tuple(problems)


def _missing(templates: Sequence[Template], wanted: list[str]) -> Iterator[TemplateProblem]:
    """Languages in which a text does not exist, or has other parts than its sisters."""
    for key in sorted({each.key for each in templates}):
        sisters = {each.language: each for each in templates if each.key == key}
        parts = {part for each in sisters.values() for part in PARTS if getattr(each, part)}
        for language in wanted:
            if (one := sisters.get(language)) is None:
                first = next(iter(sisters.values()))
                hint = text(
                    "write {key} in {language}, or do not offer that language",
                    key=key,
                    language=language,
                )
                yield _problem(
                    first,
                    "missing_language",
                    text("no text in {language}", language=language),
                    hint=hint,
                )
                continue
            for part in sorted(part for part in parts if not getattr(one, part)):
                hint = text("write it, or take it out of the other languages")
                yield _problem(
                    one,
                    "missing_part",
                    text("no {part}, others have one", part=part),
                    part,
                    hint=hint,
                )


def _faults(template: Template, extra: Collection[str]) -> Iterator[TemplateProblem]:
    """What reading the source alone shows."""
    if template.language not in known_languages():
        hint = text("languages: {known_languages}", known_languages=list(known_languages()))
        yield _problem(
            template,
            "unknown_language",
            text("no language {language!r}", language=template.language),
            hint=hint,
        )
        return
    for part in ("subject", "text"):
        if not getattr(template, part).strip():
            yield _problem(
                template,
                "empty",
                text("the {part} is empty", part=part),
                part,
                hint=text("write it"),
            )
    for part in PARTS:
        yield from _part_faults(template, part, getattr(template, part), extra)
        yield from _part_faults(template, f"first.{part}", template.first.get(part, ""), extra)
    for claim in (*header_claims(template), *unguarded(template)):
        yield _claimed(template, claim)


def _part_faults(
    template: Template, part: str, source: str, extra: Collection[str]
) -> Iterator[TemplateProblem]:
    try:
        tree = parsed(source, template.language)
    except TemplateSyntaxError as error:
        why = error.message or text("not understood")
        yield _problem(
            template, "syntax", why, part, error.lineno, text("close every {{{{ }}}} and {{% %}}")
        )
        return
    for line, fault in faults(tree):
        hint: str = text("only placeholders, if, for and the filters of the reference page")
        yield _problem(template, "not_allowed", fault, part, line, hint)
    for line, name, known in unknown_names(tree, extra):
        last = name.rpartition(".")[2]
        hint = nearest(last, known, otherwise=text("see the list of placeholders"))
        yield _problem(
            template, "unknown_placeholder", text("unknown {name!r}", name=name), part, line, hint
        )


def unknown_names(
    tree: nodes.Template, extra: Collection[str]
) -> Iterator[tuple[int, str, Collection[str]]]:
    """Line, name and known names of every placeholder or field that does not exist."""
    of_loops: dict[str, str] = {}
    for loop in tree.find_all(nodes.For):
        if isinstance(loop.target, nodes.Name) and isinstance(loop.iter, nodes.Expr):
            of_loops[loop.target.name] = _root(loop.iter, of_loops)
    known = {*PLACEHOLDERS, *extra, *of_loops, "loop"}
    for name in tree.find_all(nodes.Name):
        if name.name not in known:
            yield name.lineno, name.name, known
    for field in tree.find_all(nodes.Getattr):
        root = _root(field.node, of_loops)
        if root in _FIELDS and field.attr not in _FIELDS[root]:
            yield field.lineno, f"{root}.{field.attr}", _FIELDS[root]


def _root(node: nodes.Expr, of_loops: Mapping[str, str]) -> str:
    """What a field is asked of: a placeholder, or one of those a loop runs over."""
    if isinstance(node, nodes.Getitem | nodes.Filter) and isinstance(node.node, nodes.Expr):
        return _root(node.node, of_loops)
    return of_loops.get(node.name, node.name) if isinstance(node, nodes.Name) else ""


def _sample_faults(template: Template, extra: Collection[str]) -> list[TemplateProblem]:
    """What only shows when real messages are written; one report per fault, not per case."""
    found: list[TemplateProblem] = []
    for worded in wordings(template, dict.fromkeys(extra, "…")):
        faults = _wording_faults(worded)
        if not any(each.code == "fails" for each in faults):
            claims = (*claims_earlier(worded), *claims_silence(worded))
            faults += [_claimed(template, claim) for claim in claims]
        found += faults
    return found


def _wording_faults(worded: Worded) -> list[TemplateProblem]:
    template, prefix, contexts = worded
    found: dict[tuple[Any, ...], TemplateProblem] = {}
    for name, context in contexts:
        try:
            made = render(template, context, want_letter=True)
        except TemplateError as error:
            hint = text("it happens with {name}: ask with {{% if … %}} first", name=name)
            problem = _problem(template, "fails", error.why, error.part, error.line, hint)
            found.setdefault((error.part, error.line, error.why), problem)
            continue
        for problem in _unfit(template, made, ordinary=name == text("an ordinary message")):
            found.setdefault((problem.code, problem.field), problem)
    return [structs.replace(each, field=prefix + each.field) for each in found.values()]


def _claimed(template: Template, claim: Claim) -> TemplateProblem:
    return _problem(template, claim.code, claim.message, claim.part, claim.line, claim.hint)


def _unfit(template: Template, made: Rendered, *, ordinary: bool) -> Iterator[TemplateProblem]:
    """Subjects that may not be read by strangers, texts too long for their medium."""
    lower = made.subject.lower()
    for word in known_languages()[template.language].forbidden_in_subject:
        if word in lower:
            hint = text("subjects and envelopes must be neutral (Garante, 30 November 2005)")
            yield _problem(
                template,
                "forbidden",
                text("the subject says {word!r}", word=word),
                "subject",
                1,
                hint,
            )
    if not made.subject:
        yield _problem(template, "empty", text("the subject can come out empty"), "subject", 1)
    if ordinary and len(made.subject) > LONGEST_SUBJECT:
        why = text(
            "{n} characters in an ordinary case, at most {longest_subject}",
            n=len(made.subject),
            longest_subject=LONGEST_SUBJECT,
        )
        yield _problem(template, "too_long", why, "subject", 1, text("say less"))
    if ordinary and len(made.short) > LONGEST_SHORT:
        why = text(
            "{n} characters in an ordinary case, at most {longest_short}",
            n=len(made.short),
            longest_short=LONGEST_SHORT,
        )
        yield _problem(template, "too_long", why, "short", 1, text("an SMS is paid by the piece"))


def _problem(
    template: Template, code: str, message: str, part: str = "", line: int | None = None,
    hint: str = "",
) -> TemplateProblem:  # fmt: skip
    return TemplateProblem(
        template=template.key, language=template.language, code=code, message=message,
        field=part, line=line, hint=hint,
    )  # fmt: skip
