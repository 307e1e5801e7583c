"""Settings, postings and a WebAPI made of lists, for tests of single parts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

from incasso.api import Secret
from incasso_mexal.web.instalments import Reader
from incasso_mexal.web.postings import Instalment, instalments_of, posting_of
from incasso_mexal.web.settings import MexalSettings
from incasso_mexal.web.tables import Currencies
from incasso_mexal.web.webapi import Ask, WebApi

ON = date(2026, 11, 23)


def settings(**given: Any) -> MexalSettings:
    usual: dict[str, Any] = {
        "base_url": "https://mexal.example.it:9004",
        "user": "webapi",
        "password": Secret("segreta"),
        "company": "ACM",
    }
    return MexalSettings(**(usual | given))


def raw_posting(**fields: Any) -> dict[str, Any]:
    """A record of the ledger as it travels: one open instalment of 100.00."""
    return {
        "codice": "501.00001   ",
        "dt_registr_doc": "20260901",
        "prog_primanota": 12,
        "anno_primanota": 2026,
        "data_documento": "20260901",
        "serie": 1,
        "numero": 7,
        "causale": "FE  ",
        "numero_valuta": 1,
        "dt_sca_pg": [[1, "20261031"]],
        "imp_scadenza": [[1, 100]],
        "tipo_scadenza": [[1, "R"]],
        **fields,
    }


def instalment(index: int = 1, **fields: Any) -> Instalment:
    found = {each.index: each for each in instalments_of(posting_of(raw_posting(**fields)))}
    return found[index]


def reader(on: date = ON, **given: Any) -> Reader:
    return Reader(settings(**given), Currencies("EUR", {2: "USD"}), on)


class Lists:
    """A WebAPI that answers from a list of answers; an exception among them is raised."""

    def __init__(self, *answers: Any, streaming: bool = True, **given: Any) -> None:
        self.settings = settings(**given)
        self.streaming = streaming
        self.ctx = SimpleNamespace(log=logging.getLogger("mexal-parts"))
        self.asked: list[Ask] = []
        self._answers = list(answers)

    def json(self, ask: Ask) -> Any:
        self.asked.append(ask)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Callable):  # type: ignore[arg-type]
            answer = answer(ask)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def api(self) -> WebApi:
        return cast(WebApi, self)


def page(
    rows: Iterable[Any], following: str = "", at: str = "20261123 060000"
) -> Mapping[str, Any]:
    told: dict[str, Any] = {"dati": list(rows), "data_ric_elab": at}
    return told | ({"next": following} if following else {})
