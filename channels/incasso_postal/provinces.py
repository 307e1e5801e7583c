"""Which provinces the first two digits of an Italian CAP may lie in.

Only what is certainly wrong is refused by it: communes that changed province keep the sets wide,
and the service checks CAP, commune and province itself before anything is paid.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_SARDINIA: Final = "CA CI MD NU OG OR OT SS SU VS"

_BY_CAP: Final[Mapping[str, str]] = MappingProxyType(
    {
        "00": "RM",
        "01": "VT RM",
        "02": "RI",
        "03": "FR",
        "04": "LT",
        "05": "TR",
        "06": "PG",
        "07": _SARDINIA,
        "08": _SARDINIA,
        "09": _SARDINIA,
        "10": "TO",
        "11": "AO",
        "12": "CN",
        "13": "VC BI",
        "14": "AT",
        "15": "AL",
        "16": "GE",
        "17": "SV",
        "18": "IM CN",
        "19": "SP",
        "20": "MI MB LO",
        "21": "VA",
        "22": "CO LC",
        "23": "SO LC",
        "24": "BG LC",
        "25": "BS",
        "26": "CR LO",
        "27": "PV",
        "28": "NO VB",
        "29": "PC",
        "30": "VE",
        "31": "TV",
        "32": "BL",
        "33": "UD PN",
        "34": "TS GO",
        "35": "PD",
        "36": "VI",
        "37": "VR",
        "38": "TN",
        "39": "BZ",
        "40": "BO",
        "41": "MO",
        "42": "RE",
        "43": "PR",
        "44": "FE",
        "45": "RO",
        "46": "MN",
        "47": "FC RN",
        "48": "RA",
        "50": "FI",
        "51": "PT",
        "52": "AR",
        "53": "SI",
        "54": "MS",
        "55": "LU",
        "56": "PI",
        "57": "LI",
        "58": "GR",
        "59": "PO",
        "60": "AN",
        "61": "PU RN",
        "62": "MC",
        "63": "AP FM",
        "64": "TE",
        "65": "PE",
        "66": "CH",
        "67": "AQ",
        "70": "BA BT",
        "71": "FG BT",
        "72": "BR",
        "73": "LE",
        "74": "TA",
        "75": "MT",
        "76": "BT BA",
        "80": "NA",
        "81": "CE",
        "82": "BN",
        "83": "AV",
        "84": "SA",
        "85": "PZ",
        "86": "CB IS",
        "87": "CS",
        "88": "CZ KR VV",
        "89": "RC VV",
        "90": "PA",
        "91": "TP",
        "92": "AG",
        "93": "CL",
        "94": "EN",
        "95": "CT",
        "96": "SR",
        "97": "RG",
        "98": "ME",
    }
)

PROVINCES: Final = frozenset(each for some in _BY_CAP.values() for each in some.split())


def provinces_of(cap: str) -> tuple[str, ...]:
    """Where the CAP may lie; empty: no Italian CAP begins so."""
    return tuple(_BY_CAP.get(cap[:2], "").split())
