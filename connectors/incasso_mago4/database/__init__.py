"""Mago4 from its company database, kind `mago4`."""
