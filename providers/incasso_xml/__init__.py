"""Lots as XML files with a published schema, both ways as streams."""
