"""The order block: when it ends, and what is written back into the ERP."""
