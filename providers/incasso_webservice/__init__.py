"""Lots over web services: our interface for providers, and clients of theirs."""
