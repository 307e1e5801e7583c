"""Backup: a copy of database, archive and configuration, and the way back."""
