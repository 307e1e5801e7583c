"""Deliveries: their states, when they are tried again, how a client can be reached."""
