"""Settings: how they are declared, and how a TOML table becomes what was declared.

One engine reads every file of an office: plugins.toml, iters, assignment rules, mappings. It
reports every mistake at once, each with its key, what is wrong and the cure.
"""

from incasso.contract.settings.declaring import Between, Filled, Form, Key, OneOf, setting
from incasso.contract.settings.fields import Field, declared
from incasso.contract.settings.reading import Reader
from incasso.contract.settings.spelling import nearest
from incasso.contract.settings.toml import read_toml, toml_tables
from incasso.contract.settings.wrong import UnfitError, Wrong, problem_line, wrong_key

__all__ = [
    "Between",
    "Field",
    "Filled",
    "Form",
    "Key",
    "OneOf",
    "Reader",
    "UnfitError",
    "Wrong",
    "declared",
    "nearest",
    "problem_line",
    "read_toml",
    "setting",
    "toml_tables",
    "wrong_key",
]
