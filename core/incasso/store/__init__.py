"""All SQL of the hub: tables, migrations, bulk load, queries, outbox, archive, journal."""
