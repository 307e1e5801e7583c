"""The words that leave: templates in, mails, short texts and letters out. Knows no database."""

from incasso.messages.builtin import builtin_templates
from incasso.messages.check import TemplateProblem, check_templates
from incasso.messages.context import (
    Account,
    BrokenWord,
    Creditor,
    Debtor,
    EarlierMessage,
    Line,
    MessageContext,
    OfficeContact,
    Payment,
)
from incasso.messages.language import languages, resolve_language
from incasso.messages.render import Assumption, Rendered, Template, TemplateError, render
from incasso.messages.rewording import asks_for_an_amount, names_amount, reworded
from incasso.messages.variants import NEUTRAL, fitting_text

__all__ = [
    "NEUTRAL",
    "Account",
    "Assumption",
    "BrokenWord",
    "Creditor",
    "Debtor",
    "EarlierMessage",
    "Line",
    "MessageContext",
    "OfficeContact",
    "Payment",
    "Rendered",
    "Template",
    "TemplateError",
    "TemplateProblem",
    "asks_for_an_amount",
    "builtin_templates",
    "check_templates",
    "fitting_text",
    "languages",
    "names_amount",
    "render",
    "resolve_language",
    "reworded",
]
