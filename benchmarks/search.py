"""How well the search finds what it is asked: the share of questions whose section comes first.

Two sets are asked. The golden one is that of the browser tests, which all pass; it says how close
they are. The other is the site's own index of questions, each of which leads to one section, and is
asked with its words taken out of the search index: as a stranger asks who uses other words. Take a
change of the search only where this set gains and the golden one does not lose. A miss can be a
section that answers as well; no set is ever found whole.
"""

import html
import json
import pathlib
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import click
from playwright.sync_api import Page, sync_playwright

from tests.browser import searches
from tests.browser.chromium import LAUNCH, MISSING, find
from tests.browser.serving import served

INDEX = pathlib.Path("search", "search_index.json")

FOLDS = 5
"""The index of questions is taken out in so many parts, one after the other."""

SHOWN = 10
"""Sections of an answer that are looked at."""

ASK = """async ([address, index, queries]) => {
  const worker = new Worker(address);
  const answer = (type, data) => new Promise((resolve) => {
    worker.onmessage = (message) => resolve(message.data.data);
    worker.postMessage({ type, data });
  });
  await answer(0, { ...index, options: {} });
  const found = [];
  for (const query of queries) {
    const { items } = await answer(2, query);
    found.push(items.map((group) => group.map(({ location, score }) => ({ location, score }))));
  }
  worker.terminate();
  return found;
}"""
"""Give the worker an index, then ask it one query after the other."""


class Wanted(NamedTuple):
    """A query, and the page or section that it is to find."""

    query: str
    place: str


class Rate(NamedTuple):
    """How many of the queries find their place first, on three pages, and how high at all."""

    queries: int
    first: float
    among_three: float  # the best section of each page
    open: float  # that, or the second one of a page that is not folded away
    reciprocal: float  # mean of 1 / rank, and 0 below the tenth section


@click.command()
@click.option("--site", default="site", help="The folder of a built site.")
@click.option("--misses", is_flag=True, help="Also list what is not found among three.")
def search_command(site: str, misses: bool) -> None:
    """Measure how well the search of a built site finds what it is asked."""
    folder = pathlib.Path(site)
    if not (folder / INDEX).exists():
        raise click.ClickException(f"expected a built site in {site}, found none; make build first")
    index = json.loads((folder / INDEX).read_text("utf-8"))
    click.echo("Queries whose place is found first, best or open on three pages; mean of 1 / rank")
    with sync_playwright() as playwright, served(folder) as address:
        page = playwright.chromium.launch(executable_path=_chromium(), args=LAUNCH).new_page()
        page.goto(address)
        for name, queries, found in [
            ("golden", golden(), ask(page, index, [one.query for one in golden()])),
            ("unseen", *_unseen(page, index)),
        ]:
            rate = rated(queries, found)
            click.echo(
                f"{name:8}{rate.queries:5}  first {rate.first:.1%}"
                f"  three {rate.among_three:.1%}  open {rate.open:.1%}"
                f"  1/rank {rate.reciprocal:.3f}"
            )
            for (query, place), groups in zip(queries, found, strict=True):
                if misses and not any(_is(best, place) for best in bests(groups)):
                    click.echo(f"  {query[:70]} | {place} | {' ; '.join(bests(groups))}")


def golden() -> list[Wanted]:
    """Return the queries of the browser tests and their places; of errors, those kept as texts."""
    cards = searches.MESSAGES | dict(searches.older_messages())
    messages = {message: f"{searches.CARDS}#{card}" for message, card in cards.items()}
    pages = searches.NAMES | searches.QUESTIONS | searches.AMONG_THREE
    return [
        Wanted(*one) for one in (messages | pages | searches.PLACES | searches.MISSPELT).items()
    ]


def asked(index: Mapping[str, Any]) -> list[Wanted]:
    """Return the site's own index of questions, as the search index has them."""
    return [
        Wanted(_text(question), section["location"])
        for section in index["docs"]
        for question in section.get("asked", ())
    ]


def without(index: Mapping[str, Any], queries: Iterable[Wanted]) -> dict[str, Any]:
    """Return an index without these questions."""
    gone = set(queries)
    docs = []
    for section in index["docs"]:
        kept = [
            question
            for question in section.get("asked", ())
            if Wanted(_text(question), section["location"]) not in gone
        ]
        docs.append(section | {"asked": kept})
    return {**index, "docs": docs}


def ask(page: Page, index: Mapping[str, Any], queries: Sequence[str]) -> list[list[list[dict]]]:
    """Return what the search answers to each query, as groups of sections, the best first."""
    address = page.evaluate("JSON.parse(document.querySelector('#__config').textContent).search")
    return page.evaluate(ASK, [address, index, list(queries)])


def bests(groups: Sequence[Sequence[Mapping[str, Any]]]) -> list[str]:
    """Return the best section of each of the first three pages."""
    return [group[0]["location"] for group in groups[:3]]


def rated(queries: Sequence[Wanted], found: Sequence[Sequence[Sequence[Mapping]]]) -> Rate:
    """Return how well answers fit their queries.

    Examples:
        >>> near = [[{"location": "a/#b", "score": 2.0}], [{"location": "c/", "score": 1.0}]]
        >>> rated([Wanted("c?", "c/"), Wanted("b?", "a/#b")], [near, near])
        Rate(queries=2, first=0.5, among_three=1.0, open=1.0, reciprocal=0.75)
    """
    first = three = opened = reciprocal = 0.0
    for (_, place), groups in zip(queries, found, strict=True):
        best = [_is(one, place) for one in bests(groups)]
        sections = sorted((one for group in groups for one in group), key=lambda one: -one["score"])
        fits = [_is(section["location"], place) for section in sections[:SHOWN]]
        first += best[:1] == [True]
        three += any(best)
        opened += any(
            _is(one["location"], place)
            for group in groups[:3]
            for one in group
            if one["score"] >= group[0]["score"]
        )
        reciprocal += 1 / (fits.index(True) + 1) if True in fits else 0
    count = max(1, len(queries))
    return Rate(len(queries), first / count, three / count, opened / count, reciprocal / count)


def _unseen(page: Page, index: Mapping[str, Any]) -> tuple[list[Wanted], list]:
    queries = asked(index)
    parts = [queries[number::FOLDS] for number in range(FOLDS)]
    found = [ask(page, without(index, part), [one.query for one in part]) for part in parts]
    return list(chain(*parts)), list(chain(*found))


def _is(location: str, place: str) -> bool:
    """Return whether a section is the one that is wanted, or is on the page that is wanted."""
    return location == place or ("#" not in place and location.partition("#")[0] == place)


def _text(question: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", question))


def _chromium() -> str:
    if not (path := find()):
        raise click.ClickException(MISSING)
    return path
