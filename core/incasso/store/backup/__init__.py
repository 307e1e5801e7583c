"""Every row of the hub out of one database, and into another of either kind."""
