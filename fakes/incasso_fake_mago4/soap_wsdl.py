"""How the fake Mago describes its SOAP services: those methods of the real ones that we use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LOGIN_NS: Final = "http://microarea.it/LoginManager/"
TB_NS: Final = "http://microarea.it/TbServices/"

Methods = Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]]
"""Method to what it takes and what it gives: names and types, in their order on the wire."""

_TOKEN: Final = {"authenticationToken": "string"}
_DATED: Final = {"applicationDate": "dateTime"}

LOGIN_METHODS: Final[Methods] = {
    "LoginCompact": (
        {
            "userName": "string",
            "companyName": "string",
            "password": "string",
            "askingProcess": "string",
            "overWriteLogin": "boolean",
        },
        {
            "LoginCompactResult": "int",
            "userName": "string",
            "companyName": "string",
            "authenticationToken": "string",
        },
    ),
    "LogOff": (_TOKEN, {}),
    "IsValidToken": (_TOKEN, {"IsValidTokenResult": "boolean"}),
}

TB_METHODS: Final[Methods] = {
    "CreateTB": (
        {**_TOKEN, **_DATED, "checkDate": "boolean"},
        {"CreateTBResult": "int", "easyToken": "string"},
    ),
    "GetData": (
        {
            **_TOKEN,
            "parameters": "string",
            **_DATED,
            "loadAction": "int",
            "resultType": "int",
            "formatType": "int",
            "useApproximation": "boolean",
        },
        {"GetDataResult": "ArrayOfString"},
    ),
    "SetData": (
        {
            **_TOKEN,
            "data": "string",
            **_DATED,
            "postingAction": "int",
            "useApproximation": "boolean",
        },
        {"SetDataResult": "boolean", "result": "string"},
    ),
}


def wsdl(name: str, namespace: str, methods: Methods) -> bytes:
    """The description of a service, as ASP.NET writes it: document style, wrapped, literal.

    The address in it is the one by which the server knows itself, which no client can use.
    """
    elements = "".join(_element(method, *methods[method]) for method in methods)
    messages = "".join(
        f'<wsdl:message name="{method}{way}"><wsdl:part name="parameters" '
        f'element="tns:{method}{suffix}"/></wsdl:message>'
        for method in methods
        for way, suffix in (("In", ""), ("Out", "Response"))
    )
    operations = "".join(
        f'<wsdl:operation name="{method}"><wsdl:input message="tns:{method}In"/>'
        f'<wsdl:output message="tns:{method}Out"/></wsdl:operation>'
        for method in methods
    )
    bound = "".join(
        f'<wsdl:operation name="{method}">'
        f'<soap:operation soapAction="{namespace}{method}" style="document"/>'
        '<wsdl:input><soap:body use="literal"/></wsdl:input>'
        '<wsdl:output><soap:body use="literal"/></wsdl:output></wsdl:operation>'
        for method in methods
    )
    return f"""<?xml version="1.0" encoding="utf-8"?>
<wsdl:definitions xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:tns="{namespace}"
 xmlns:s="http://www.w3.org/2001/XMLSchema" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/"
 targetNamespace="{namespace}"><wsdl:types>
<s:schema elementFormDefault="qualified" targetNamespace="{namespace}">{elements}{_STRINGS}
</s:schema></wsdl:types>{messages}
<wsdl:portType name="{name}Soap">{operations}</wsdl:portType>
<wsdl:binding name="{name}Soap" type="tns:{name}Soap">
<soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>{bound}</wsdl:binding>
<wsdl:service name="{name}"><wsdl:port name="{name}Soap" binding="tns:{name}Soap">
<soap:address location="http://mago-server.invalid/{name}.asmx"/></wsdl:port></wsdl:service>
</wsdl:definitions>""".encode()


_STRINGS: Final = """<s:complexType name="ArrayOfString"><s:sequence>
<s:element minOccurs="0" maxOccurs="unbounded" name="string" nillable="true" type="s:string"/>
</s:sequence></s:complexType>"""


def _element(method: str, takes: Mapping[str, str], gives: Mapping[str, str]) -> str:
    return _complex(method, takes) + _complex(f"{method}Response", gives)


def _complex(name: str, fields: Mapping[str, str]) -> str:
    parts = "".join(_field(field, kind) for field, kind in fields.items())
    inside = f"<s:sequence>{parts}</s:sequence>" if parts else ""
    return f'<s:element name="{name}"><s:complexType>{inside}</s:complexType></s:element>'


def _field(name: str, kind: str) -> str:
    least = 0 if kind in ("string", "ArrayOfString") else 1
    prefix = "tns" if kind == "ArrayOfString" else "s"
    return f'<s:element minOccurs="{least}" maxOccurs="1" name="{name}" type="{prefix}:{kind}"/>'
