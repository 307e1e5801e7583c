"""Incasso: a plugin-based hub for credit management."""

__version__ = "0.1.0"
