"""Lots and placements: rules, composing, handing over, taking back."""
