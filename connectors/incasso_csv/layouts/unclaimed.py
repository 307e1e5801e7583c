"""Columns that no field takes. One that holds money, codes of clients or ways to pay stops the
source: passed over, it would invent debts, merge clients or treat every bill as a transfer."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import Final, Literal, NamedTuple, TypeAlias

from incasso.api import ConfigurationError, PaymentMethod, Problem, text
from incasso_csv.cells.amounts import is_number, shows_cents
from incasso_csv.cells.dates import read_date
from incasso_csv.cells.values import Cell, CellError, is_blank
from incasso_csv.cells.words import normal, read_method
from incasso_csv.layouts.folding import folded
from incasso_csv.layouts.headings import Heading
from incasso_csv.layouts.synonyms import Vocabulary, meanings

Content: TypeAlias = Literal["", "amounts", "codes", "payments", "signs"]

_SAMPLE: Final = 200
_SHOWN: Final = 20
_CODE_LETTERS: Final = 3
_HARMLESS: Final = frozenset(
    "imponibile iva imposta aliquota sconto cambio tasso interessi mora percentuale "
    "exchange rate discount tax vat".split()
)
"""Words of headings whose amounts are not what is owed."""
_DAYS: Final = frozenset("giorni gg ritardo days arrears overdue delay tage verzug jours".split())
"""Words of headings whose whole numbers are days."""
_NOTHING: Final = frozenset(["", "n d", "nd", "n a", "na", "n p", "null", "none", "nessuno"])
"""How a cell without an amount is filled, in normal form; a dash is empty there."""
_SHORT: Final = frozenset(["rb", "r b", "rd", "r d", "bb", "ab"])
"""Short words that are ways to pay whatever the heading."""
_IDENTITIES: Final = ("vat", "tax_code", "tax_id")
_OF_DOCUMENTS: Final = frozenset(
    "documento fattura ordine commessa protocollo prot ddt bolla registrazione movimento riga cig "
    "cup cuc rata scadenza order invoice document voucher entry line po data date".split()
)
"""Words of headings whose codes are of documents, which differ from row to row."""
_MONEY: Final = re.compile(
    r"(?:import|total|sald|residu|pagat|pagament|incass|versa[tm]|accont|dovut|credit|debit|quot"
    r"|rest[ao]|rimanen|riscoss|ricevut|ammont|valor|somm|scadut|esposiz|euro?$|lordo|nett[oi]$"
    r"|amount|balanc|paid|payment|due|open|outstanding|remain|received|collected|gross|net$|sum$)"
)
"""How words of headings begin that mean money."""
_PARTIES: Final = frozenset(
    "cliente client customer debitore debtor anagrafica soggetto conto sottoconto account partner "
    "intestatario cf codice".split()
)
_PAYING: Final = frozenset("pagamento pagamenti incasso effetto effetti payment".split())
"""Words of headings whose short codes are ways to pay."""
_PAIRS: Final = tuple(
    set(pair.split()) for pair in ("d a", "dare avere", "+ -", "s h", "dr cr", "debit credit")
)
_CODE: Final = re.compile(r"(?=\S*\d)[\w./-]{1,20}")
_METHODS: Final = frozenset(PaymentMethod) - {PaymentMethod.OTHER}


_WORDS: Final[dict[Content, str]] = {
    "amounts": text("amounts"),
    "codes": text("codes, perhaps the clients'"),
    "payments": text("ways to pay"),
    "signs": text("which amounts are credits"),
}


class Unclaimed(NamedTuple):
    """A column that no field takes, and what is in it that must not be passed over."""

    name: str
    holds: Content


def unclaimed(
    heading: Heading,
    below: Sequence[Sequence[Cell]],
    vocabulary: Vocabulary,
    ignored: Collection[str],
) -> tuple[Unclaimed, ...]:
    """The columns without a field, in the order of the file; those of `ignored` are left out.

    A heading of the vocabulary whose field another column has won is understood, not unclaimed.
    Money and ways to pay are read from open items only: in a list of clients or people a column of
    them is merely listed.
    """
    waived = {normal(name) for name in ignored}
    found = []
    for position, name in enumerate(heading.names):
        taken = position in heading.columns.values() or bool(meanings(name, vocabulary))
        if position == heading.columns.get("key") and normal(name) == "id":
            taken = False  # of a row or of a client: only the office knows
            if not _divides_a_name(position, heading, below[:_SAMPLE]):
                continue
        if is_blank(name) or taken or normal(name) in waived:
            continue
        cells = [row[position] for row in below[:_SAMPLE] if position < len(row)]
        divides = _divides_a_name(position, heading, below[:_SAMPLE])
        filled = [cell for cell in cells if not is_blank(cell)]
        found.append(Unclaimed(name.strip(), _content(name, filled, heading, divides)))
    return tuple(found)


def refuse_dangerous(columns: Sequence[Unclaimed], file: str) -> None:
    """Raises ConfigurationError with one problem for each column that must not be passed over."""
    problems = tuple(_problem(column, file) for column in columns if column.holds)
    if problems:
        raise ConfigurationError(problems)


def passed_over(names: Sequence[str], file: str) -> tuple[Problem, ...]:
    """What a sync remarks about harmless columns that nobody understood, if there are any."""
    if not names:
        return ()
    shown = ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
    return (
        Problem(
            code="unclaimed_columns",
            message=text(
                "{file}: columns that were not understood and not read: {names}",
                file=file,
                names=shown,
            ),
            hint=text('name their fields in a mapping, or waive them: ignore = ["…"]'),
        ),
    )


def suppliers_passed_over(rows: int, file: str) -> tuple[Problem, ...]:
    """What a sync and a check remark about rows of suppliers, if there were any."""
    if not rows:
        return ()
    return (
        Problem(
            code="suppliers_passed_over",
            message=text("{file}: rows of suppliers that were passed over: {n}", file=file, n=rows),
        ),
    )


def _content(name: str, cells: Sequence[Cell], heading: Heading, divides_a_name: bool) -> Content:
    words = set(folded(name).split())
    if not cells:
        return ""
    without_code = {"client", "code"}.isdisjoint(heading.columns)
    if without_code and words & _PARTIES and _mostly(cells, _is_code):
        return "codes"
    if without_code and divides_a_name and words.isdisjoint(_OF_DOCUMENTS | _HARMLESS | _DAYS):
        return "codes"
    if "due_date" not in heading.columns:
        return ""
    if "sign" not in heading.columns and _are_signs(cells):
        return "signs"
    if "payment_method" not in heading.columns and (
        _mostly(cells, _is_method) or (words & _PAYING and _mostly(cells, _is_letters))
    ):
        return "payments"
    return "amounts" if _are_amounts(words, cells) else ""


def _are_amounts(words: Collection[str], cells: Sequence[Cell]) -> bool:
    """By the heading's words, else by cents: Excel shows 600,00 and hands over 600.

    A dash or `n.d.` among amounts changes nothing; days of delay are whole and few.
    """
    cells = [cell for cell in cells if normal(str(cell)) not in _NOTHING]
    if not _HARMLESS.isdisjoint(words) or sum(map(is_number, cells)) * 2 <= len(cells):
        return False
    if not _DAYS.isdisjoint(words) and not any(map(shows_cents, cells)):
        return False
    return any(map(_not_zero, cells)) and (
        any(map(_MONEY.match, words)) or any(map(shows_cents, cells))
    )


def _divides_a_name(position: int, heading: Heading, below: Sequence[Sequence[Cell]]) -> bool:
    """Whether a column of codes has two of them beside one name that nothing else identifies."""
    if "client_name" not in heading.columns or "client" in heading.columns:
        return False
    named = heading.columns["client_name"]
    others = [heading.columns[name] for name in _IDENTITIES if name in heading.columns]
    codes: dict[str, str] = {}
    seen: list[Cell] = []
    divides = False
    for row in below:
        if max(position, named, *others, 0) >= len(row) or is_blank(row[position]):
            continue
        seen.append(row[position])
        if is_blank(row[named]) or not all(is_blank(row[at]) for at in others):
            continue
        code = str(row[position]).strip()
        divides |= codes.setdefault(normal(str(row[named])), code) != code
    return divides and _mostly(seen, _is_code) and not any(map(shows_cents, seen))


def _are_signs(cells: Sequence[Cell]) -> bool:
    """Whether each cell says dare or avere, in one of the usual pairs and both of it."""
    return {str(cell).strip().lower() for cell in cells} in _PAIRS


def _mostly(cells: Sequence[Cell], fits: Callable[[Cell], bool]) -> bool:
    return sum(map(fits, cells)) * 5 >= len(cells) * 4


def _is_method(cell: Cell) -> bool:
    """Words for a way to pay; other short words are provinces and much else."""
    if not isinstance(cell, str) or (len(normal(cell)) < 3 and normal(cell) not in _SHORT):
        return False
    try:
        return read_method(cell, {}) in _METHODS
    except ValueError:
        return False


def _is_letters(cell: Cell) -> bool:
    return isinstance(cell, str) and cell.strip().isalpha() and len(cell.strip()) <= _CODE_LETTERS


def _is_code(cell: Cell) -> bool:
    if isinstance(cell, (int, str)) and not isinstance(cell, bool):
        return not _is_day(cell) and _CODE.fullmatch(str(cell).strip()) is not None
    return isinstance(cell, float) and cell.is_integer()


def _is_day(cell: Cell) -> bool:
    """A date with its marks; digits alone may be a code as well."""
    if not isinstance(cell, str) or cell.strip().isdigit():
        return False
    try:
        return read_date(cell) is not None
    except CellError:
        return False


def _not_zero(cell: Cell) -> bool:
    return any(digit in "123456789" for digit in str(cell))


def _problem(column: Unclaimed, file: str) -> Problem:
    return Problem(
        code="unclaimed_column",
        field=column.name,
        message=text(
            "{file}: the column {name!r}, which holds {what}, was not understood",
            file=file,
            name=column.name,
            what=_WORDS[column.holds],
        ),
        hint=text(
            'name its field in a mapping (docs/howto/csv.md), or waive it: ignore = ["{name}"]',
            name=column.name,
        ),
    )
