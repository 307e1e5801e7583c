"""Drafts of legal acts: texts that an office may change, in the small language of its messages.

Always in Italian, as the court reads them. A file holds `title` and `text`; lines that begin with
"# " are headings.
"""

from __future__ import annotations

import tomllib
import traceback
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from jinja2 import TemplateError as JinjaError
from jinja2 import TemplateSyntaxError, nodes

from incasso.contract.settings import nearest
from incasso.contract.text import Text, text
from incasso.contract.values import Money, Value
from incasso.locale.system_words import system_words
from incasso.messages.language import languages
from incasso.messages.paper import Grid, Heading, Piece, Signature, items, words
from incasso.messages.sandbox import compiled, parsed
from incasso.messages.words import SIGNATURE, TABLE, paragraphs

LANGUAGE: Final = "it"
BLANK: Final = "____________________"
_HEADING: Final = "# "
_BLOCKS: Final = {"table": TABLE, "signature": SIGNATURE}
_KEYS: Final = frozenset({"title", "text"})


class ActError(Exception):
    """A draft cannot be written; says which file, which line and why."""


class Act(Value, frozen=True, kw_only=True):
    """One draft, as it stands in its file."""

    key: str
    title: str
    text: str
    file: str


class ActParty(Value, frozen=True, kw_only=True):
    """A party, as an act names it; what is not known is empty."""

    name: str
    address: str
    vat: str
    tax_code: str
    pec: str
    is_consumer: bool


class ActNotice(Value, frozen=True, kw_only=True):
    """A formal notice that left."""

    on: date
    medium: str
    exhibit: int
    arrived: bool


class ActExhibit(Value, frozen=True, kw_only=True):
    """A document that is produced."""

    number: int
    title: str


class ActFacts(Value, frozen=True, kw_only=True):
    """Everything an act may say; the fields are its placeholders."""

    on: date
    creditor: ActParty
    debtor: ActParty
    court: str
    court_is_tribunal: bool
    court_place: str
    count: int
    documents: str
    """The exhibits of the invoices: "docc. 1-3"; empty where none was found."""
    capital: Money
    interest: Money
    costs: Money
    total: Money
    credited: Money | None
    """What credit notes took off."""
    interest_rule: str
    is_commercial: bool
    is_agreed: bool
    electronic: bool
    """Whether every invoice is there as the exchange system took it."""
    statement_exhibit: int
    """Of the statement of account."""
    notices: tuple[ActNotice, ...]
    exhibits: tuple[ActExhibit, ...]
    fee_value: Money
    court_fee: Money


def builtin_acts() -> list[tuple[str, str]]:
    """Name and content of the drafts that ship with the hub."""
    folder = files("incasso.messages").joinpath("acts")
    found = [(each.name, each.read_text("utf-8")) for each in folder.iterdir()]
    return sorted(each for each in found if each[0].endswith(".toml"))


def acts_of(folder: Path | None) -> list[Act | ActError]:
    """The office's own drafts, and of the shipped ones those it has none of the same name for.

    One that cannot be read is an error in its place.
    """
    given = dict(builtin_acts())
    own: dict[str, Path] = {}
    if folder is not None and folder.is_dir():
        own = {each.name: each for each in sorted(folder.glob("*.toml")) if each.is_file()}
    found: list[Act | ActError] = []
    for name in sorted(given.keys() | own.keys()):
        try:
            path = own.get(name)
            found.append(_parsed(name, given[name] if path is None else _read(path)))
        except ActError as error:
            found.append(error)
    return found


def written_act(act: Act, facts: ActFacts, table: Grid) -> list[Piece]:
    """The pieces of its page. Raises ActError with the line of the fault."""
    given: Mapping[str, Any] = {
        **{name: getattr(facts, name) for name in facts.__struct_fields__},
        **_BLOCKS,
        "blank": BLANK,
    }
    try:
        _know_names(act, given)
        said = compiled(act.text, LANGUAGE).render(given)
    except TemplateSyntaxError as error:
        raise _fault(act, error.lineno, error.message or str(error)) from None
    except JinjaError as error:
        raise _fault(act, _line(error), error.message or str(error)) from None
    except ActError:
        raise
    except Exception as error:
        # A filter or a comparison may meet any value, and no draft of an office ends the hub.
        why = text("a filter or a comparison does not fit its value")
        raise _fault(act, _line(error), why) from None
    return _pieces(languages()[LANGUAGE].joined(said), table)


def _know_names(act: Act, given: Mapping[str, Any]) -> None:
    """Raises ActError for a placeholder that there is not, with the one it looks like."""
    tree = parsed(act.text, LANGUAGE)
    for name in tree.find_all(nodes.Name):
        if name.ctx == "load" and name.name not in given and name.name not in _stored(tree):
            hint = nearest(name.name, given)
            why = text("there is no placeholder {name} ({hint})", name=name.name, hint=hint)
            raise _fault(act, name.lineno, why)


def _stored(tree: nodes.Template) -> set[str]:
    """Names that a loop gives."""
    return {each.name for each in tree.find_all(nodes.Name) if each.ctx == "store"} | {"loop"}


def _line(error: BaseException) -> int | None:
    """The line of the template where it happened; Jinja puts it into the traceback."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((each.lineno for each in reversed(frames) if each.filename == "<template>"), None)


def _pieces(said: str, table: Grid) -> list[Piece]:
    found: list[Piece] = []
    listed: list[str] = []
    for each in paragraphs(said):
        if each.item:
            listed.append(each.words)
            continue
        if listed:
            found.append(items(listed))
            listed = []
        if each.block == TABLE:
            found.append(table)
        elif each.block == SIGNATURE:
            found.append(Signature(""))
        elif each.words.startswith(_HEADING):
            found.append(Heading(each.words.removeprefix(_HEADING), centred=True))
        elif each.words:
            found.append(words(each.words))
    return [*found, items(listed)] if listed else found


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeError:
        raise ActError(text("{file}: it is not UTF-8 text", file=path.name)) from None
    except OSError as error:
        why = system_words(error)
        raise ActError(text("{file} cannot be read: {why}", file=path.name, why=why)) from None


def _parsed(name: str, content: str) -> Act:
    try:
        table = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise ActError(text("{file}: {why}", file=name, why=str(error))) from None
    strange = sorted(table.keys() - _KEYS)
    if strange:
        raise ActError(
            text("{file}: unknown key {key}: a draft has title and text", file=name, key=strange[0])
        )
    if not all(isinstance(table.get(key), str) and table[key].strip() for key in _KEYS):
        raise ActError(text("{file}: a draft needs title and text", file=name))
    return Act(key=name.removesuffix(".toml"), title=table["title"], text=table["text"], file=name)


def _fault(act: Act, line: int | None, why: str) -> ActError:
    said: Text = text("{file}: {why}", file=act.file, why=why)
    if line is not None:
        said = text("{file}, line {line} of its text: {why}", file=act.file, line=line, why=why)
    return ActError(said)


def placeholders() -> Sequence[str]:
    """What a draft may say."""
    return (*ActFacts.__struct_fields__, *_BLOCKS, "blank")
