"""Names of files in a dossier: plain letters, short, never a way out of the folder."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath
from typing import Final

COVER: Final = "00_copertina.pdf"
STATEMENT: Final = "01_estratto_conto.pdf"
TIMELINE: Final = "02_cronologia.pdf"
LIMITATION: Final = "03_prescrizione.pdf"
PETITION: Final = "04_dati_per_il_ricorso.pdf"
FACTS: Final = "dati.json"
INDEX: Final = "indice.json"
SEAL: Final = "sigillo.json"

ACTS, DOCUMENTS, MESSAGES, ANSWERS, ATTACHED = (
    "atti", "documenti", "messaggi", "risposte", "allegati",
)  # fmt: skip

_OTHER: Final = re.compile(r"[^A-Za-z0-9]+")
_ENDING: Final = re.compile(r"(\.[A-Za-z0-9]{1,5})?\.[A-Za-z0-9]{1,5}$")
_LONGEST: Final = 60


def safe(words: str) -> str:
    """What is left of foreign words in a name: letters, figures and hyphens, 60 at most."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    return _OTHER.sub("-", plain).strip("-")[:_LONGEST].strip("-") or "senza-nome"


def ending(filename: str, otherwise: str = ".bin") -> str:
    """`.pdf`, or `.xml.p7m`, in small letters."""
    found = _ENDING.search(PurePosixPath(filename.replace("\\", "/")).name)
    if found is None:
        return otherwise
    last = found[0][len(found[1] or "") :]
    kept = found[0] if last.lower() == ".p7m" and (found[1] or "").lower() == ".xml" else last
    return kept.lower()


def numbered(folder: str, exhibit: int, *parts: str, end: str) -> str:
    """`documenti/doc-007_fattura_123-A.pdf`: the number keeps equal names apart."""
    return f"{folder}/doc-{exhibit:03}_{'_'.join(map(safe, parts))}{end}"
