"""The outbox in the database: deliveries, what a page of messages reads, texts."""
