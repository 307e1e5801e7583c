"""Plugins at run time: discovery, settings, states, guarded calls, scaffold. Knows no database."""

import logging

# Without a handler of our own Python prints plugins' tracebacks to a user who set up no logging.
logging.getLogger("incasso").addHandler(logging.NullHandler())
