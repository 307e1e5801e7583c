"""An agency to try a hub with: it takes lots out of a folder, works, pays, errs, and reports.

    agency = Agency(folder, form=Form.EXCEL, seed=7)
    agency.day(date(2026, 6, 2))

It knows the hub's files only by their published form, never the hub's code: Excel by openpyxl, XML
by the standard library. `accounts` says what it did with every credit, so that a test can count for
itself. As a command, for an agency that wants to see a whole exchange:

    python -m incasso.testing.agency FOLDER --form excel --on 2026-06-02
"""

from incasso.testing.agency.desk import Agency, Form
from incasso.testing.agency.work import Account, Done, Habits

__all__ = ["Account", "Agency", "Done", "Form", "Habits"]
