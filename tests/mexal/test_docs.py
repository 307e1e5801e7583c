"""The how-to pages are tried as written, against the fake server in place of the customer's."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from io import StringIO
from pathlib import Path

import pytest

from incasso_fake_mexal import MexalServer, SelfSigned, self_signed, small_company
from incasso_fake_mexal.__main__ import main
from tests.cli.command import inside, well

HOWTO = Path(__file__).parents[2] / "docs/howto"
DAY = ("--on", "2026-11-23")


def blocks(page: str, language: str = "toml") -> list[str]:
    """What stands between fences."""
    parts = re.split("^```", (HOWTO / page).read_text(encoding="utf-8"), flags=re.MULTILINE)
    inside_fences = [part.partition("\n") for part in parts[1::2]]
    return [body for word, _, body in inside_fences if word == language]


def placed(table: str, server: MexalServer, made: SelfSigned) -> str:
    """The page's table with this server's address and fingerprint."""
    here = re.sub(r'base_url = "[^"]+"', f'base_url = "{server.url}"', table)
    keys = f'certificate = "{made.pin}"'
    if "allow_private_addresses" not in here:
        keys += "\nallow_private_addresses = true"
    if "certificate =" in here:
        return re.sub(r'certificate = "[^"]+"', keys, here)
    return here.replace('plugin = "mexal"', f'plugin = "mexal"\n{keys}')


def try_commands(folder: Path, page: str) -> None:
    """Every `incasso` line of the page that ends without asking questions, in its order."""
    done = []
    for block in blocks(page, ""):
        for line in block.splitlines():
            if line.startswith("incasso ") and "--ask" not in line and line not in done:
                done.append(line)
                on = () if line in ("incasso init", "incasso balances") else DAY
                well(folder, *line.split()[1:], *on)
    assert {"incasso check acme", "incasso sync acme"} <= set(done)


def test_the_local_page_as_written(tmp_path: Path) -> None:
    made = self_signed()
    with MexalServer(tls=made.tls) as server:
        small_company(server)
        connect, block = blocks("mexal-local.md")
        config = placed(connect, server, made)
        (tmp_path / "plugins.toml").write_text(config, encoding="utf-8")
        try_commands(tmp_path, "mexal-local.md")
        shown = well(tmp_path, "check", "acme", *DAY).out
        for line in blocks("mexal-local.md", "")[2].splitlines():
            assert line in shown, "the page shows what the check says"
        (tmp_path / "plugins.toml").write_text(config + block, encoding="utf-8")
        well(tmp_path, "check", "acme", *DAY)
        (ask,) = blocks("mexal-local.md", "sh")
        asked = ask.replace("https://mexal.acme.example:9004", server.url)
        said = subprocess.run(["sh", "-c", asked], capture_output=True, text=True, check=True)
        assert said.stdout.split() == ['"fido":5000']


def test_the_cloud_page_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEXAL_SECOND_PASSWORD", "anche")
    made = self_signed()
    with MexalServer(tls=made.tls, domain="ACME", second=("amministratore", "anche")) as server:
        small_company(server)
        small_company(server, "BIS", "Bis srl")
        one, several = blocks("mexal-cloud.md")
        config = placed(one, server, made)
        (tmp_path / "plugins.toml").write_text(config, encoding="utf-8")
        try_commands(tmp_path, "mexal-cloud.md")
        server.user.second = None
        (tmp_path / "plugins.toml").write_text(placed(several, server, made), encoding="utf-8")
        well(tmp_path, "sync", *DAY)
        assert len(well(tmp_path, "installments", "--format", "json", *DAY).rows()) == 24


def test_every_setting_a_page_names_exists(tmp_path: Path) -> None:
    described = inside(tmp_path, "plugins", "describe", "mexal", "--format", "json").rows()[0]
    known = {setting["name"] for setting in described["settings"]}
    for page in ("mexal-local.md", "mexal-cloud.md"):
        text = (HOWTO / page).read_text(encoding="utf-8")
        table = text.partition("| setting |")[2]
        named = set(re.findall(r"`([a-z_]+)`(?=[^|]*\|[^|]*\|[^|]*\|$)", table, re.MULTILINE))
        assert named <= known | {"original", "current", "latest"}, named - known


def test_the_server_for_trying_says_how_to_reach_it(tmp_path: Path) -> None:
    stop, out = threading.Event(), StringIO()
    words = ["--port", "0", "--domain", "ACME"]
    thread = threading.Thread(target=main, args=(words, stop, out))
    thread.start()
    try:
        while not out.getvalue().endswith("\n"):
            time.sleep(0.01)
        (tmp_path / "plugins.toml").write_text(out.getvalue(), encoding="utf-8")
        assert "ready" in well(tmp_path, "check", *DAY).out
    finally:
        stop.set()
        thread.join()


def test_the_example_for_partners_runs() -> None:
    page = (HOWTO.parent / "plugins/testing.md").read_text(encoding="utf-8")
    examples = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    (example,) = (each for each in examples if "MexalServer" in each)
    exec(compile(example, "testing.md", "exec"), {})
