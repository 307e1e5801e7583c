"""Mexal through its SQL replica (MexalDB), kind `mexal_sql`."""
