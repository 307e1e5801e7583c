"""The provider "excel": lots as workbooks in a folder, and workbooks of results back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from incasso.api import (
    Batch,
    CallContext,
    CheckReport,
    FolderExchange,
    FolderLogin,
    LotSheet,
    Notice,
    Page,
    PlacementDossier,
    Refusal,
    ReturnSheet,
    Secret,
    UpdateItem,
    Written,
    hookimpl,
    setting,
)
from incasso_excel import reading
from incasso_excel.book import write_lot
from incasso_excel.filled import fill_lot
from incasso_excel.mapping import WorkbookMapping, load
from incasso_excel.notices import write_answer, write_notices
from incasso_excel.words import Language


@dataclass(frozen=True, kw_only=True)
class ExcelSettings:
    """Where the workbooks are exchanged, and how they are read."""

    folder: FolderLogin = setting(help="The exchange folder: [providers.NAME.folder]")
    password: Secret = setting(
        help="Password of workbooks that the provider locks", default=Secret("")
    )
    mapping: Path | None = setting(
        help="A file that says how the provider's own workbook is filled and read", default=None
    )
    language: Language = setting(
        help="Of headings and words in notices and answers", default=Language.IT
    )


class ExcelProvider(FolderExchange):
    """One agency that works in Excel."""

    def __init__(self, settings: ExcelSettings) -> None:
        self.folder = settings.folder
        self._settings = settings

    @hookimpl
    def provider_prepare_lot(
        self, batch: Batch, lot: LotSheet, dossiers: Iterator[PlacementDossier], sink: BinaryIO
    ) -> Written:
        """One workbook: the credits, a sheet for the results with lists, instructions."""
        if (own := self._mapping()).lot is not None:
            return fill_lot(own.lot, self._base(), batch, lot, dossiers, sink)
        return write_lot(batch, lot, dossiers, sink)

    @hookimpl
    def provider_prepare_notices(
        self, batch: Batch, notices: tuple[Notice, ...], sink: BinaryIO
    ) -> Written:
        """A workbook; a ZIP if there are documents."""
        return write_notices(batch, notices, self._settings.language, sink)

    @hookimpl
    def provider_prepare_answer(
        self, batch: Batch, sheet: ReturnSheet, refusals: tuple[Refusal, ...], sink: BinaryIO
    ) -> Written:
        """A workbook with the refused rows."""
        return write_answer(batch, sheet, refusals, self._settings.language, sink)

    @hookimpl
    def provider_identify(self, name: str, source: BinaryIO) -> ReturnSheet:
        """What the hidden sheet says; empty if a program dropped it."""
        return reading.identify(name, source, self._password, self._mapping().results)

    @hookimpl
    def provider_read(self, name: str, source: BinaryIO) -> Iterator[Page[UpdateItem]]:
        """The rows of the sheet of results."""
        return reading.read(name, source, self._password, self._mapping().results)

    @hookimpl
    def instance_check(self, ctx: CallContext) -> CheckReport:
        """Reaches the folder, and reads the mapping."""
        self._mapping()
        return super().instance_check(ctx)

    @property
    def _password(self) -> str:
        return self._settings.password.reveal()

    def _mapping(self) -> WorkbookMapping:
        """Read at each use: an office changes it while the hub runs."""
        chosen = self._settings.mapping
        return WorkbookMapping() if chosen is None else load(chosen)

    def _base(self) -> Path:
        """Where the template is looked for: beside the mapping."""
        return self._settings.mapping.parent if self._settings.mapping else Path()
