"""A figure in its frame: drawing, caption, words, numbers, code, downloads, check."""
