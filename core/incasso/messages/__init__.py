"""The words that leave: templates in, mails, short texts and letters out. Knows no database."""

from incasso.messages.builtin import builtin_templates
from incasso.messages.check import TemplateProblem, check_templates
from incasso.messages.context import Creditor, Debtor, Line, MessageContext, OfficeContact
from incasso.messages.language import languages, resolve_language
from incasso.messages.render import Rendered, Template, TemplateError, render

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
    "builtin_templates",
    "check_templates",
    "languages",
    "render",
    "resolve_language",
]
