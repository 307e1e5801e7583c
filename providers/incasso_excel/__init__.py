"""Lots as Excel workbooks: our own layout, and the provider's own sheet filled by a mapping."""
