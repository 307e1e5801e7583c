"""Documents of the fake Mago: found, returned and saved as XML, out of a company database."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from lxml import etree

from incasso_fake_mago4.codes import CUSTOMER
from incasso_fake_mago4.schema import tables

Fields = Mapping[str, Any]

_TABLES: Final = tables()

LIGHT: Final = (
    "CustSuppType CustSupp CompanyName TaxIdNumber FiscalCode Address ZIPCode City County Country "
    "Telephone1 Telephone2 Fax EMail ISOCountryCode ContactPerson NaturalPerson Payment Currency "
    "Disabled ExternalCode"
).split()
"""What the profile Standard/DefaultLight holds of a customer; everything else it leaves out."""

OPTIONS: Final = "Options"


class MagoSaysError(Exception):
    """A refusal that Mago puts into a document, with its words."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """A part of a document: the table behind it, and how its rows are found."""

    name: str
    table: str
    key: Mapping[str, str]
    """Column of this table to column of the master's."""
    rows: bool = True


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A document type: its master block, its other blocks, and what its profiles hold."""

    master: Block
    blocks: tuple[Block, ...]
    profiles: Mapping[str, tuple[Sequence[str], frozenset[str]]]
    """Profile to the master's fields (none: all of them) and the names of its other blocks."""


_BY_CUSTOMER: Final = {"CustSuppType": "CustSuppType", "CustSupp": "CustSupp"}
SHAPES: Final = {
    "Customers": Shape(
        master=Block(name="CustomersSuppliers", table="MA_CustSupp", key={}),
        blocks=(
            Block(name="OtherBranches", table="MA_CustSuppBranches", key=_BY_CUSTOMER),
            Block(name="People", table="MA_CustSuppPeople", key=_BY_CUSTOMER),
            Block(
                name=OPTIONS,
                table="MA_CustSuppCustomerOptions",
                key={"CustSuppType": "CustSuppType", "Customer": "CustSupp"},
                rows=False,
            ),
        ),
        profiles={
            "Standard/DefaultLight": (LIGHT, frozenset({"OtherBranches"})),
            "AllUsers/Incasso": ((), frozenset({"OtherBranches", "People", OPTIONS})),
        },
    ),
    "Receivables": Shape(
        master=Block(name="AP_AR", table="MA_PyblsRcvbls", key={}),
        blocks=(
            Block(
                name="Detail",
                table="MA_PyblsRcvblsDetails",
                key={"PymtSchedId": "PymtSchedId"},
            ),
        ),
        profiles={"AllUsers/Basic": ((), frozenset({"Detail"}))},
    ),
}


class Archive:
    """The documents of one company."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._tables = _TABLES

    def find(self, question: str, cut_at: int | None = None) -> list[str]:
        """The documents that meet the question's criteria, at most `cut_at`, ordered by key."""
        root = _parsed(question)
        name, shape, profile = _asked(root)
        master = self._tables[shape.master.table]
        statement = sa.select(master).where(master.c.CustSuppType == CUSTOMER)
        for criterion in root.iterfind(".//{*}DefaultGroup/*"):
            statement = statement.where(_condition(master, criterion))
        statement = statement.order_by(*master.primary_key.columns).limit(cut_at)
        with self._engine.connect() as connection:
            found = connection.execute(statement).mappings().all()
            return [self._told(connection, name, shape, profile, dict(row)) for row in found]

    def save(self, data: str) -> str:
        """Change the document that the master block names. Raises MagoSaysError."""
        root = _parsed(data)
        name, shape, profile = _asked(root)
        [saved] = root.iterfind("{*}Data")
        [master] = [block for block in saved if block.get("master") == "true"]
        table = self._tables[shape.master.table]
        key = {
            column.key: _value(column, _text_of(master, column.key)) for column in table.primary_key
        }
        with self._engine.begin() as connection:
            where = [table.c[column] == value for column, value in key.items()]
            row = connection.execute(sa.select(table).where(*where)).mappings().one_or_none()
            if row is None:
                raise MagoSaysError("the document does not exist and cannot be created from this")
            self._update(connection, table, where, master)
            for element in saved:
                if element is not master:
                    self._save_block(connection, shape, element, dict(row))
            row = connection.execute(sa.select(table).where(*where)).mappings().one()
            return self._told(connection, name, shape, profile, dict(row))

    def _save_block(
        self, connection: sa.Connection, shape: Shape, element: etree._Element, master: Fields
    ) -> None:
        """As MagicLink does: a block with rows and no updateType replaces all rows there are."""
        [block] = [each for each in shape.blocks if each.name == _name(element)]
        table = self._tables[block.table]
        where = _belonging(table, block, master)
        if not block.rows:
            self._update(connection, table, where, element)
        elif element.get("updateType") is None:
            connection.execute(sa.delete(table).where(*where))

    def _update(
        self, connection: sa.Connection, table: sa.Table, where: list[Any], element: etree._Element
    ) -> None:
        values = {
            table.c[_name(field)]: _value(table.c[_name(field)], field.text or "")
            for field in element
            if _name(field) in table.c and not table.c[_name(field)].primary_key
        }
        if values:
            connection.execute(sa.update(table).where(*where).values(values))

    def _told(
        self, connection: sa.Connection, name: str, shape: Shape, profile: str, master: Fields
    ) -> str:
        wanted, held = shape.profiles[profile]
        table = self._tables[shape.master.table]
        schema = f"http://www.microarea.it/Schema/2004/Smart/ERP/{name}/{profile}.xsd"
        root = etree.Element(f"{{{schema}}}{name}", nsmap={"maxs": schema})
        data = etree.SubElement(root, f"{{{schema}}}Data")
        top = etree.SubElement(data, f"{{{schema}}}{shape.master.name}", master="true")
        _write(top, table, schema, {key: master[key] for key in wanted or master if key in master})
        for block in shape.blocks:
            if block.name in held:
                table = self._tables[block.table]
                statement = sa.select(table).where(*_belonging(table, block, master))
                rows = connection.execute(statement).mappings().all()
                _write_block(data, table, schema, block, [dict(row) for row in rows])
        # Inside Mago it was UTF-16, and says so still.
        return (
            f'<?xml version="1.0" encoding="utf-16"?>\n{etree.tostring(root, encoding="unicode")}'
        )


def diagnostic(name: str, level: str, words: str) -> str:
    """A document that holds nothing but a remark of Mago."""
    root = etree.Element(name)
    diagnostic = etree.SubElement(root, "Diagnostic")
    remark = etree.SubElement(etree.SubElement(diagnostic, f"{level}s"), level)
    etree.SubElement(remark, "Code").text = "1"
    etree.SubElement(remark, "Message").text = words
    return etree.tostring(root, encoding="unicode")


def document_name(text: str) -> str:
    """What kind of document a text is about."""
    return _name(_parsed(text))


def _asked(root: etree._Element) -> tuple[str, Shape, str]:
    name = _name(root)
    namespace = root.tag.partition("}")[0]
    profile = "/".join(namespace.removesuffix(".xsd").rsplit("/", 2)[1:])
    shape = SHAPES.get(name)
    if shape is None:
        raise MagoSaysError(f"the document {name} is not exported")
    if profile not in shape.profiles or root.get("xTechProfile") != profile.rpartition("/")[2]:
        raise MagoSaysError(f"the profile {profile} of {name} does not exist")
    return name, shape, profile


def _condition(master: sa.Table, criterion: etree._Element) -> sa.ColumnElement[bool]:
    column = master.c.get(_name(criterion))
    if column is None:
        raise MagoSaysError(f"the field {_name(criterion)} cannot be searched")
    text = criterion.text or ""
    if isinstance(column.type, sa.Integer | sa.SmallInteger):
        return column == int(text)
    if _is_flag(column):
        return column == ("1" if text == "true" else "0")
    return column.ilike(text)


def _belonging(table: sa.Table, block: Block, master: Fields) -> list[Any]:
    return [table.c[column] == master[other] for column, other in block.key.items()]


def _write_block(
    data: etree._Element, table: sa.Table, schema: str, block: Block, rows: Sequence[Fields]
) -> None:
    element = etree.SubElement(data, f"{{{schema}}}{block.name}")
    for row in rows:
        inside = (
            etree.SubElement(element, f"{{{schema}}}{block.name}Row") if block.rows else element
        )
        _write(inside, table, schema, row)


def _write(element: etree._Element, table: sa.Table, schema: str, fields: Fields) -> None:
    for name, value in fields.items():
        if not name.startswith("TB"):
            etree.SubElement(element, f"{{{schema}}}{name}").text = _shown(table.c[name], value)


def _shown(column: sa.Column[Any], value: Any) -> str:
    """As MagicLink writes it: ISO dates without time, true and false."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if _is_flag(column):
        return "true" if value == "1" else "false"
    return repr(value) if isinstance(value, float) else str(value)


def _is_flag(column: sa.Column[Any]) -> bool:
    """A char(1) is a Boolean; the check character of a bank account is the only other one."""
    return isinstance(column.type, sa.String) and column.type.length == 1 and column.key != "CIN"


def _value(column: sa.Column[Any], text: str) -> Any:
    if isinstance(column.type, sa.Integer | sa.SmallInteger):
        return int(text or 0)
    if _is_flag(column):
        return "1" if text in ("true", "1") else "0"
    if isinstance(column.type, sa.DateTime):
        return datetime.fromisoformat(text)
    return text


def _text_of(element: etree._Element, name: str) -> str:
    found = element.find(f"{{*}}{name}")
    return (found.text or "") if found is not None else ""


def _parsed(text: str) -> etree._Element:
    plain = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    root = etree.fromstring(plain.encode())
    if any(not isinstance(element.tag, str) for element in root.iter()):
        raise MagoSaysError("comments are not accepted")
    return root


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname
