"""One cell from the inside."""
