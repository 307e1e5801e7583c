"""What providers write back: each dialect has its reader, all give one common record."""
