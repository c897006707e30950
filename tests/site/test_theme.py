"""The theme, and its style sheet, as the site has them."""

import pathlib
import re

from jinja2 import FileSystemLoader
from mkdocs.config import load_config
from mkdocs.structure.files import Files

from rnn_figures.site.theme import OF_PAGES, RESET, SHEETS, QuickTheme, spare_drawings

ROOT = pathlib.Path(__file__).parents[2]


def test_what_is_listed_of_the_theme_is_what_may_be_copied():
    theme = load_config(str(ROOT / "mkdocs.yml")).theme
    everything = FileSystemLoader(theme.dirs).list_templates()

    listed = QuickTheme(theme).get_env().list_templates()

    assert listed == [name for name in everything if not re.search(r"(^|/)\.", name)]
    assert QuickTheme(theme).get_env().get_template(".icons/material/pencil.svg").render()


def test_the_reset_passes_over_drawings_and_all_else_of_the_sheet_stays():
    config = load_config(str(ROOT / "mkdocs.yml"))
    files = Files([])
    files.add_files_from_theme(config.theme.get_env(), config)
    (sheet,) = (file for file in files if pathlib.PurePosixPath(file.src_uri).match(SHEETS))
    before = sheet.content_string

    spare_drawings(files)

    assert RESET not in sheet.content_string
    charset, _, rest = sheet.content_string.partition("@namespace html")
    assert before == charset + rest.partition(";")[2].replace(OF_PAGES, RESET)
