"""The door to databases of the other side."""
