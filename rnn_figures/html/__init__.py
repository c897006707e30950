"""A figure in its frame, as HTML: drawing, caption, words, numbers, code, downloads, proof."""
