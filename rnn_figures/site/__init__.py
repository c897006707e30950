"""docs/ -> site: the MkDocs plugin and what it generates."""
