"""Deliveries: their states and retries, and how a client can be reached."""
