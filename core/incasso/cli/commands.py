"""The commands of `incasso` by name: which module brings each, and what it does in a sentence.

A module is imported when one of its commands is asked for, so that a small command starts at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final, NamedTuple

from typer import Typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command_name, get_group_from_info
from typer.models import CommandInfo, TyperInfo

from incasso.cli.numbers import keep_numbers_small
from incasso.contract.text import Text, text


class Command(NamedTuple):
    """Where a command is written, and its line in the list of all commands."""

    module: str
    summary: Text


COMMANDS: Final[Mapping[str, Command]] = {
    "init": Command("office", text("Create or update the database, with a first administrator.")),
    "check": Command(
        "office", text("Check every plugin instance: settings, connection, what it declares.")
    ),
    "verify": Command("office", text("Prove that journal and archive are as they were written.")),
    "recount": Command(
        "office",
        text("Add up again the sums kept of each client, where `verify` says that they are wrong."),
    ),
    "backup": Command(
        "backup",
        text("Copy database, archive and configuration while the hub runs; or check such a copy."),
    ),
    "restore": Command(
        "backup", text("Put a backup back; nothing leaves afterwards until `incasso recover`.")
    ),
    "upgrade": Command("backup", text("Bring the database to this release, with a backup first.")),
    "report": Command(
        "reports", text("What is owed, what messages cost, what agencies brought in, summed up.")
    ),
    "discover": Command("integration", text("Find the tables of an undocumented ERP database.")),
    "acceptance": Command(
        "integration", text("Compare real items with what the accountant expects of them.")
    ),
    "sync": Command("ledger", text("Read the ledger: all sources, or one.")),
    "plan": Command("recovery", text("Write the steps of the day.")),
    "dispatch": Command(
        "recovery", text("Let ready messages leave; with --on only say which would.")
    ),
    "collect": Command("recovery", text("Hear what became of messages that left.")),
    "run": Command("recovery", text("Do one whole cycle: sync, collect, plan, dispatch.")),
    "recover": Command(
        "recovering",
        text("After a copy of the database was put back: account for what left, send nothing."),
    ),
    "worker": Command("jobs", text("Run the daily schedule until stopped.")),
    "post": Command(
        "post", text("Letters that people post: the day's list, labels, and their numbers back.")
    ),
    "jobs": Command("jobs", text("What is done in the background, and what came of it.")),
    "dossier": Command(
        "dossier",
        text(
            "Make the file of a client for a lawyer: one ZIP with statement, proofs, drafts and "
            "seal."
        ),
    ),
    "explain": Command("decisions", text("Say why something happens, and why not.")),
    "simulate": Command(
        "decisions", text("Say what would leave, when, to whom, at what cost; nothing changes.")
    ),
    "lots": Command("lots", text("Lots: compose, freeze, approve, hand over, recall, close.")),
    "iters": Command("iters", text("The procedures: import, export, list.")),
    "providers": Command(
        "providers",
        text("Agencies and lawyers with their price lists: import, export, list, show."),
    ),
    "clients": Command("lists", text("List clients: master data, operator, responsible.")),
    "installments": Command(
        "lists", text("List installments, with the days they are late on the business date.")
    ),
    "cases": Command(
        "lists", text("List cases: where each installment stands and what it waits for.")
    ),
    "steps": Command("lists", text("List steps: what is proposed, ready, under way and done.")),
    "agreements": Command(
        "lists",
        text("List what is agreed with clients: holds, promises, plans, disputes, extensions."),
    ),
    "promises": Command(
        "lists", text("List promises and plans: in force, due on the business date, and broken.")
    ),
    "deliveries": Command(
        "lists", text("List deliveries: every message, how it left and what became of it.")
    ),
    "inbox": Command(
        "lists",
        text(
            "List what people wrote to us: answers to messages, out of office, who has to answer."
        ),
    ),
    "search": Command("search", text("Find clients and installments, the best first.")),
    "history": Command(
        "history", text("Tell everything that happened to a client, in the order it happened.")
    ),
    "show": Command("show", text("Exactly what would leave, what left, and what came in.")),
    "quarantine": Command(
        "lists", text("List rows that could not be taken in: where, what is wrong, and the cure.")
    ),
    "refused-news": Command(
        "lists",
        text("List news about messages that could not be taken: what is wrong, and the cure."),
    ),
    "journal": Command("lists", text("List, or export, everything that happened, in order.")),
    "documents": Command("lists", text("List the clients' documents, as the ERP has them.")),
    "payments": Command(
        "lists", text("List payments and what else made open items smaller, as the ERP has them.")
    ),
    "balances": Command(
        "lists",
        text("List clients whose balance in the ERP is not the sum of their open items here."),
    ),
    "contacts": Command(
        "lists", text("List contacts: calls, visits, mails and notes, with what came of them.")
    ),
    "callbacks": Command("lists", text("List who is to be called back, and when.")),
    "outcomes": Command("contacts", text("List what may come of a contact.")),
    "client-problems": Command(
        "contacts", text("List what cannot be right of clients' addresses, numbers and tax codes.")
    ),
    "bad-addresses": Command(
        "lists", text("List addresses that proved wrong and are not used again.")
    ),
    "delivery-news": Command(
        "lists",
        text(
            "List what came back about messages: bounces, warnings, receipts, and how far each is "
            "believed."
        ),
    ),
    "corrections": Command(
        "lists", text("List addresses that a person corrected, until the ERP's own change.")
    ),
    "addresses": Command(
        "lists",
        text(
            "List clients' addresses by what became of messages: delivered, came back, wrong, "
            "refused."
        ),
    ),
    "client-contacts": Command(
        "lists",
        text("List the contacts of clients that are kept here by role, beside what the ERP says."),
    ),
    "consents": Command(
        "lists",
        text("List by what clients do not want to be contacted, and to what they agreed."),
    ),
    "exposure": Command(
        "lists", text("Sum up by client: open, past due, came back, at the bank, credits.")
    ),
    "containers": Command(
        "lists", text("Sum up by container: cases, clients and money; `running` is in none.")
    ),
    "punctuality": Command(
        "lists", text("Say how many days late each client pays, by amount, and how that changes.")
    ),
    "attachments": Command("lists", text("List files that people put beside their acts.")),
    "attachment": Command("contacts", text("Take a file out again that was put beside an act.")),
    "document": Command(
        "invoices",
        text("Show the document of a credit: its file, what it says, where the ledger differs."),
    ),
    "invoices": Command(
        "invoices", text("Look into the folders of invoices and list what lies there.")
    ),
    "exchange": Command(
        "exchange",
        text("What is exchanged with agencies and lawyers: files in, and what becomes of rows."),
    ),
    "blocks": Command(
        "orders", text("Who may not order, and what is written of it into the ERPs.")
    ),
    "users": Command("people", text("The people of the office.")),
    "assignment": Command("people", text("The rules that give clients to operators.")),
    "serve": Command("serving", text("Answer programs over HTTP until stopped.")),
    "tokens": Command("serving", text("Programs that may ask over HTTP.")),
    "act": Command("act", text("What a person does: hold, promise, skip, done and the rest.")),
    "templates": Command("templates", text("The texts of messages.")),
    "plugins": Command("plugins", text("For integrators and partners.")),
    "demo": Command("demo", text("Make a ready office and live through some weeks of it.")),
}
"""In the order of `--help`; the sentence is the first of the command's own help."""


class AllCommands(TyperGroup):
    """The group of all commands; imports only the one that is called."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.translate: Callable[[Any], None] | None = None
        """Puts a command into the reader's language; set where its help is asked for."""
        # Names and sentences are enough for `--help` and for what was mistyped.
        self.commands = {
            name: TyperCommand(name, help=str(command.summary))
            for name, command in COMMANDS.items()
        }

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command itself, out of its module."""
        if cmd_name not in COMMANDS:
            return None
        app = import_module(f"incasso.cli.{COMMANDS[cmd_name].module}").app
        group = get_group_from_info(
            TyperInfo(_only(app, cmd_name)),
            pretty_exceptions_short=False,
            suggest_commands=True,
            rich_markup_mode=None,
        )
        command = group.commands.get(cmd_name, group)
        keep_numbers_small(command)
        if self.translate is not None:
            self.translate(command)
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List the commands by their sentences alone."""
        listed = TyperGroup(name="incasso", commands=dict(self.commands), rich_markup_mode=None)
        listed.format_commands(ctx, formatter)


def _only(app: Typer, name: str) -> Typer:
    """An application with that command alone, if it has it: Typer would build all twenty lists."""
    alone = Typer()
    alone.registered_commands = [each for each in app.registered_commands if _name(each) == name]
    alone.registered_groups = [each for each in app.registered_groups if each.name == name]
    return alone if alone.registered_commands or alone.registered_groups else app


def _name(command: CommandInfo) -> str:
    """As Typer names it: a function's own name where none was given."""
    return command.name or get_command_name(getattr(command.callback, "__name__", ""))
