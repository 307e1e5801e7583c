"""The core names no vendor, but for the modules of sign-in that docs/decisions/sign-in.md lists."""

from __future__ import annotations

import re
from pathlib import Path

from tests.house.test_house import ROOT

CORE = ROOT / "core" / "incasso"
NAMED = re.compile(r"microsoft|google|msal|aadsts", re.IGNORECASE)

LISTED = {
    "contract/sign_in.py",
    "contract/folder_mail.py",
    "mail/accounts.py",
    *(
        f"plugins/sign_in/{name}.py"
        for name in (
            *("__init__", "asking", "google", "microsoft", "microsoft_codes"),
            *("refusals", "tokens"),
        )
    ),
}
FACTS = {
    # What bounces and browsers of the world look like, with their sources.
    *("mail/dialects.py", "mail/html_words.py", "mail/refusals.py", "mail/status_fields.py"),
    *("plugins/sql/login.py", "services/sending/browser.py"),
}


def test_sign_in_services_are_named_where_the_decision_says_and_nowhere_else() -> None:
    naming = {str(path.relative_to(CORE)) for path in _modules() if _names_one(path)}
    assert naming - FACTS == LISTED, "docs/decisions/sign-in.md has the list"
    page = (ROOT / "docs/decisions/sign-in.md").read_text("utf-8")
    for module in LISTED - {"plugins/sign_in/__init__.py"}:
        assert Path(module).name in page, module


def _modules() -> list[Path]:
    """But for simulators of services, which are for tests."""
    return [path for path in CORE.rglob("*.py") if path.relative_to(CORE).parts[0] != "testing"]


def _names_one(path: Path) -> bool:
    return NAMED.search(path.read_text("utf-8")) is not None
