"""What the sheet of instructions tells the agency, in both languages."""

from __future__ import annotations

from typing import Final

LINES: Final = (
    (
        "Foglio «Crediti»: una riga per ogni rata affidata. Le colonne «Affidamento» e "
        "«Riga» identificano il credito: non vanno cambiate.",
        "Foglio «Esiti»: una riga per ogni fatto (telefonata, promessa, incasso, "
        "chiusura…). Si può rimandare il file tutte le volte che serve: le righe già "
        "lette non contano due volte.",
        "Affidamento e Riga: si copiano dal foglio «Crediti». La Riga può restare vuota "
        "se il fatto riguarda tutto l'affidamento.",
        "Data: il giorno del fatto. Importo: con la virgola o come numero, sempre "
        "maggiore di zero.",
        "Esito e Dettaglio: si scelgono dagli elenchi.",
        "Identificativo: il vostro numero del fatto. Per gli incassi è necessario: due "
        "incassi uguali senza identificativo sarebbero letti come uno.",
        "Storno e rettifica: una riga nuova, con in «Rettifica» l'identificativo della "
        "riga che si corregge. Le righe già inviate non si cambiano.",
        "Riversamento: gli estremi del bonifico con cui l'incasso è stato versato al creditore.",
        "Le righe che non si possono leggere tornano indietro con il motivo; le altre sono prese.",
    ),
    (
        "Sheet “Credits”: one row for each installment handed over. “Placement” and “Row” "
        "say which credit it is: do not change them.",
        "Sheet “Results”: one row for everything that happened (call, promise, payment, "
        "closing…). You may send the file as often as you like: rows that were read do "
        "not count twice.",
        "Placement and Row: copy them from “Credits”. Row may stay empty if it is about "
        "the whole placement.",
        "Date: the day it happened. Amount: a number, always above zero.",
        "Result and Detail: choose from the lists.",
        "Reference: your own number of it. A payment needs one: two equal payments "
        "without it would be read as one.",
        "Reversal and correction: a new row, with the reference of what it corrects under "
        "“Corrects”. Do not change rows that you have sent.",
        "Remittance: the transfer by which you passed the money on.",
        "Rows that cannot be read come back with the reason; the others are taken.",
    ),
)
"""Italian, English."""
