"""How a file is laid out: headings, prints, summaries, saved mappings."""
