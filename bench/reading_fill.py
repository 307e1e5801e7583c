"""Fill an office's tables by the million, with statements that both databases make rows of.

The rows are no real course of business: they have the shapes, the numbers and the spread that make
reading them as hard as an office's own after some years. A hundredth of the installments belongs
to ten clients, who so have hundreds each.
"""

from __future__ import annotations

import msgspec

from bench.reading_rows import PER_CLIENT, TODAY, Rows
from incasso.domain.recovery.iters import Iter, Stage
from incasso.store.engine import Store
from incasso.store.ledger import client_words, totals
from incasso.store.recovery import case_counts

_SURNAMES = (
    "Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti "
    "Mancini Costa Giordano Rizzo Lombardi Moretti Barbieri Fontana Santoro Mariani Rinaldi Caruso "
    "Ferrara Galli Martini Leone Longo Gentile Martinelli Vitale Lombardo Serra Coppola "
    "D''Angelo Marchetti Parisi Villa Ferri Cattaneo Fabbri Monti Palumbo Pellegrini Niccolò"
).split()
_TRADES = (
    "Costruzioni Impianti Arredamenti Trasporti Alimentari Ferramenta Elettronica Tessuti Legnami "
    "Carni Vini Macchine Stampi Edilizia Colori Ceramiche Serramenti Caffè Orologeria Ottica"
).split()
_FORMS = ("S.r.l.", "S.p.A.", "S.n.c.", "S.a.s.", "di Mario Verdi", "& Figli S.r.l.")


def fill(store: Store, installments: int) -> None:
    """Everything, and the statistics that a database of that age has."""
    with store.write() as connection:
        _Filling(connection, installments).run()
    with store.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")


def _iter(key: str) -> str:
    """What an iter with one stage is kept as."""
    return msgspec.json.encode(Iter(key=key, stages=(Stage(key="s1", days=1),))).decode()


class _Filling(Rows):
    """One office; `n` in the statements is the number of the row, from 1."""

    def run(self) -> None:
        """Each table in the order of its references."""
        if not self.lite:
            # The rows fit together; to have each reference checked costs more than all the rest.
            self.do("SET LOCAL session_replication_role = replica")
        self._names()
        self._ledger()
        self._recovery()
        self._sending()
        self._history()
        self._agreed()
        self._rest()
        totals.count_all(self.connection, TODAY)
        case_counts.count_all(self.connection)

    def _names(self) -> None:
        for table, words in (("f_sur", _SURNAMES), ("f_trade", _TRADES), ("f_form", _FORMS)):
            self.do(f"CREATE TEMPORARY TABLE {table} (k INTEGER PRIMARY KEY, w TEXT)")
            rows = ", ".join(f"({number}, '{word}')" for number, word in enumerate(words))
            self.do(f"INSERT INTO {table} VALUES {rows}")
        self.do("INSERT INTO sources (id, name) VALUES (1, 'acme'), (2, 'beta')")
        for number in range(1, 21):
            self.do(
                "INSERT INTO users (id, login, name, email, role, active, scope) VALUES "
                f"({number}, 'op{number}', 'Op {number}', '', 'operator', true, '{{}}')"
            )
        self.do("INSERT INTO iters (id, key) VALUES (1, 'bonifico'), (2, 'riba')")
        self.do(
            "INSERT INTO iter_versions (id, iter_id, version, status, priority, definition) "
            f"VALUES (1, 1, 1, 'published', 1, '{_iter('bonifico')}'), "
            f"(2, 2, 1, 'published', 2, '{_iter('riba')}')"
        )

    def _ledger(self) -> None:
        name = (
            "f_sur.w || CASE WHEN n % 3 = 0 THEN ' ' || g.w ELSE '' END || ' ' || f_trade.w "
            "|| ' ' || f_form.w"
        )
        self.insert(
            "clients",
            self.clients,
            {
                "id": "n",
                "source_id": "CASE WHEN n % 10 = 0 THEN 2 ELSE 1 END",
                "code": "'C' || (100000 + n)",
                "name": name,
                "vat": "'IT' || (10000000000 + n * 7)",
                "tax_code": "'' || (10000000000 + n * 7)",
                "email": "lower(replace(f_sur.w, '''', '')) || n || '@ditta' || (n % 977) || '.it'",
                "phone": "'+39 011 ' || (1000000 + n * 13)",
                "mobile": "CASE WHEN n % 2 = 0 THEN '340 ' || (2000000 + n * 17) ELSE '' END",
                "agent": "'A' || (n % 100)",
                "depot": "'D' || (n % 12)",
                "area": "'area ' || (n % 20)",
                "category": "'K' || (n % 8)",
                "city": "'Torino'",
                "operator_id": "1 + n % 20",
                "is_person": "false",
                "blocked": "n % 100 = 7",
                "excluded": "n % 200 = 9",
                "seasonal": "n % 40 = 3",
                "public_body": "false",
                "office_excluded": "false",
                "fingerprint": "''",
            },
            "JOIN f_sur ON f_sur.k = n * 31 % 46 JOIN f_sur AS g ON g.k = n * 17 % 45 "
            "JOIN f_trade ON f_trade.k = n * 7 % 20 JOIN f_form ON f_form.k = n * 3 % 6",
        )
        client_words.add_new(self.connection, 0)
        client = self.client("n", PER_CLIENT)
        self.insert(
            "installments",
            self.size,
            {
                "id": "n",
                "source_id": f"CASE WHEN {client} % 10 = 0 THEN 2 ELSE 1 END",
                "client_id": client,
                "key": f"'K' || {self.spread('n', self.size)} || '/' || n",
                "document_number": "CASE WHEN n % 5 = 0 THEN '' || n WHEN n % 2 = 0 "
                "THEN 'FT ' || (n / 2) || '/2026' ELSE 'FT 000' || (n / 2) || '/2026' END",
                "due_date": self.day(f"{self.spread('n', 730)} - 600"),
                "document_date": self.day(f"{self.spread('n', 730)} - 660"),
                "amount": f"1000 + {self.spread('n', 900_000)}",
                "residual": "CASE WHEN n % 10 > 6 THEN 0 WHEN n % 331 = 0 THEN -5000 "
                f"ELSE 1000 + {self.spread('n', 900_000)} END",
                "payment_method": "CASE n % 4 WHEN 0 THEN 'riba' ELSE 'transfer' END",
                "unpaid_on": f"CASE WHEN n % 97 = 0 THEN {self.day('-30')} END",
                "erp_hold": "CASE WHEN n % 211 = 0 THEN 'legal' ELSE '' END",
                "status": "CASE WHEN n % 10 < 7 THEN 'open' WHEN n % 100 = 99 THEN 'vanished' "
                "WHEN n % 100 = 98 THEN 'gone' ELSE 'paid' END",
                "closed_on": f"CASE WHEN n % 10 > 6 THEN {self.day('-(n % 300)')} END",
                "first_seen_on": self.day("-400"),
                "agent": "'A' || (n % 100)",
                "fingerprint": "''",
                "installment_number": "1",
            },
        )

    def _recovery(self) -> None:
        cases, steps = self.size // 2, self.size // 10
        client = self.client("(n * 2)", PER_CLIENT)
        self.insert(
            "steps",
            steps,
            {
                "id": "n",
                "client_id": "1 + n % " + str(self.clients),
                "source_id": f"CASE WHEN (1 + n % {self.clients}) % 10 = 0 THEN 2 ELSE 1 END",
                "iter_version_id": "1 + n % 2",
                "stage": "'s' || (n % 4)",
                "action": "CASE WHEN n % 9 = 0 THEN 'call' ELSE 'send' END",
                "medium": "CASE WHEN n % 9 = 0 THEN 'call' ELSE 'email' END",
                "mode": "CASE WHEN n % 9 = 0 THEN 'manual' ELSE 'auto' END",
                "status": f"CASE WHEN n > {steps * 97 // 100} THEN CASE n % 3 WHEN 0 THEN 'ready' "
                "WHEN 1 THEN 'proposed' ELSE 'working' END WHEN n % 301 = 0 THEN 'failed' "
                "ELSE 'counted' END",
                "due_on": self.day(f"n * 400 / {steps} - 399"),
                "total": "1000 + n",
                "operator_id": "1 + n % 20",
            },
        )
        self.insert(
            "cases",
            cases,
            {
                "id": "n",
                "installment_id": "n * 2",
                "client_id": client,
                "source_id": f"CASE WHEN {client} % 10 = 0 THEN 2 ELSE 1 END",
                "iter_version_id": "1 + n % 2",
                "state": "CASE WHEN (n * 2) % 10 > 6 THEN 'closed' WHEN n % 50 = 0 THEN 'parked' "
                "ELSE 'open' END",
                "container": "CASE WHEN n % 50 = 0 THEN 'legal' ELSE '' END",
                "next_due_on": f"CASE WHEN (n * 2) % 10 > 6 OR n % 50 = 0 THEN NULL ELSE "
                f"{self.day(self.spread('n', 60))} END",
                "next_stage": "'s2'",
                "stage": "'s' || (n % 4)",
                "blocked_by": "CASE WHEN n % 23 = 0 THEN 'held' ELSE '' END",
                "opened_on": self.day("-(n % 300)"),
                "operator_id": "1 + n % 20",
                "step_id": f"CASE WHEN n % 10 = 3 THEN 1 + n % {steps} END",
                "unpaid": "false",
            },
        )
        self.insert(
            "step_cases",
            cases,
            {
                "step_id": f"1 + n % {steps}",
                "case_id": "n",
                "stage": "'s'",
                "residual": "100",
                "cycle": "0",
            },
        )

    def _sending(self) -> None:
        count = self.size // 10
        self.insert(
            "deliveries",
            count * 9 // 10,
            {
                "id": "'D' || (10000000 + n)",
                "step_id": "n",
                "client_id": "1 + n % " + str(self.clients),
                "source_id": f"CASE WHEN (1 + n % {self.clients}) % 10 = 0 THEN 2 ELSE 1 END",
                "medium": "'email'",
                "channel": "'mail'",
                "to": "'c' || n || '@example.it'",
                "status": "CASE WHEN n % 401 = 0 THEN 'uncertain' WHEN n % 53 = 0 THEN 'bounced' "
                "ELSE 'accepted' END",
                "attempts": "1",
                "on_date": self.day(f"n * 400 / {count} - 399"),
            },
        )
        self.insert(
            "delivery_events",
            max(count // 20, 1500),
            {
                "id": "n",
                "delivery_id": f"'D' || (10000001 + n * 7 % {count * 9 // 10})",
                "update_id": "'u' || n",
                "at": self.instant("n"),
                "state": "'bounced'",
                "trust": "'proven'",
                "standing": "CASE WHEN n % 31 = 0 THEN 'waiting' ELSE 'believed' END",
            },
        )

    def _history(self) -> None:
        half, third = self.size // 2, self.size // 3
        for table, count, day, more in (
            ("documents", half, "date", {"number": "'FT ' || n || '/2026'", "total": "1000 + n"}),
            ("payments", third, "paid_on", {"document_number": "'FT ' || n || '/2026'",
                                            "amount": "1000 + n"}),
        ):  # fmt: skip
            client = f"(1 + {self.spread('n', self.clients)})"
            self.insert(
                table,
                count,
                {
                    "id": "n",
                    "client_id": client,
                    "source_id": f"CASE WHEN {client} % 10 = 0 THEN 2 ELSE 1 END",
                    "key": f"'P' || {self.spread('n', count)} || '/' || n",
                    day: self.day(f"n * 700 / {count} - 700"),
                    "fingerprint": "''",
                    **more,
                },
            )
        batches = max(self.size // 1000, 1)
        self.insert(
            "journal_batches",
            batches,
            {"id": "n", "at": self.instant("n"), "count": "500", "hash": "'h' || n"},
        )
        self.insert(
            "journal",
            half,
            {
                "id": "n",
                "batch_id": f"1 + (n - 1) * {batches} / {half}",
                "at": self.instant("n / 100"),
                "on_date": self.day(f"n * 400 / {half} - 399"),
                "actor": "'op' || (1 + n % 20)",
                "kind": "CASE WHEN n % 900 = 0 THEN 'agreement.made' ELSE 'delivery.sent' END",
                "source": f"CASE (1 + n % {self.clients}) % 10 WHEN 0 THEN 'beta' ELSE 'acme' END",
                "client": f"'C' || (100001 + n % {self.clients})",
                "subject": "'step ' || n",
                "facts": "'{}'",
            },
        )

    def _agreed(self) -> None:
        of_client = {
            "client_id": "1 + n % " + str(self.clients),
            "source_id": f"CASE WHEN (1 + n % {self.clients}) % 10 = 0 THEN 2 ELSE 1 END",
        }
        count = self.agreements
        self.insert(
            "agreements",
            count,
            {
                "id": "n",
                **of_client,
                "kind": "CASE n % 5 WHEN 0 THEN 'hold' WHEN 1 THEN 'dispute' WHEN 2 THEN "
                "'extension' ELSE 'promise' END",
                "installment_id": f"CASE WHEN n % 5 = 2 THEN 1 + n * 20 % {self.size} END",
                "status": "CASE WHEN n % 10 = 0 THEN 'active' WHEN n % 10 < 4 THEN 'broken' "
                "ELSE 'kept' END",
                "from_on": self.day(f"n * 400 / {count} - 400"),
                "until_on": self.day(f"n * 400 / {count} - 370"),
                "made_on": self.day(f"n * 400 / {count} - 400"),
                "amount": "1000 + n",
                "renewal": "0",
                "acceleration": "true",
            },
        )
        self.insert(
            "conversations",
            calls := max(self.size // 20, 3000),
            {
                "id": "n",
                "client_id": of_client["client_id"],
                "on_date": self.day(f"n * 400 / {calls} - 399"),
                "medium": "'call'",
                "effective": "n % 2 = 0",
                "who": "'op' || (1 + n % 20)",
                "call_back_on": f"CASE WHEN n % 10 = 0 THEN {self.day('n % 90 - 80')} END",
            },
        )
        self.insert(
            "quarantine",
            max(self.size // 200, 1),
            {"id": "n", "source_id": "1 + n % 2", "run_id": "1", "file": "'f.csv'", "row": "n",
             "resolved_run_id": "CASE WHEN n % 10 > 0 THEN 1 END"},
            before="INSERT INTO sync_runs (id, source_id, on_date, started_at, confirmed, counts, "
            f"totals) VALUES (1, 1, '{TODAY}', '{TODAY} 05:00:00', false, '{{}}', '{{}}')",
        )  # fmt: skip

    def _rest(self) -> None:
        """A few of everything else that lists show."""
        few = max(self.size // 100, 1500)
        theirs = {
            "client_id": "1 + n % " + str(self.clients),
            "source_id": f"CASE WHEN (1 + n % {self.clients}) % 10 = 0 THEN 2 ELSE 1 END",
        }
        self.insert(
            "order_blocks",
            few,
            {
                "id": "n", **theirs, "made_on": self.day("-(n % 300)"),
                "made_at": self.instant("n"),
                "status": f"CASE WHEN n % 3 = 0 AND n <= {self.clients} THEN 'active' ELSE "
                "'released' END",
            },
        )  # fmt: skip
        self.insert(
            "write_backs",
            few,
            {
                "id": "'W' || n", "block_id": "n", **theirs, "kind": "'block_orders'",
                "made_at": self.instant("n"), "on_date": self.day("-(n % 300)"),
                "status": "'done'", "by_hand": "false",
            },
        )  # fmt: skip
        self.insert(
            "agreement_installments",
            few,
            {
                "agreement_id": f"1 + n % {self.agreements}",
                "installment_id": "n",
                "residual_then": "100",
            },
        )
        self.insert(
            "bad_addresses",
            few,
            {
                "id": "n", **theirs, "medium": "'email'", "address": "'a' || n",
                "since": self.instant("n"),
            },
        )  # fmt: skip
        self.insert(
            "client_corrections",
            few,
            {
                "id": "n", "client_id": theirs["client_id"], "field": "'f' || n",
                "made_on": self.day("-(n % 300)"),
            },
        )  # fmt: skip
        self.insert(
            "attachments",
            few,
            {
                "id": "n", **theirs, "sha256": "'x' || n", "size": "1",
                "on_date": self.day("-(n % 300)"), "at": self.instant("n"),
            },
        )  # fmt: skip
        self.insert(
            "document_index",
            few,
            {"id": "n", "source_id": "1 + n % 2", "path": "'p' || n", "place": "1"},
        )
        self.insert(
            "refused_news",
            few,
            {
                "id": "n", "at": self.instant("n"), "on_date": self.day("-(n % 300)"),
                "digest": "'d' || n",
            },
        )  # fmt: skip
