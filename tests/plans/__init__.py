"""How the databases carry out the queries of hot paths."""
