"""Mails as the programs of clients really write them, with invented people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OURS: Final = "<hub.d-0001@acme.example.it>"


def mail(body: str, headers: Mapping[str, str] | None = None, **more: str) -> bytes:
    """A mail with these headers, CRLF as it comes from a server; `_` in a name is a dash."""
    found = {
        "From": "Mario Rossi <mario.rossi@ferramenta.example.it>",
        "To": "Ufficio crediti <crediti@acme.example.it>",
        "Subject": "R: Primo sollecito",
        "In-Reply-To": OURS,
        "Content-Type": "text/plain; charset=utf-8",
        **(headers or {}),
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in found.items() if value)
    return (head + "\r\n" + body.replace("\n", "\r\n")).encode()


GMAIL: Final = mail(
    """\
--=_g
Content-Type: text/plain; charset="UTF-8"

Buongiorno,
il bonifico parte venerdì.

Mario

Il giorno lun 23 nov 2026 alle ore 10:15 Ufficio crediti <
crediti@acme.example.it> ha scritto:

> Gentile cliente,
> risulta scaduta la fattura 12
>
--=_g
Content-Type: text/html; charset="UTF-8"

<div dir="ltr">Buongiorno,<br>il bonifico parte venerd&igrave;.</div>
--=_g--
""",
    {"Content-Type": 'multipart/alternative; boundary="=_g"'},
    References=OURS,
)
"""Gmail's web page: an attribution broken over two lines, the answer above the quotation."""

OUTLOOK: Final = mail(
    """\
<html xmlns:o="urn:schemas-microsoft-com:office:office"><head>
<style><!-- p.MsoNormal {margin:0cm;} --></style></head>
<body lang="IT"><div class="WordSection1"><p class="MsoNormal">Vi confermo che <b>abbiamo pagato</b>
ieri, allego la contabile.<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p>
<div><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p class="MsoNormal"><b>Da:</b>
Ufficio crediti &lt;crediti@acme.example.it&gt;<br><b>Inviato:</b> luned&igrave; 23 novembre 2026
10:15<br><b>A:</b> Mario Rossi<br><b>Oggetto:</b> Primo sollecito<o:p></o:p></p></div></div>
<p class="MsoNormal">Gentile cliente, risulta scaduta la fattura 12</p></div></body></html>
""",
    {"Content-Type": 'text/html; charset="utf-8"'},
    Subject="R: Primo sollecito",
    References=f"<a@b.example> {OURS}",
    Thread_Index="AdvX",
    X_MS_Has_Attach="yes",
)
"""Outlook: HTML alone, and the headers of our message written out above it."""

APPLE: Final = mail(
    """\
<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head><body \
dir="auto">Quale fattura?&nbsp;<br><br><div dir="ltr">Inviato da iPhone</div><div dir="ltr"><br>\
<blockquote type="cite">Il giorno 23 nov 2026, alle ore 10:15, Ufficio crediti \
&lt;crediti@acme.example.it&gt; ha scritto:<br><br></blockquote></div><blockquote type="cite">\
<div dir="ltr">Gentile cliente,<br>risulta scaduta la fattura 12</div></blockquote></body></html>
""",
    {"Content-Type": "text/html; charset=utf-8"},
    Subject="Re: Primo sollecito",
    X_Mailer="iPhone Mail (23A341)",
)
"""Apple Mail on a telephone: HTML alone, our message inside a blockquote."""

WORDS: Final = {
    "gmail": (GMAIL, "Buongiorno,\nil bonifico parte venerdì.\n\nMario"),
    "outlook": (
        OUTLOOK,
        "Vi confermo che abbiamo pagato ieri, allego la contabile.",
    ),
    "apple": (APPLE, "Quale fattura?\n\nInviato da iPhone"),
}
"""What each of them wrote, by hand."""
