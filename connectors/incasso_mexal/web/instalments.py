"""The instalments of the ledger (`scadenzario`) as records of the hub."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from hashlib import blake2b
from typing import Any, Final

from incasso.api import DocumentKind, InstallmentRecord, PaymentMethod
from incasso.api import text as sentence
from incasso_mexal.cells import CellError, amount, day, first_of, text, whole
from incasso_mexal.letters import method_of
from incasso_mexal.states import AT_BANK, COLLECTED, PaymentState, meaning, payment_state
from incasso_mexal.web.arrays import by_index
from incasso_mexal.web.cursor import mapping_of
from incasso_mexal.web.doc_keys import DocKey, sigla_of
from incasso_mexal.web.postings import PLAIN, Instalment, Posting
from incasso_mexal.web.settings import MexalSettings
from incasso_mexal.web.tables import Currencies

_MAPPING: Final = "mexal-instalments-1"


class Reader:
    """Makes records of instalments, by the settings and on a day."""

    def __init__(self, settings: MexalSettings, currencies: Currencies, on: date) -> None:
        self._settings = settings
        self._currencies = currencies
        self._on = on
        salt = f"{_MAPPING}|{mapping_of(settings)}".encode()
        self._key = blake2b(salt, digest_size=32).digest()

    def due_date(self, instalment: Instalment) -> date:
        """The day the credit is due; one without a date is due with its document.

        A bill falls due when its paper does: presented again, that is later than the invoice was
        due, and never before the day it was issued. A date put off counts, unless the settings say
        otherwise: an earlier reminder would break the office's promise. Of a paid position
        `dt_sca_pg` may be the day of the payment.
        """
        fields = instalment.fields
        current = day(fields.get("dt_sca_pg"), "dt_sca_pg")
        original = day(fields.get("dt_sca_origine"), "dt_sca_origine")
        first, second = original, current
        stands = meaning(instalment.letter, self._settings.states)
        if stands is PaymentState.PRESENTED:
            issued = day(fields.get("dt_sca_emissione_eff"), "dt_sca_emissione_eff")
            first = _latest(original, current, issued)
        elif not stands.settled and self._settings.due_date == "latest":
            first = _latest(original, current)
        elif self._settings.due_date == "current":
            first, second = current, original
        due = first or second or instalment.posting.document_date
        if due is None:
            raise CellError(
                "dt_sca_pg",
                sentence("there is no due date"),
                sentence("enter it in Mexal"),
                "missing",
            )
        return due

    def payment_state(self, instalment: Instalment) -> PaymentState:
        """How it stands today; a bill posted back as unpaid is unpaid until presented again."""
        settings = self._settings
        stands = payment_state(
            instalment.letter,
            self.due_date(instalment),
            self.method(instalment),
            self._on,
            settings.states,
            settings.grace_days,
        )
        came_back = instalment.posting.reason in settings.unpaid_reasons
        return PaymentState.UNPAID if came_back and stands is PaymentState.OPEN else stands

    def method(self, instalment: Instalment) -> PaymentMethod:
        """How it was to be paid."""
        letter = text(instalment.fields.get("tipo_scadenza"), "tipo_scadenza")
        return method_of(letter, self._settings.payment_letters)

    def fingerprint(self, instalment: Instalment, stands: PaymentState) -> bytes:
        """A digest of everything that the record depends on, the day's standing included."""
        posting = instalment.posting
        plain = [posting.raw.get(name) for name in PLAIN]
        written = (
            plain,
            sorted(instalment.fields.items()),
            stands.value,
            self._held(instalment, stands),
        )
        return blake2b(repr(written).encode(), digest_size=16, key=self._key).digest()

    def record(self, instalment: Instalment, stands: PaymentState) -> InstallmentRecord:
        """The record. Raises CellError for the first implausible field."""
        posting, fields = instalment.posting, instalment.fields
        base = self._signed(instalment, "imp_scadenza")
        currency = self._currencies.of(whole(posting.raw.get("numero_valuta"), "numero_valuta"))
        foreign = currency != self._settings.currency
        own = self._signed(instalment, "imp_sca_vlt_doc") if foreign else base
        kind = self._kind(posting, own)
        open_now = not stands.settled
        return InstallmentRecord(
            key=instalment.key,
            client=posting.code,
            due_date=self.due_date(instalment),
            residual=own if open_now else _NOTHING,
            document_kind=kind,
            document_number=posting.document,
            document_date=posting.document_date,
            installment_number=instalment.index,
            amount=own,
            currency=currency,
            payment_method=self.method(instalment),
            unpaid_on=self._unpaid(instalment, stands),
            presented_on=self._presented(instalment, stands),
            agent=_agent(posting.raw),
            notes=self._notes(instalment),
            document=self._document(posting, kind),
            bill_number=_bill(fields),
            base_residual=(base if open_now else _NOTHING) if foreign else None,
            reminded_on=_last_reminder(fields),
            reminders=_reminders(fields),
            erp_hold=self._held(instalment, stands),
            fingerprint=self.fingerprint(instalment, stands),
        )

    def _signed(self, instalment: Instalment, field: str) -> Decimal:
        """An amount with its sign: a credit note is negative, however this Mexal shows it."""
        found = amount(instalment.fields.get(field), field)
        if found is None:
            raise CellError(
                field,
                sentence("the amount is not there"),
                sentence("look at it in Mexal"),
                "missing",
            )
        credit = instalment.posting.reason in self._settings.credit_note_reasons
        return -abs(found) if credit and self._settings.negate_credits else found

    def _kind(self, posting: Posting, signed: Decimal) -> DocumentKind:
        if posting.reason in self._settings.credit_note_reasons:
            return DocumentKind.CREDIT_NOTE
        if signed < 0:
            advance = posting.reason in self._settings.advance_reasons or not posting.document_no
            return DocumentKind.ADVANCE if advance else DocumentKind.CREDIT_NOTE
        return DocumentKind.INVOICE if posting.document_no else DocumentKind.OTHER

    def _unpaid(self, instalment: Instalment, stands: PaymentState) -> date | None:
        """The day it came back: that of the posting of its return; where only a letter says so,
        the first day it can have been."""
        if stands is not PaymentState.UNPAID:
            return None
        posting = instalment.posting
        returned = posting.reason in self._settings.unpaid_reasons
        return (
            posting.registered if returned else max(posting.registered, self.due_date(instalment))
        )

    def _presented(self, instalment: Instalment, stands: PaymentState) -> date | None:
        """The day the bill was issued, also of a paid one; none once it is open again.

        Of a bill whose day Mexal does not tell it is the posting's.
        """
        if stands in (PaymentState.OPEN, PaymentState.UNPAID):
            return None
        issued = day(instalment.fields.get("dt_sca_emissione_eff"), "dt_sca_emissione_eff")
        return instalment.posting.registered if issued is None and _is_bill(stands) else issued

    def _held(self, instalment: Instalment, stands: PaymentState) -> str:
        """Why it must not be dunned. After its due date a bill at the bank is held by name, so
        that days of grace longer than a procedure's own are kept."""
        if stands is PaymentState.COLLECTED:
            return COLLECTED
        if day(instalment.fields.get("data_legale"), "data_legale") is not None:
            return "legal"
        if stands is not PaymentState.PRESENTED:
            return ""
        cyclic = self.method(instalment) in (PaymentMethod.RIBA, PaymentMethod.SDD)
        return "" if cyclic and self._on <= self.due_date(instalment) else AT_BANK

    def _document(self, posting: Posting, kind: DocumentKind) -> str:
        """The key of the document, where documents of this kind have one type."""
        sigla = sigla_of(kind, self._settings.document_types)
        if not sigla or not posting.document_no:
            return ""
        year = (posting.document_date or posting.registered).year
        serie, number = posting.document_serie, posting.document_no
        return str(DocKey(sigla, serie, number, posting.code, year))

    def _notes(self, instalment: Instalment) -> str:
        fields = instalment.fields
        public = [
            f"{name} {written}"
            for name, field in (("CIG", "codice_id_gara"), ("CUP", "cod_uni_progetto"))
            if (written := text(fields.get(field), field))
        ]
        own = (
            text(fields.get("nota_rata"), "nota_rata"),
            text(instalment.posting.raw.get("nota_documento"), "nota_documento"),
        )
        return "; ".join(dict.fromkeys(each for each in (*own, *public) if each))


_NOTHING: Final = Decimal("0.00")


def _is_bill(stands: PaymentState) -> bool:
    return stands in (PaymentState.PRESENTED, PaymentState.COLLECTED)


def _agent(raw: Mapping[str, Any]) -> str:
    """The agent; the field is declared twice, as a value and as an array of fifteen."""
    value = raw.get("codice_agente")
    if isinstance(value, list):
        value = by_index(value, "codice_agente", 15).get(1)
    return text(value, "codice_agente")


def _bill(fields: Mapping[str, Any]) -> str:
    """The bill that collects it: its own identifier, else the number of its slip."""
    slip = text(fields.get("nr_prot_effetti"), "nr_prot_effetti")
    return first_of((text(fields.get("id_effetto"), "id_effetto"), slip if slip != "0" else ""))


def _last_reminder(fields: Mapping[str, Any]) -> date | None:
    days = [day(fields.get(name), name) for name in ("data_sollecito", "data_recupero")]
    return max((each for each in days if each is not None), default=None)


def _reminders(fields: Mapping[str, Any]) -> int:
    """The level that Mexal reached: 1 reminder, 2 recovery."""
    if day(fields.get("data_recupero"), "data_recupero") is not None:
        return 2
    return 1 if day(fields.get("data_sollecito"), "data_sollecito") is not None else 0


def _latest(*days: date | None) -> date | None:
    return max((each for each in days if each is not None), default=None)
