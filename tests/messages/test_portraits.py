"""The pictures of texts: a letter as PNG, and the mail's page with its own pictures inside."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from incasso.messages import OfficeContact
from incasso.messages.gallery import portraits
from incasso.messages.letterhead import Letterhead
from incasso.messages.pictures import drawing_of
from incasso.plugins.settings.config import HubConfig
from incasso.services.sending import gallery
from tests.messages.pictures import SVG
from tests.messages.samples import COMPANY, ON, built_in
from tests.sending.office import ACME


def test_a_portrait_is_whole_by_itself() -> None:
    head = Letterhead(logo=drawing_of(SVG))
    texts = [built_in("primo_sollecito"), built_in("messa_in_mora", "en")]
    one, other = portraits(texts, COMPANY, OfficeContact(), head, ON)
    assert (one.name, other.name) == ("it/primo_sollecito", "en/messa_in_mora")
    for each in (one, other):
        assert each.letter.startswith(b"\x89PNG")
        assert "cid:" not in each.html
        assert each.html.count('src="data:image/png;base64,') == 2
        assert "http" not in each.html


def test_without_a_browser_the_mails_stay_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    config = HubConfig(path=tmp_path / "plugins.toml", companies={"acme": ACME})
    office: Any = SimpleNamespace(config=config)
    made = gallery.write_portraits(office, [built_in("promemoria")], tmp_path / "g", on=ON)
    assert made == (1, False)
    assert sorted(each.name for each in (tmp_path / "g/it").iterdir()) == [
        "promemoria-letter.png",
        "promemoria-mail.html",
    ]
