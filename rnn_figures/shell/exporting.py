"""The figures of the site as files: export, diff."""

import math
import pathlib

import click

from rnn_figures.shell.errors import WrongUse, as_one_sentence, writing
from rnn_figures.shell.parameters import FOLDER, TO_WRITE
from rnn_figures.site.export import changes, export as export_pages, source_pages
from rnn_figures.site.markdown.errors import PageError

KINDS = {
    "numbers": "changed in numbers",
    "looks": "changed in looks only",
    "words": "changed in words or code only",
    "new": "new",
    "gone": "gone",
}
"""Headings of a diff, in its order."""


@click.command()
@click.argument("folder", type=TO_WRITE)
@click.option(
    "--docs", default="docs", show_default=True, type=FOLDER, help="Folder of the site's pages."
)
@click.option(
    "--jobs",
    default=2,
    show_default=True,
    type=click.IntRange(1),
    help="Processes that draw at once.",
)
@click.option("--atlas/--no-atlas", default=True, help="With or without the atlas.")
def export(folder: pathlib.Path, docs: pathlib.Path, jobs: int, atlas: bool) -> None:
    """Write every figure of the site to FOLDER, as SVG, PNG, CSV, JSON, words and code.

    An export that was cut off goes on where it was. The same pages, package and versions give the
    same bytes.

    \b
    rnn-figures export figures --no-atlas
    """
    with as_one_sentence(ValueError):
        pages = list(source_pages(docs, with_atlas=atlas))
    if not pages:
        raise WrongUse(f"expected Markdown pages in {docs}, found none; say --docs FOLDER")
    with (
        click.progressbar(length=len(pages), label="pages", show_pos=True) as bar,
        writing(folder, what="folder"),
    ):
        try:
            count = export_pages(pages, folder, jobs=jobs, done=lambda _: bar.update(1))
        except PageError as error:
            raise click.ClickException(str(error)) from None
    click.echo(f"figures: {count}, pages: {len(pages)}, in {folder}")


@click.command()
@click.argument("old", type=FOLDER)
@click.argument("new", type=FOLDER)
def diff(old: pathlib.Path, new: pathlib.Path) -> None:
    """Say which figures changed between two exports: in numbers, in looks, new or gone.

    Ends with 1 if anything changed, as diff does.

    \b
    rnn-figures diff figures-2.12 figures-2.13
    """
    with as_one_sentence(FileNotFoundError, ValueError):
        found = changes(old, new)
    for kind, heading in KINDS.items():
        of_kind = [change for change in found if change.kind == kind]
        if of_kind:
            click.echo(f"{len(of_kind)} {heading}:")
        for change in of_kind:
            click.echo(f"  {change.figure}{_size(change.size)}")
    click.echo(f"figures changed: {len(found)}" if found else "no figure changed")
    raise SystemExit(1 if found else 0)


def _size(size: float) -> str:
    if not size:
        return ""
    return " (its rows or texts)" if math.isinf(size) else f" (by up to {size:.1e})"
