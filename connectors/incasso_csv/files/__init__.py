"""Text files and workbooks as rows of cells."""
