"""What is wrong, in a sentence with its cure: one entry per code of the domain."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from incasso.contract.text import Text, template
from incasso.contract.values import Problem
from incasso.domain.documents.file_names import PatternFault
from incasso.domain.documents.matching import MatchFault
from incasso.domain.fault import Fault
from incasso.domain.ledger.acceptance import CaseFault
from incasso.domain.ledger.faults import ReadFault, RecordFault, StaleFault

_SENTENCES: Final[Mapping[StrEnum, tuple[str, str]]] = {
    # the problem, and the cure where there is one
    RecordFault.EMPTY: (
        template("is empty"),
        template("every row needs it; look at the ERP or the export"),
    ),
    RecordFault.TOO_LONG: (
        template("has {n} characters, at most {most}"),
        template("a quotation mark may be missing in the file"),
    ),
    RecordFault.TEXT: (
        template("holds characters that are no text"),
        template("the file's encoding may be wrong"),
    ),
    RecordFault.IMPOSSIBLE_DATE: (
        template("{day} cannot be true"),
        template("dates run from {first} to {last}; leave it empty if unknown"),
    ),
    RecordFault.UNKNOWN_CURRENCY: (
        template("{currency!r} is no currency"),
        template("three capital letters of ISO 4217, such as EUR"),
    ),
    RecordFault.UNKNOWN_COUNTRY: (
        template("{country!r} is no country"),
        template("two capital letters of ISO 3166, such as IT; leave it empty if unknown"),
    ),
    RecordFault.NOT_A_NUMBER: (template("{amount} is not an amount"), ""),
    RecordFault.TOO_LARGE: (template("{amount} cannot be true"), template("is a comma missing?")),
    RecordFault.FRACTION: (
        template("{amount} {currency} has more than {places} decimals"),
        template("money is never rounded here"),
    ),
    RecordFault.SIGN: (
        template("{amount} on a credit is positive"),
        template("credit notes and advances are negative in the ledger"),
    ),
    RecordFault.SIGNS: (
        template("{residual} is left of {amount}"),
        template("the signs contradict"),
    ),
    RecordFault.SUM: (
        template("{residual} is left of {amount}"),
        template("look at the item in the ERP: it does not add up"),
    ),
    RecordFault.UNKNOWN_CLIENT: (
        template("the client is not in the ledger"),
        template(
            "export the client too, or look for it in the quarantine; it may be a supplier, "
            "deleted, or out of the connector's filter"
        ),
    ),
    ReadFault.EMPTY_READ: (template("the read is empty, the ledger has {n} open items"), ""),
    ReadFault.ITEMS_DROP: (
        template("{gone} of {all} open items would be closed ({share}, at most {most})"),
        "",
    ),
    ReadFault.SUM_DROPS: (
        template("{lost} of {all} {currency} owed would disappear ({share}, at most {most})"),
        "",
    ),
    ReadFault.COUNT_DIFFERS: (template("the ERP counts {erp} open items, {read} were read"), ""),
    ReadFault.SUM_DIFFERS: (
        template("the ERP's open items sum to {erp} {currency}, those read to {read}"),
        "",
    ),
    MatchFault.FILE: (template("{file}: {why}"), ""),
    MatchFault.SEVERAL: (template("it may be one of {numbers}"), ""),
    MatchFault.NO_DAY: (
        template("the ledger gives no date of the document to prove its year"),
        "",
    ),
    MatchFault.OTHER_DAY: (template("it is of {found}, not of {wanted}"), ""),
    MatchFault.CREDIT_NOTE: (template("it is a credit note"), ""),
    MatchFault.NO_CREDIT_NOTE: (template("nothing says that it is a credit note"), ""),
    MatchFault.OTHER_NUMBER: (
        template("its number is {number}, and nothing proves that it is the same"),
        "",
    ),
    MatchFault.OTHER_SUPPLIER: (template("its supplier is {found}, not {wanted}"), ""),
    MatchFault.CLIENT: (template("it is of client {client}"), ""),
    MatchFault.OTHER_CLIENT: (template("it is of another client"), ""),
    MatchFault.NO_TAX_NUMBER: (
        template("the ledger has neither VAT number nor tax code of the client to prove it"),
        "",
    ),
    PatternFault.UNKNOWN_WORD: (template("{word} is not known; use {known}"), ""),
    PatternFault.NO_NUMBER: (template("it needs {{number}} once"), ""),
    PatternFault.TWICE: (template("each word may stand in it once"), ""),
    CaseFault.STILL_ASKED: (template("the hub still asks for it"), ""),
    CaseFault.UNKNOWN_ITEM: (template("the hub does not know this item"), ""),
    CaseFault.NO_CLIENT: (template("the hub does not know this client"), ""),
    CaseFault.BLOCKED: (template("the client is blocked in the hub"), ""),
    CaseFault.NOT_BLOCKED: (template("the client is not blocked in the hub"), ""),
    CaseFault.RESIDUAL: (template("residual {found}, expected {expected}"), ""),
    CaseFault.STANDING: (template("standing {found}, expected {expected}"), ""),
    CaseFault.DUE_DATE: (template("due date {found}, expected {expected}"), ""),
    CaseFault.UNPAID_ON: (template("came back on {found}, expected {expected}"), ""),
    StaleFault.NEVER_READ: (template("the ledger was never read well"), ""),
    StaleFault.TOO_OLD: (template("the last good read is of {at} UTC, older than {hours} h"), ""),
}


def sentence(found: Fault) -> Text:
    """What is wrong."""
    return Text(_SENTENCES[found.code][0], _worded(found.values))


def problem_of(found: Fault | Problem) -> Problem:
    """The same in the words of the contract, with the cure; a connector's problem has its words."""
    if isinstance(found, Problem):
        return found
    message, cure = _SENTENCES[found.code]
    values = _worded(found.values)
    hint = Text(cure, values) if cure else ""
    return Problem(
        code=found.code.value, field=found.field, message=Text(message, values), hint=hint
    )


def _worded(values: Mapping[str, Any]) -> dict[str, Any]:
    """A fault may speak of another one."""
    return {
        name: sentence(value) if isinstance(value, Fault) else value
        for name, value in values.items()
    }
