"""The theme of mkdocs.yml, but for a search of its folders that finds nothing.

At each build MkDocs lists all of a theme's templates, to copy those that are plain files. Material
has 10,000 icons among them: a quarter of a served build. MkDocs copies nothing from a folder whose
name begins with a dot, as theirs does.
"""

import os
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from mkdocs.theme import Theme


class OpenFolders(FileSystemLoader):
    """Loads every template, and lists those in folders whose names begin with no dot."""

    def list_templates(self) -> list[str]:
        """Return the names of templates, in order."""
        found: set[str] = set()
        for searched in map(Path, self.searchpath):
            for folder, inside, names in os.walk(searched):
                inside[:] = [name for name in inside if not name.startswith(".")]
                found |= {Path(folder, name).relative_to(searched).as_posix() for name in names}
        return sorted(found)


class QuickTheme(Theme):
    """A theme as it is, whose environment lists what may be copied.

    Args:
        theme: The theme that the settings name.
    """

    def __init__(self, theme: Theme) -> None:
        vars(self).update(vars(theme))

    def get_env(self) -> Environment:
        """Return the environment of the theme, with a loader that passes over hidden folders."""
        env = super().get_env()
        env.loader = OpenFolders(self.dirs)
        return env
