"""The theme of mkdocs.yml, but for a search that finds nothing and a rule that does nothing.

At each build MkDocs lists all of a theme's templates, to copy those that are plain files. Material
has 10,000 icons among them: a quarter of a served build. MkDocs copies nothing from a folder whose
name begins with a dot, as theirs does.

Material's reset sizes every element, and what stands before and after it. Of the parts of a drawing
nothing does, but a browser works out three styles for each of them, whenever one is lit.
"""

import os
from pathlib import Path, PurePosixPath

from jinja2 import Environment, FileSystemLoader
from mkdocs.structure.files import Files
from mkdocs.theme import Theme

SHEETS = "assets/stylesheets/main.*.css"
"""Material's style sheet; its name has the digest of what is in it."""

RESET = "*,:after,:before{box-sizing:inherit}"

OF_PAGES = "html|*,html|*:after,html|*:before{box-sizing:inherit}"
"""The same for the elements of a page: not for those of a drawing, for which it sets nothing."""

CHARSET = '@charset "UTF-8";'

NAMESPACE = f'{CHARSET}@namespace html "http://www.w3.org/1999/xhtml";'


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


def spare_drawings(files: Files) -> None:
    """Have the reset of the theme's style sheet pass over drawings, where it has it as known."""
    for file in files.css_files():
        if PurePosixPath(file.src_uri).match(SHEETS):
            sheet = file.content_string
            if RESET in sheet and sheet.startswith(CHARSET):
                file.content_string = sheet.replace(RESET, OF_PAGES).replace(CHARSET, NAMESPACE, 1)
