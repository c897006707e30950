"""The Markdown extensions: fences, mathematics, prose."""
