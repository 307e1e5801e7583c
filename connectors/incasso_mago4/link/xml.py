"""Documents of MagicLink as XML: what is asked, what comes back, what Mago says about errors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from lxml import etree

from incasso.api import PluginError, RejectedError, TemporaryError
from incasso.api import text as sentence

_SCHEMA: Final = "http://www.microarea.it/Schema/2004/Smart/ERP"
_DECLARATION: Final = re.compile(r"^\s*<\?xml[^>]*\?>")
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Kind(NamedTuple):
    """A document type of Mago: its module, its name, and its namespace."""

    module: str
    name: str

    @property
    def namespace(self) -> str:
        """As Mago's objects are named."""
        return f"Document.ERP.{self.module}.Documents.{self.name}"

    def schema(self, profile: str) -> str:
        """The XML namespace of this document in a profile."""
        return f"{_SCHEMA}/{self.module}/{self.name}/{profile}.xsd"


CUSTOMERS: Final = Kind("CustomersSuppliers", "Customers")
RECEIVABLES: Final = Kind("AP_AR", "Receivables")


class Criterion(NamedTuple):
    """A search field of a document; % in a text stands for anything."""

    field: str
    value: str
    type: str = "String"


class Record(NamedTuple):
    """One document: the fields of its master block, and its other blocks row by row.

    `single` names the blocks that have no rows: one set of fields, such as Options.
    """

    master_name: str
    master: Mapping[str, str]
    blocks: Mapping[str, Sequence[Mapping[str, str]]]
    single: frozenset[str]


class Answer(NamedTuple):
    """What one request brought: documents, and what Mago remarked."""

    records: list[Record]
    warnings: list[str]


def parameters(kind: Kind, profile: str, criteria: Iterable[Criterion]) -> str:
    """The question for documents that meet all criteria."""
    root, schema = _root(kind, profile)
    group = etree.SubElement(root, f"{{{schema}}}Parameters")
    dialog = etree.SubElement(group, f"{{{schema}}}DefaultDialog", title="Ricerca campi")
    fields = etree.SubElement(dialog, f"{{{schema}}}DefaultGroup", title="Gruppo di ricerca")
    for criterion in criteria:
        field = etree.SubElement(fields, f"{{{schema}}}{criterion.field}", type=criterion.type)
        field.text = criterion.value
    return etree.tostring(root, encoding="unicode")


def changed_fields(
    kind: Kind,
    profile: str,
    master: tuple[str, Mapping[str, str]],
    block: tuple[str, Mapping[str, str]],
) -> str:
    """A document that names its key and changes the fields of one block without rows.

    Blocks that are not in it stay as they are. A block with rows would be replaced as a whole,
    unless it said updateType: that is why none is ever sent.
    """
    root, schema = _root(kind, profile)
    data = etree.SubElement(root, f"{{{schema}}}Data")
    for (name, fields), attributes in ((master, {"master": "true"}), (block, {})):
        element = etree.SubElement(data, f"{{{schema}}}{name}", attributes)
        for field, value in fields.items():
            etree.SubElement(element, f"{{{schema}}}{field}").text = value
    return etree.tostring(root, encoding="unicode")


def _root(kind: Kind, profile: str) -> tuple[etree._Element, str]:
    schema = kind.schema(profile)
    root = etree.Element(f"{{{schema}}}{kind.name}", nsmap={"maxs": schema})
    root.set("tbNamespace", kind.namespace)
    root.set("xTechProfile", profile.rpartition("/")[2])
    return root, schema


def read_answer(texts: Iterable[str | bytes]) -> Answer:
    """The documents of an answer. Raises RejectedError with Mago's own words if it refuses."""
    answer = Answer([], [])
    for text in texts:
        root = parsed(text)
        if errors := messages(root, "Error"):
            raise RejectedError(
                sentence("Mago refuses: {errors}", errors="; ".join(errors)), code="mago_says"
            )
        answer.warnings.extend(messages(root, "Warning"))
        answer.records.extend(_record(data) for data in _children(root, "Data"))
    return answer


def messages(root: etree._Element, level: str) -> list[str]:
    """What Mago's diagnostic says on this level, each message once."""
    found: dict[str, None] = {}
    for element in root.iter():
        if _name(element) == level:
            words = [_text(child) for child in element if _name(child) == "Message"]
            found.update(dict.fromkeys(word for word in words if word))
    return list(found)


def parsed(text: str | bytes) -> etree._Element:
    """The root of one document of Mago; no DOCTYPE, no entities, no network.

    Raises TemporaryError: an answer that is no XML comes from something between Mago and us.
    """
    # The text announces utf-16, which it was inside Mago; here it is decoded already.
    plain = _DECLARATION.sub("", _NOT_XML.sub("", _decoded(text)), count=1)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
    )
    try:
        root = etree.fromstring(plain.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise _unreadable(str(error)) from None
    if getattr(root.getroottree().docinfo, "doctype", ""):
        raise _unreadable(sentence("it brings a DOCTYPE"))
    return root


def _decoded(text: str | bytes) -> str:
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    if text[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return text.decode("utf-16", errors="replace")
    return text.decode("utf-8-sig", errors="replace")


def _unreadable(why: str) -> PluginError:
    return TemporaryError(
        sentence("Mago's answer is no document that can be read ({why})", why=why)
    )


def _record(data: etree._Element) -> Record:
    master_name, master = "", {}
    blocks: dict[str, list[dict[str, str]]] = {}
    single = set()
    for block in data:
        name = _name(block)
        rows = [row for row in block if _name(row) == f"{name}Row"]
        if block.get("master") == "true":
            master_name, master = name, _fields(block)
        elif rows or not len(block):
            blocks[name] = [_fields(row) for row in rows]
        else:
            blocks[name] = [_fields(block)]
            single.add(name)
    return Record(master_name, master, blocks, frozenset(single))


def _fields(block: etree._Element) -> dict[str, str]:
    return {_name(child): _text(child) for child in block if not len(child)}


def _children(root: etree._Element, name: str) -> list[etree._Element]:
    return [child for child in root if _name(child) == name]


def _name(element: etree._Element) -> str:
    """The local name; samples of the cloud leave the namespace out inside the master block."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _text(element: etree._Element) -> str:
    return (element.text or "").strip()
