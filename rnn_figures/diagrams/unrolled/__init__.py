"""A trace as a network unrolled over its steps."""
