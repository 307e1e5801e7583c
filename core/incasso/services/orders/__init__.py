"""The order block: made and released with its trace, written into the ERP, told to order programs.

`block` and `release` work inside a caller's transaction; `after_sync` follows the ledger;
`write_back` changes the ERP; `feed` writes the file that order programs read.
"""
