"""The order block: made, released, written into the ERP, published for order programs.

`block` and `release` work inside a caller's transaction; `after_sync` follows the ledger;
`write_back` changes the ERP; `feed` writes the file that order programs read.
"""
