"""`plugins forget` as an integrator uses it: see what is kept, forget it, hear why not."""

from __future__ import annotations

from pathlib import Path

from tests.cli.command import CONFIG, DAY, inside, make_office, well


def test_an_integrator_takes_instances_out_and_forgets_them(tmp_path: Path) -> None:
    office = make_office(tmp_path / "office")
    well(office, "init")
    well(office, "iters", "import", "iters.toml")
    well(office, "run", "--on", DAY, "--really-send")
    assert well(office, "plugins", "forget", "--format", "json").rows() == []
    refused = inside(office, "plugins", "forget", "print_room")
    assert refused.code == 1 and "[channels.print_room] is in plugins.toml" in refused.err
    (office / "plugins.toml").write_text(CONFIG.split("[connectors")[0], encoding="utf-8")
    kept = {row["instance"]: row for row in well(office, *FORGET, "--format", "json").rows()}
    assert set(kept) == {"acme", "print_room"}
    assert kept["print_room"]["calls"] >= 2 and kept["print_room"]["state"] == "ready"
    refused = inside(office, *FORGET, "acme", language="it")
    assert refused.code == 1 and "dell'azienda acme sono aperte" in refused.err
    assert "Forgotten of print_room: " in well(office, *FORGET, "print_room").out
    assert "print_room" not in well(office, *FORGET).out
    assert well(office, "deliveries", "--format", "json").rows(), "what left stays"
    assert "All is as it was written" in well(office, "verify").out


FORGET = ("plugins", "forget")
