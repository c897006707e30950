"""A loop of calls, step by step."""
