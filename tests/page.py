"""Build one page of the site in seconds: `python -m tests.page docs/anatomy/lstm.md`.

The other pages, the atlas and the notebook are left out. A link to one of them is no fault here; a
link to a page that does not exist, or to an anchor that this page has not, stops the build.
"""

import logging
import os
import pathlib

import click
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort

ROOT = pathlib.Path(__file__).parent.parent
DOCS = ROOT / "docs"
BUILT = ROOT / ".cache" / "page"
PORT = 8001
"""Beside `make serve`, which has 8000."""


def page_names() -> list[str]:
    """Return every page of docs/, such as "anatomy/lstm.md"."""
    return sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))


def address_of(name: str) -> str:
    """Return a page's address on the site: "anatomy/lstm/", or "" for the first page.

    Args:
        name: As people write it: docs/anatomy/lstm.md, anatomy/lstm.md or anatomy/lstm.

    Raises:
        ClickException: there is no such page; it says which there are.
    """
    pages = page_names()
    page = name.removeprefix("./").removeprefix("docs/").removesuffix("/").removesuffix(".md")
    if f"{page}.md" not in pages:
        raise click.ClickException(
            f"expected a page of docs/, got {name}; there are {', '.join(pages)}"
        )
    return "" if page == "index" else f"{page.removesuffix('/index')}/"


def build_page(name: str, folder: pathlib.Path = BUILT) -> str:
    """Build one page, with the site's own settings, and return its address in the folder.

    Args:
        name: The page, as `address_of` takes it.
        folder: Where the built page goes.

    Raises:
        ClickException: there is no such page, or it does not build; the build has said why.
    """
    logging.basicConfig(level=logging.WARNING, format="%(message)s")  # else it fails in silence
    address = address_of(name)
    source = f"{address.removesuffix('/') or 'index'}.md"
    os.environ["ATLAS"] = "0"
    os.chdir(ROOT)  # where the cache of figures is
    config = load_config(
        str(ROOT / "mkdocs.yml"),
        site_dir=str(folder),
        exclude_docs=f"*.md\n*.py\n*.ipynb\n!/{source}",
        nav=[{"Start": [source]}],
    )
    config.plugins.on_startup(command="build", dirty=False)
    try:
        build(config)
    except Abort as stopped:
        raise click.ClickException(str(stopped)) from None
    finally:
        config.plugins.on_shutdown()
    return address


@click.command()
@click.argument("page")
def main(page: str) -> None:
    """Build one PAGE, such as docs/anatomy/lstm.md, and say how to look at it."""
    logging.basicConfig(
        level=logging.WARNING, format="%(message)s"
    )  # else a build fails in silence
    address = build_page(page)
    folder = BUILT.relative_to(ROOT)
    click.echo(f"built {folder}/{address}index.html")
    click.echo(f"see it: python -m http.server --directory {folder} {PORT}")
    click.echo(f"  then open http://127.0.0.1:{PORT}/{address}")
    click.echo(f"or have its pictures: make look PAGE={page}")


if __name__ == "__main__":
    main()
