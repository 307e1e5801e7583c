"""Files of the hub are for its own user, and a secret that everybody can read is refused."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from incasso.cli.private import close_to_others
from tests.cli.command import CONFIG, DAY, incasso, inside, make_office, well

pytestmark = pytest.mark.skipif(os.name == "nt", reason="rights of POSIX")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user of the machine can enter."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        if not all(parent.stat().st_mode & stat.S_IXOTH for parent in folder.parents):
            pytest.skip("temporary folders are private here")
        yield folder


def rights(folder: Path) -> dict[str, int]:
    """The rights of everything below the folder."""
    return {
        str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode)
        for path in folder.rglob("*")
    }


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    """What most systems begin with: everybody may read."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def lived(folder: Path) -> dict[str, int]:
    """What an office has made after a run that sent messages."""
    make_office(folder)
    office = set(rights(folder))
    close_to_others()
    well(folder, "init")
    well(folder, "iters", "import", "iters.toml")
    well(folder, "run", "--on", DAY, "--really-send")
    return {name: mode for name, mode in rights(folder).items() if name not in office}


def test_the_command_closes_what_it_makes_from_its_start(tmp_path: Path) -> None:
    office = make_office(tmp_path / "office")
    assert incasso(office, "init").code == 0
    assert stat.S_IMODE((office / "incasso.db").stat().st_mode) == 0o600
    assert incasso(office, "templates", "export", "--into", "texts").code == 0
    assert stat.S_IMODE((office / "texts").stat().st_mode) == 0o700


def test_everything_the_hub_makes_is_for_its_own_user(tmp_path: Path) -> None:
    made = lived(tmp_path / "office")
    assert {name.partition("/")[0] for name in made} >= {"incasso.db", "archive", "outbox"}
    assert {name: oct(mode) for name, mode in made.items() if mode & 0o077} == {}


def test_a_folder_marked_as_shared_lets_its_group_in_and_nobody_else(tmp_path: Path) -> None:
    folder = tmp_path / "office"
    folder.mkdir()
    folder.chmod(0o2770)
    made = lived(folder)
    assert made["incasso.db"] == 0o660
    assert {name: oct(mode) for name, mode in made.items() if mode & 0o007} == {}
    assert {oct(mode & 0o060) for mode in made.values()} == {"0o60"}


def secret_office(folder: Path, mode: int) -> Path:
    """An office whose mail password lies in a file with these rights."""
    make_office(folder / "office")
    secret = folder / "office" / "password"
    secret.write_text("hunter22", encoding="utf-8")
    secret.chmod(mode)
    config = folder / "office" / "plugins.toml"
    mail = '[channels.mail]\nplugin = "smtp"\nhost = "127.0.0.1"\nport = 9\nuser = "anna"\n'
    mail += 'sender = "a@example.it"\npassword = { file = "password" }\n'
    config.write_text(CONFIG + mail, encoding="utf-8")
    return folder / "office"


def test_a_secret_that_every_user_can_read_is_refused(open_folder: Path) -> None:
    office = secret_office(open_folder, 0o644)
    ended = inside(office, "check", "mail")
    assert ended.code == 2
    assert "can be read by every user of this machine" in ended.out + ended.err
    assert f"chmod 600 {office / 'password'}" in ended.out + ended.err
    assert "hunter22" not in ended.out + ended.err
    everything = inside(office, "check")
    assert "by its group" not in everything.err, "one file, one complaint"
    assert "può essere letto da ogni utente" in inside(office, "check", language="it").err


def test_a_secret_in_a_folder_closed_to_others_is_taken(open_folder: Path) -> None:
    office = secret_office(open_folder, 0o644)
    office.chmod(0o700)
    assert "every user" not in (ended := inside(office, "check", "mail")).out + ended.err


def test_a_secret_that_its_group_can_read_is_told_by_check(open_folder: Path) -> None:
    office = secret_office(open_folder, 0o640)
    ended = inside(office, "check")
    assert f"{office / 'password'} can be read by its group: `chmod 600" in ended.err
    (office / "password").chmod(0o600)
    assert "can be read by" not in inside(office, "check").err


def test_files_that_the_hub_itself_names_are_told_too(open_folder: Path) -> None:
    office = make_office(open_folder / "office")
    close_to_others()
    well(office, "init")
    (office / "incasso.key").chmod(0o640)
    assert f"{office / 'incasso.key'} can be read by its group" in inside(office, "check").err
    (office / "incasso.key").chmod(0o644)
    assert f"{office / 'incasso.key'} can be read by every user" in inside(office, "check").err
    (office / "incasso.key").rename(office / "own.pem")
    well(office, "backup", "--new-key", "backup.key")
    (office / "mailbox").write_text("hunter22", encoding="utf-8")
    config = office / "plugins.toml"
    named = '[hub]\nkey = { file = "own.pem" }\nbackup_key = { file = "backup.key" }\n'
    named += 'anchor_mailbox = { host = "127.0.0.1", port = 9, user = "a", '
    named += 'password = { file = "mailbox" } }'
    config.write_text(config.read_text("utf-8").replace("[hub]", named), "utf-8")
    secrets = [office / name for name in ("own.pem", "backup.key", "mailbox")]
    for secret in secrets:
        secret.chmod(0o640)
    told = inside(office, "check").err
    assert [f"{each} can be read by its group" in told for each in secrets] == [True] * 3, told


def test_a_database_left_open_is_told_by_check(open_folder: Path) -> None:
    office = make_office(open_folder / "office")
    close_to_others()
    well(office, "init")
    assert "can be read by" not in inside(office, "check").err
    (office / "incasso.db").chmod(0o644)
    assert f"{office / 'incasso.db'} can be read by every user" in inside(office, "check").err
