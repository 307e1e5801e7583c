"""`incasso act`: what a person does; most of it is derived from the acts."""

from __future__ import annotations

import typer

from incasso.cli import acts, special_acts

acts.add_commands(special_acts.BY_HAND.get)
app = typer.Typer()
app.add_typer(acts.app, name="act")
