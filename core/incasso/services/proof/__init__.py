"""Prove that nothing in the journal and the archive was changed."""
