"""Mago4: the database connector against companies built from the documented schema."""
