"""Iters, cases, steps and agreements in the database; what decisions read and planning writes."""
