"""The door for outgoing HTTP."""
