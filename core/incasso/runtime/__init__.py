"""Plugins at run time: discovery, settings, states, guarded calls, scaffold. Knows no database."""
