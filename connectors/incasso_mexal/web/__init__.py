"""Mexal through its WebAPI, kind `mexal`."""
