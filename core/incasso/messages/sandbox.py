"""The small language an office writes templates in: placeholders, if, for, a few filters.

Two fences. The source may use nothing but the nodes and filters listed here: no calls, no
imports, no arithmetic that grows memory. Whatever slips through meets Jinja's own sandbox, which
shows only the declared fields of our own values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import msgspec
from jinja2 import (
    StrictUndefined,
    TemplateSyntaxError,
    UndefinedError,
    nodes,
    pass_eval_context,
)
from jinja2 import Template as Compiled
from jinja2.filters import do_join
from jinja2.nodes import EvalContext
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from incasso.contract.text import text
from incasso.contract.values import Money
from incasso.messages.context import Debtor
from incasso.messages.language import Language, languages
from incasso.messages.words import strong

_JINJA_FILTERS = (
    "upper", "lower", "capitalize", "trim", "default", "join", "length", "first", "last",
)  # fmt: skip
OWN_FILTERS = ("money", "date", "plural", "plus", "strong", "addressed")

_OF_TEXT = ("upper", "lower", "capitalize", "trim")
_PRINTED: Final = "printed"
"""A filter of our own behind `~`; no source may use it."""

_ALLOWED_NODES = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Name,
    nodes.Getattr, nodes.Getitem, nodes.Const, nodes.Filter, nodes.Test, nodes.Keyword,
    nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.CondExpr, nodes.Concat,
    nodes.Neg, nodes.Tuple, nodes.List,
)  # fmt: skip
LONGEST: Final = 30_000
"""Characters of one part: five times the longest text that ships; each case is written in it."""
_DEEPEST: Final = 60
_BRACED: Final = re.compile(r"\{[^{}]*\}")
_LOOP_WORDS = frozenset({"index", "first", "last", "length"})


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja with our fields visible and everything else out of reach."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Declared fields and properties of our values, the counters of a loop, nothing else."""
        if isinstance(obj, LoopContext):
            return attr in _LOOP_WORDS
        if not isinstance(obj, msgspec.Struct) or attr.startswith("_"):
            return False
        return attr in obj.__struct_fields__ or isinstance(getattr(type(obj), attr, None), property)


@lru_cache(maxsize=64)
def environment(language: str, *, html: bool = False) -> _Environment:
    """The environment of one language; amounts and dates print themselves in that language."""
    spoken = languages()[language]
    made = _Environment(
        undefined=StrictUndefined,
        autoescape=html,
        lstrip_blocks=True,
        finalize=_printer(spoken),
    )
    made.globals.clear()
    made.filters = (
        {name: made.filters[name] for name in _JINJA_FILTERS}
        | {name: _of_printed(made.filters[name], spoken) for name in _OF_TEXT}
        | {"join": _join(spoken), _PRINTED: _printer(spoken)}
        | _filters(spoken)
    )
    return made


def parsed(source: str, language: str) -> nodes.Template:
    """The tree of a template source. Raises TemplateSyntaxError, whatever is wrong with it."""
    if len(source) > LONGEST:
        said = text("{n} characters, at most {most}", n=len(source), most=LONGEST)
        raise TemplateSyntaxError(said, 1)
    if "\0" in source:
        line = source.count("\n", 0, source.index("\0")) + 1
        raise TemplateSyntaxError(text("it holds a NUL character"), line)
    try:
        tree = environment(language).parse(source)
        _refuse_deep(tree)
        return tree
    except TemplateSyntaxError:
        raise
    except RecursionError:
        raise TemplateSyntaxError(text("it is nested too deeply"), 1) from None
    except Exception:
        # The lexer turns numbers of thousands of digits into one, for example.
        raise TemplateSyntaxError(text("not understood"), 1) from None


def _refuse_deep(tree: nodes.Template) -> None:
    """Whoever walks the tree after this needs no deep stack. Raises TemplateSyntaxError."""
    level: list[nodes.Node] = [tree]
    for _ in range(_DEEPEST):
        level = [child for node in level for child in node.iter_child_nodes()]
        if not level:
            return
    raise TemplateSyntaxError(text("it is nested too deeply"), level[0].lineno or 1)


@lru_cache(maxsize=4096)
def compiled(source: str, language: str, *, html: bool = False) -> Compiled:
    """A template source, compiled once. Raises TemplateSyntaxError with the line of the fault."""
    made = environment(language, html=html)
    # Spaces that nobody sees must not join two paragraphs.
    source = "\n".join([line.rstrip() for line in source.splitlines()])
    tree = parsed(source, language)
    for line, fault in faults(tree):
        raise TemplateSyntaxError(fault, line)
    for joined in tree.find_all(nodes.Concat):
        # `~` would print anything at all; what it joins is printed like everything else.
        joined.nodes = [
            nodes.Filter(each, _PRINTED, [], [], None, None, lineno=each.lineno)
            for each in joined.nodes
        ]
    return made.from_string(tree)


def faults(tree: nodes.Template) -> Iterator[tuple[int, str]]:
    """Line and reason of everything in the source that a template may not use."""
    for node in tree.iter_child_nodes():
        yield from _faults(node, inside_for=False)


def _faults(node: nodes.Node, *, inside_for: bool) -> Iterator[tuple[int, str]]:
    if not isinstance(node, _ALLOWED_NODES):
        yield node.lineno, text("{spoken} is not allowed in a template", spoken=_spoken(node))
        return
    if isinstance(node, nodes.Filter) and node.name not in (*_JINJA_FILTERS, *OWN_FILTERS):
        yield node.lineno, text("unknown filter {name!r}", name=node.name)
    if isinstance(node, nodes.Filter) and node.name == "plural":
        yield from _plural_faults(node)
    if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
        yield node.lineno, text("{attr!r} is not a placeholder", attr=node.attr)
    if isinstance(node, nodes.For):
        # A loop in a loop over 200 installments is 40,000 lines: always a mistake.
        if inside_for or node.recursive:
            yield node.lineno, text("a loop inside a loop is not allowed in a template")
        inside_for = True
    for child in node.iter_child_nodes():
        yield from _faults(child, inside_for=inside_for)


def _plural_faults(node: nodes.Filter) -> Iterator[tuple[int, str]]:
    if len(node.args) < 2:
        yield node.lineno, text("plural needs the words for one and those for more than one")
    for form in node.args:
        said = form.value if isinstance(form, nodes.Const) else None
        for braced in _BRACED.findall(said) if isinstance(said, str) else ():
            if braced != "{n}":
                yield (
                    node.lineno,
                    text(
                        "{braced} in plural stays as it is: only {{n}} becomes the number",
                        braced=braced,
                    ),
                )


def _spoken(node: nodes.Node) -> str:
    return {
        "Call": text("calling a function"),
        "Mul": "multiplying",
        "Pow": text("raising to a power"),
    }.get(type(node).__name__, f"“{type(node).__name__.lower()}”")


def _printer(language: Language) -> Callable[[object], object]:
    """What `{{ … }}` prints: money and dates as the language writes them, never a bare None."""

    def printed(value: object) -> object:
        if isinstance(value, str):
            return value
        if isinstance(value, Money):
            return language.money(value)
        if isinstance(value, date):
            return language.long(value)
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            # Functions, generators and Jinja's own objects too: only words leave the office.
            raise UndefinedError(text("this placeholder has no single value to print here"))
        return value

    return printed


def _of_printed(of_text: Callable[..., Any], language: Language) -> Callable[..., Any]:
    """A filter of texts: what is none is printed first, as the language writes it."""
    printed = _printer(language)

    def filtered(value: object, *more: Any) -> Any:
        return of_text(printed(value), *more)

    return filtered


def _join(language: Language) -> Callable[..., Any]:
    """Items with something between; each is printed as it would be alone."""
    printed = _printer(language)

    @pass_eval_context
    def join(context: EvalContext, items: Any, between: str = "", attribute: str = "") -> str:
        found = [
            context.environment.getattr(each, attribute) if attribute else each for each in items
        ]
        made: str = do_join(context, [printed(each) for each in found], between)
        return made

    return join


def _filters(language: Language) -> dict[str, Callable[..., Any]]:
    def written_date(day: date, style: str = "long") -> str:
        return language.short(day) if style == "short" else language.long(day)

    def plus(day: date, days: int) -> date:
        return day + timedelta(days=days)

    def bold(value: object) -> str:
        return strong(printed(value))

    def addressed(client: Debtor, firm: str, person: str) -> str:
        return person if client.by_name else firm

    printed = _printer(language)
    own = (language.money, written_date, language.plural, plus, bold, addressed)
    return dict(zip(OWN_FILTERS, own, strict=True))
