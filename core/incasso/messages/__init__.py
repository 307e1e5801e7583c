"""The words that leave: templates in, mails, short texts and letters out. Knows no database."""

from incasso.messages.builtin import builtin_templates
from incasso.messages.check import TemplateProblem, check_templates
from incasso.messages.context import Creditor, Debtor, Line, MessageContext, OfficeContact
from incasso.messages.language import languages, resolve_language
from incasso.messages.render import Rendered, Template, TemplateError, render
from incasso.messages.rewording import asks_for_an_amount, names_amount, reworded

__all__ = [
    "Creditor",
    "Debtor",
    "Line",
    "MessageContext",
    "OfficeContact",
    "Rendered",
    "Template",
    "TemplateError",
    "TemplateProblem",
    "asks_for_an_amount",
    "builtin_templates",
    "check_templates",
    "languages",
    "names_amount",
    "render",
    "resolve_language",
    "reworded",
]
