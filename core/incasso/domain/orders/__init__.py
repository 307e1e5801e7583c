"""The order block: when a client may order again, and what is written back into the ERP."""
