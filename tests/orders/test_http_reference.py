"""The HTTP page tells what OpenAPI tells; run this module to write it anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from incasso.plugins.settings.config import HubConfig
from incasso.services.office.tokens import SCOPES
from incasso.store.engine import open_store
from incasso.web.app import make_app
from tests.cli.command import ROOT

PAGE = ROOT / "docs/reference/http.md"
MARK = "<!-- From here on written by `python -m tests.orders.test_http_reference`. -->\n"


def test_the_page_lists_the_real_operations() -> None:
    """If this fails: run the module, look at the difference, commit the page."""
    head, mark, written = PAGE.read_text(encoding="utf-8").partition(MARK)
    assert mark
    assert written == reference()
    for scope, meaning in SCOPES.items():
        assert f"| `{scope}` | {meaning} |" in head


def test_every_error_is_explained() -> None:
    head = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    for _, _, operation in operations():
        for status in set(operation["responses"]) - {"200", "204"}:
            assert f"| {status} |" in head


def test_everything_but_health_asks_for_a_token() -> None:
    open_ones = [path for path, _, one in operations() if not one.get("security")]
    assert open_ones == ["/health", *["/api/v1/callbacks/{channel}"] * 2], "signed by themselves"


def described() -> dict[str, Any]:
    """OpenAPI of an application that nobody asks anything."""
    store = open_store("sqlite://", Path("archive"))
    found: dict[str, Any] = make_app(HubConfig(path=Path("plugins.toml")), store).openapi()
    store.close()
    return found


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and description of each."""
    for path, methods in described()["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


def reference() -> str:
    """Every operation with its parameters, fields and statuses."""
    schemas = described()["components"]["schemas"]
    return "\n".join(line for operation in operations() for line in _lines(*operation, schemas))


def _lines(
    path: str, method: str, operation: dict[str, Any], schemas: dict[str, Any]
) -> Iterator[str]:
    yield f"\n## `{method} {path}`\n\n{operation['summary']} {operation['description']}\n"
    asked = [one for one in operation.get("parameters", ()) if one["in"] == "query"]
    for parameter in asked:
        choices = parameter["schema"].get("enum", ())
        told = f" {' or '.join(f'`{one}`' for one in choices)}." if choices else ""
        yield f"- `?{parameter['name']}=…`: {parameter['description']}{told}"
    content = operation["responses"]["200"].get("content", {})
    if "application/json" in content:
        yield from _fields(content["application/json"]["schema"], schemas, after=bool(asked))
    yield f"\nStatus: {', '.join(sorted(operation['responses']))}."


def _fields(answer: dict[str, Any], schemas: dict[str, Any], *, after: bool) -> Iterator[str]:
    reference = answer.get("$ref") or answer["items"]["$ref"]
    schema = schemas[reference.rsplit("/", 1)[1]]
    many = "a list; each has" if "items" in answer else "an object with"
    if after:
        yield ""
    yield f"The answer is {many}:\n"
    yield "| field | type | |\n|---|---|---|"
    for name, field in schema["properties"].items():
        yield f"| `{name}` | {_type(field)} | {field.get('description', '')} |"


def _type(field: dict[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(_type(one) for one in field["anyOf"])
    if "enum" in field:
        return ", ".join(f"`{one}`" for one in field["enum"])
    if "const" in field:
        return f"`{field['const']}`"
    return str(field.get("format", field["type"]))


if __name__ == "__main__":
    kept = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    PAGE.write_text(kept + MARK + reference(), encoding="utf-8")
