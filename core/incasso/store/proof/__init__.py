"""Proof: the archive of exact bytes and the hash-chained journal."""
