"""The provider "xml": the open exchange as XML files in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from incasso.api import (
    Batch,
    FolderExchange,
    FolderLogin,
    LotSheet,
    Notice,
    Page,
    PlacementDossier,
    Refusal,
    ReturnSheet,
    UpdateItem,
    Written,
    hookimpl,
    setting,
)
from incasso_xml import reading, writing


@dataclass(frozen=True, kw_only=True)
class XmlSettings:
    """Where the files are exchanged."""

    folder: FolderLogin = setting(help="The exchange folder: [providers.NAME.folder]")


class XmlProvider(FolderExchange):
    """One agency that takes and sends XML."""

    def __init__(self, settings: XmlSettings) -> None:
        self.folder = settings.folder

    @hookimpl
    def provider_prepare_lot(
        self, batch: Batch, lot: LotSheet, dossiers: Iterator[PlacementDossier], sink: BinaryIO
    ) -> Written:
        """One file, whatever its size."""
        return writing.write_lot(batch, lot, dossiers, sink)

    @hookimpl
    def provider_prepare_notices(
        self, batch: Batch, notices: tuple[Notice, ...], sink: BinaryIO
    ) -> Written:
        """One file; documents are inside it."""
        return writing.write_notices(batch, notices, sink)

    @hookimpl
    def provider_prepare_answer(
        self, batch: Batch, sheet: ReturnSheet, refusals: tuple[Refusal, ...], sink: BinaryIO
    ) -> Written:
        """One file, with a refusal for each row that could not be used."""
        return writing.write_answer(batch, sheet, refusals, sink)

    @hookimpl
    def provider_identify(self, name: str, source: BinaryIO) -> ReturnSheet:
        """The attributes of the outermost element, and the count at the end."""
        return reading.identify(name, source)

    @hookimpl
    def provider_read(self, name: str, source: BinaryIO) -> Iterator[Page[UpdateItem]]:
        """Update by update, each checked against the schema."""
        return reading.read(name, source)
