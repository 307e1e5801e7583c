"""`incasso act`: everything that a person does, derived from the acts, and those written by hand."""

from __future__ import annotations

import typer

from incasso.cli import acts, special_acts

acts.add_commands(special_acts.BY_HAND.get)
app = typer.Typer()
app.add_typer(acts.app, name="act")
