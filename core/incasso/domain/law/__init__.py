"""Figures of the law, dated: rates of interest for late payment and what they come to."""
