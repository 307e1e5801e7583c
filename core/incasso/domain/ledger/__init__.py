"""Which rows of an ERP are believable, how far a feed is trusted, how an installment stands."""
