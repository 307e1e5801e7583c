"""Which rows of an ERP are plausible, how far a feed is trusted, the status of installments."""
