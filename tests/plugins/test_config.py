"""plugins.toml: every mistake is told with its place and its cure, all at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest

from incasso.contract.capabilities import Family
from incasso.contract.errors import ConfigurationError
from incasso.contract.settings import declared, setting
from incasso.contract.values import Problem, Secret
from incasso.locale import localize
from incasso.plugins.settings.config import Company, load_config
from incasso.plugins.settings.tables import TableError, build
from incasso_sms.settings import SmsSettings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "plugins.toml"


def problems_of(file: Path, text: str) -> list[Problem]:
    file.write_text(text)
    with pytest.raises(ConfigurationError) as raised:
        load_config(file)
    return list(raised.value.problems)


class TestFile:
    def test_a_missing_file(self, file: Path) -> None:
        with pytest.raises(ConfigurationError, match="there is no such file") as raised:
            load_config(file)
        assert "--config" in raised.value.problems[0].hint

    def test_a_syntax_error_tells_the_line(self, file: Path) -> None:
        [problem] = problems_of(file, "[hub]\ntimezone = Europe/Rome\n")
        assert str(file) in problem.field and "line 2" in problem.message and problem.hint

    def test_a_file_in_another_encoding(self, file: Path) -> None:
        file.write_bytes("[hub]\n# perché\n".encode("cp1252"))
        with pytest.raises(ConfigurationError, match="not UTF-8"):
            load_config(file)

    def test_a_folder_is_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError, match="cannot be read"):
            load_config(tmp_path)

    def test_an_empty_file_is_a_hub(self, file: Path) -> None:
        file.write_text("")
        config = load_config(file)
        assert config.timezone.key == "Europe/Rome" and config.language == "it"
        assert config.database_url == f"sqlite:///{file.parent / 'incasso.db'}"
        assert config.archive == file.parent / "archive" and config.base == file.parent
        assert config.problems == () and config.company("acme").name == "acme"

    def test_a_byte_order_mark_is_no_key(self, file: Path) -> None:
        file.write_bytes(b"\xef\xbb\xbf[hub]\n")
        load_config(file)


class TestHubTables:
    def test_all_mistakes_together(self, file: Path) -> None:
        problems = problems_of(
            file,
            """
            [hub]
            timezone = "Rome"
            language = "fr"
            [conectors.acme]
            plugin = "csv"
            [channels.Mail]
            plugin = "smtp"
            [companies.acme]
            ibann = "IT60"
            max_age_hours = "a day"
            """,
        )
        told = {problem.field: problem for problem in problems}
        assert set(told) == {
            "conectors",
            "hub.timezone",
            "hub.language",
            "channels.Mail",
            "companies.acme.ibann",
            "companies.acme.max_age_hours",
        }
        assert told["conectors"].hint == "did you mean 'connectors'?"
        assert "iban" in told["companies.acme.ibann"].hint

    @pytest.mark.parametrize(
        "text", ["hub = 3", "companies = 3", "connectors = 3", "companies.acme = 3"]
    )
    def test_a_table_must_be_one(self, file: Path, text: str) -> None:
        [problem] = problems_of(file, text)
        assert "must be a table" in problem.message

    def test_the_database_may_come_from_the_environment(
        self, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file.write_text('[hub]\ndatabase = { env = "THE_DATABASE" }\n')
        monkeypatch.setenv("THE_DATABASE", "postgresql://host/name")
        assert load_config(file).database_url == "postgresql://host/name"
        monkeypatch.delenv("THE_DATABASE")
        with pytest.raises(ConfigurationError, match="THE_DATABASE is not set"):
            load_config(file)

    @pytest.mark.parametrize(
        ("url", "wanted"),
        [
            ("sqlite:///data/hub.db", "sqlite:///{base}/data/hub.db"),
            ("sqlite:////var/hub.db", "sqlite:////var/hub.db"),
            ("sqlite:///:memory:", "sqlite:///:memory:"),
            ("postgresql:///incasso", "postgresql:///incasso"),
        ],
    )
    def test_an_sqlite_file_lies_beside_the_configuration(
        self, file: Path, url: str, wanted: str
    ) -> None:
        file.write_text(f'[hub]\ndatabase = "{url}"\n')
        assert load_config(file).database_url == wanted.format(base=file.parent)

    def test_a_company(self, file: Path) -> None:
        file.write_text(
            '[companies.acme]\nname = "Acme S.p.A."\naddress = ["Via Po 1", "10121 Torino TO"]\n'
            "max_drop = 0.35\n"
        )
        company = load_config(file).company("acme")
        assert company.address == ("Via Po 1", "10121 Torino TO")
        assert company.max_drop == Decimal("0.35") and company.max_age_hours == 24
        assert Company().max_drop == Decimal("0.20")

    @pytest.mark.parametrize("value", ["0", "-0.1", "1.5", "true", '"much"'])
    def test_a_share_is_a_share(self, file: Path, value: str) -> None:
        assert problems_of(file, f"[companies.acme]\nmax_drop = {value}\n")


class TestInstanceTables:
    def test_they_keep_the_order_of_the_file(self, file: Path) -> None:
        file.write_text('[channels.b]\nplugin = "x"\n[channels.a]\nplugin = "x"\n')
        assert list(load_config(file).tables[Family.CHANNEL]) == ["b", "a"]

    @pytest.mark.parametrize("name", ["Acme", "1st", "a-b", "x" * 32, "è"])
    def test_a_bad_name_stops_the_instance_and_not_the_hub(self, file: Path, name: str) -> None:
        file.write_text(f'[connectors."{name}"]\nplugin = "csv"\n')
        [problem] = load_config(file).problems
        assert problem.table == f"connectors.{name}" and "not possible" in problem.message

    def test_a_name_is_used_once(self, file: Path) -> None:
        file.write_text('[connectors.acme]\nplugin = "a"\n[channels.acme]\nplugin = "b"\n')
        [problem] = load_config(file).problems
        assert problem.table == "channels.acme" and "connectors.acme" in problem.message


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, kw_only=True)
class Settings:
    text: str = setting(help="A text")
    number: int = setting(help="A number", unit="s", default=1)
    share: Decimal = setting(help="A share", default=Decimal(0))
    flag: bool = setting(help="A flag", default=False)
    path: Path | None = setting(help="A path", default=None)
    day: date | None = setting(help="A day", default=None)
    words: tuple[str, ...] = setting(help="Words", default=())
    secret: Secret | None = setting(help="A secret", default=None)
    colour: Colour = setting(help="A colour", default=Colour.RED)
    mode: Literal["full", "partial"] = setting(help="A mode", default="full")
    names: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.number > 99:
            raise ConfigurationError([Problem(code="n", message="too big", field="number")])


def settings(base: Path, **table: Any) -> Settings:
    built: Settings = build(Settings, {"text": "x", **table}, where="channels.mail", base=base)
    return built


class TestSettings:
    @pytest.mark.parametrize(
        ("key", "given", "wanted"),
        [
            ("number", 7, 7),
            ("number", "7", 7),
            ("share", Decimal("0.25"), Decimal("0.25")),
            ("share", 1, Decimal(1)),
            ("flag", True, True),
            ("day", date(2026, 3, 2), date(2026, 3, 2)),
            ("day", "2026-03-02", date(2026, 3, 2)),
            ("words", ["a", "b"], ("a", "b")),
            ("colour", "blue", Colour.BLUE),
            ("mode", "partial", "partial"),
            ("names", {"a": "b"}, {"a": "b"}),
        ],
    )
    def test_values_become_their_types(
        self, tmp_path: Path, key: str, given: object, wanted: object
    ) -> None:
        value = getattr(settings(tmp_path, **{key: given}), key)
        assert (value == wanted and type(value) is not str) or isinstance(wanted, str)

    @pytest.mark.parametrize(
        ("key", "given"),
        [
            ("text", 5),
            ("text", ["x"]),
            ("number", "many"),
            ("number", True),
            ("number", Decimal("1.5")),
            ("number", "1e999999999"),
            ("share", "NaN"),
            ("share", "Infinity"),
            ("flag", 1),
            ("flag", "yes"),
            ("path", 3),
            ("path", ""),
            ("day", "2026-02-30"),
            ("words", "a"),
            ("words[2]", ["a", 1]),
            ("colour", "green"),
            ("mode", "Full"),
            ("names", ["a"]),
            ("secret", "hunter22"),
            ("secret", 22),
            ("secret", {"env": "A", "file": "b"}),
            ("number", 100),
            ("nunber", 1),
        ],
    )
    def test_what_does_not_fit_is_named(self, tmp_path: Path, key: str, given: object) -> None:
        with pytest.raises(TableError) as raised:
            settings(tmp_path, **{key.partition("[")[0]: given})
        [problem] = raised.value.problems
        assert (problem.table, problem.key) == ("channels.mail", key) and problem.message
        assert "hunter22" not in str(problem)

    def test_all_mistakes_of_a_table_together(self, tmp_path: Path) -> None:
        with pytest.raises(TableError) as raised:
            build(Settings, {"numbr": 1, "flag": 3}, where="channels.mail", base=tmp_path)
        assert [problem.key for problem in raised.value.problems] == ["numbr", "text", "flag"]
        assert raised.value.problems[0].hint == "did you mean 'number'?"
        assert raised.value.problems[1].hint == "add it: A text"

    def test_what_a_missing_key_is_for_is_said_in_italian(self) -> None:
        with pytest.raises(TableError) as raised:
            build(SmsSettings, {"service": "twilio"}, where="channels.sms", base=Path())
        told = localize(raised.value.problems[0].hint, "it")
        assert told.startswith("aggiungerla: ") and "l'Auth Token dell'account" in told

    def test_paths_begin_at_the_file(self, tmp_path: Path) -> None:
        assert settings(tmp_path, path="a/b").path == tmp_path / "a" / "b"
        assert settings(tmp_path, path="/a").path == Path("/a")

    def test_any_value_may_be_a_reference(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("A_NUMBER", "7")
        (tmp_path / "word").write_text("hunter22\n")
        built = settings(tmp_path, number={"env": "A_NUMBER"}, secret={"file": "word"})
        assert built.number == 7 and built.secret == Secret("hunter22")
        assert "hunter22" not in repr(built) + str(built)

    @pytest.mark.parametrize(
        "reference",
        [
            {"env": "NOT_SET_ANYWHERE"},
            {"file": "missing"},
            {"file": "empty"},
            {"file": "."},
            {"env": ""},
            {"file": "big"},
        ],
    )
    def test_a_reference_must_lead_somewhere(self, tmp_path: Path, reference: object) -> None:
        (tmp_path / "empty").write_text("\n")
        (tmp_path / "big").write_text("x" * 70_000)
        with pytest.raises(TableError) as raised:
            settings(tmp_path, secret=reference)
        [problem] = raised.value.problems
        assert problem.key == "secret" and problem.hint

    def test_a_struct_will_do_too(self, tmp_path: Path) -> None:
        class Small(msgspec.Struct, frozen=True, kw_only=True):
            host: str
            port: int = 25

        built = build(Small, {"host": "h"}, where="channels.mail", base=tmp_path)
        assert built == Small(host="h") and [each.name for each in declared(Small)] == [
            "host",
            "port",
        ]
