"""The two headers that say who asks and which archive is meant."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass

from incasso.api import Secret, text
from incasso_mexal.web.settings import MexalSettings


def authorization(settings: MexalSettings) -> str:
    """The Authorization header: one account or two, and the domain of a cloud customer."""
    parts = ["Passepartout", _token(settings.user, settings.password)]
    if settings.second_user and settings.second_password is not None:
        parts.append(_token(settings.second_user, settings.second_password))
    if settings.domain:
        parts.append(f"Dominio={settings.domain}")
    return " ".join(parts)


def _token(user: str, password: Secret) -> str:
    return b64encode(f"{user}:{password.reveal()}".encode()).decode("ascii")


@dataclass(frozen=True)
class Coordinates:
    """The archive a request is about."""

    company: str
    year: int
    sub_company: str = ""
    depot: int | None = None

    @property
    def header(self) -> str:
        """The Coordinate-Gestionale header."""
        sub = f" SottoAzienda={self.sub_company}" if self.sub_company else ""
        depot = f" Magazzino={self.depot}" if self.depot is not None else ""
        return f"Azienda={self.company}{sub} Anno={self.year}{depot}"

    def __str__(self) -> str:
        return text("company {company}, year {year}", company=self.company, year=self.year)


def coordinates(settings: MexalSettings, kind: str, year: int) -> Coordinates:
    """Where one kind of record lives; `coordinates` in the settings may name another company."""
    return Coordinates(
        company=settings.coordinates.get(kind, settings.company),
        year=year,
        sub_company=settings.sub_company,
        depot=settings.depot,
    )
