"""The way to one document: folder, ERP, the page inside the electronic invoice, a courtesy copy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Final

from incasso.contract.text import text
from incasso.domain.documents.matching import Candidate, Form, Wanted, is_proven, text_proves
from incasso.fatturapa import FatturaError, Invoice
from incasso.messages.invoice_copy import INVOICE_COPY_LAYOUT, invoice_copy_pdf
from incasso.messages.pages import pdf_damage, text_of
from incasso.services.documents.content import (
    ArchivedFile,
    File,
    UnfitDocumentError,
    electronic_invoice,
    is_pdf,
    matching_invoice,
    page,
)
from incasso.services.documents.electronic import read_fattura, xml_of
from incasso.services.documents.folder import FolderError
from incasso.services.documents.sources import ERP, DocumentSources

INSIDE: Final = text("inside the electronic invoice")
INVOICE_COPY: Final = text("courtesy copy")
_LAYOUT: Final = f":{INVOICE_COPY_LAYOUT}"


class DocumentSearch:
    """The way to one document: folder, ERP, the page inside, the courtesy copy."""

    def __init__(
        self,
        sources: DocumentSources,
        wanted: Wanted,
        known: Mapping[Form, ArchivedFile],
        marks: Mapping[Form, str],
        load: Callable[[ArchivedFile], bytes],
    ) -> None:
        """`known` is what was fetched before, `marks` what its origins looked like then."""
        self._sources, self._wanted, self._load = sources, wanted, load
        self._known, self._marks = dict(known), marks
        self.files: list[File] = []
        """What is new and must be kept."""
        self.reasons: list[str] = []
        """What stood in the way."""

    @property
    def known(self) -> Mapping[Form, ArchivedFile]:
        """What was fetched before and may still be used."""
        return self._known

    def run(self, *, again: bool = False) -> None:
        """Fill `files` and `reasons`; `again` asks the ERP whatever is known."""
        choice, why = self._sources.choice(self._wanted)
        if why:
            self.reasons.append(why)
        has_page = self._from_folder(choice.pdfs, Form.PDF)
        self._from_folder(choice.fatture, Form.FATTURAPA)
        if self._fresh():
            self._drop_derived()
        if not has_page and (again or not self._has_asked()):
            has_page = self._from_erp()
        if not has_page and Form.PDF not in self._known:
            self._from_invoice()

    def _drop_derived(self) -> None:
        """What was taken or printed from the invoice as it was before."""
        self._known.pop(Form.COURTESY, None)
        if self._origin(Form.PDF) == INSIDE:
            self._known.pop(Form.PDF)

    def _fresh(self) -> bool:
        """Whether the electronic invoice is new or another than before."""
        return any(file.form is Form.FATTURAPA for file in self.files)

    def _has_asked(self) -> bool:
        """Whether the ERP need not be asked: it gave what it has, or there is a page."""
        return Form.PDF in self._known or self._origin(Form.FATTURAPA) == ERP

    def _origin(self, form: Form) -> str:
        known = self._known.get(form)
        return known.origin if known else ""

    def _from_folder(self, found: tuple[Candidate, ...], form: Form) -> bool:
        """One file, or copies of one. True if the folder settles what this form is."""
        if not found:
            return False
        if len(found) == 1 and self._marks.get(form) == _mark(found[0]):
            return True
        try:
            contents = [self._sources.read(self._wanted, each) for each in found]
        except FolderError as error:
            self.reasons.append(str(error))
            return form in self._known
        if len({_sameness(content, form) for content in contents}) > 1:
            paths = ", ".join(each.path for each in found[:3])
            self.reasons.append(text("several files fit and differ: {paths}", paths=paths))
            self._known.pop(form, None)
            if form is Form.FATTURAPA:
                self._drop_derived()
            return False
        return self._take(found[0], contents[0], form)

    def _take(self, found: Candidate, content: bytes, form: Form) -> bool:
        mark, wanted = _mark(found), self._wanted
        if form is Form.PDF:
            if problem := self._problem(found, content):
                self.reasons.append(f"{found.path} {problem}")
                return False
            self.files.append(page(wanted, content, found.path, mark))
        else:
            name = found.path.rsplit("/", 1)[-1]
            self.files.append(electronic_invoice(content, name, found.path, mark, found.place))
        return True

    def _problem(self, found: Candidate, content: bytes) -> str:
        if not is_pdf(content):
            return text("is no PDF, whatever its name says")
        if broken := pdf_damage(content):
            return text("cannot be used: {broken}", broken=broken)
        wanted = self._wanted
        if is_proven(wanted, found) or text_proves(wanted, text_of(content)):
            return ""
        return text(
            "is named by its number only, and its words do not tell client and day: "
            "put {{year}}, {{date}} or {{client}} into document_names"
        )

    def _from_erp(self) -> bool:
        given = self._sources.ask_erp(self._wanted)
        if isinstance(given, str):
            self.reasons += [given] if given else []
            return False
        if given.form is Form.FATTURAPA and self._origin(given.form) != ERP and self._has_invoice():
            return False  # the folder's own goes before it
        self.files.append(given)
        return given.form is Form.PDF

    def _has_invoice(self) -> bool:
        return self._fresh() or Form.FATTURAPA in self._known

    def _from_invoice(self) -> None:
        """The page inside an electronic invoice, else one made out of it."""
        mark = self._marks.get(Form.COURTESY, "")
        if Form.COURTESY in self._known and mark.endswith(_LAYOUT):
            return
        try:
            invoice, digest = self._invoice()
        except (FatturaError, UnfitDocumentError, FileNotFoundError) as error:
            self.reasons.append(str(error))
            return
        if invoice is None:
            return
        if (own := invoice.pdf) and not pdf_damage(own.content):
            self.files.append(page(self._wanted, own.content, INSIDE, digest))
            return
        made, mark = invoice_copy_pdf(invoice), digest + _LAYOUT
        self.files.append(page(self._wanted, made, INVOICE_COPY, mark, Form.COURTESY))

    def _invoice(self) -> tuple[Invoice | None, str]:
        fresh = next((file for file in self.files if file.form is Form.FATTURAPA), None)
        known = self._known.get(Form.FATTURAPA)
        if fresh is not None:
            content = fresh.content
        elif known is not None:
            content = self._load(known)
        else:
            return None, ""
        return matching_invoice(self._wanted, read_fattura(content)), sha256(content).hexdigest()


def _mark(found: Candidate) -> str:
    return f"{found.path}:{found.place}:{found.mark}"


def _sameness(content: bytes, form: Form) -> bytes:
    """Equal for copies of one document; a signed copy is one of what was signed."""
    return sha256(xml_of(content) if form is Form.FATTURAPA else content).digest()
