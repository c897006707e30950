"""What no page may have, as its markup is: parsed by the browser, neither run nor laid out."""

import pathlib
from collections.abc import Iterator

import pytest

FAULTS = {
    "an address of another host": """page => {
      const loading = "script[src], img[src], iframe[src], source[src], use[href], image[href]";
      const links = ["stylesheet", "icon", "preload", "preconnect"].map(kind =>
        `link[rel~=${kind}]`);
      return [...page.querySelectorAll([loading, ...links])].map(part =>
        part.getAttribute("src") || part.getAttribute("href")
      ).filter(address => /^(https?:)?\\/\\//.test(address));
    }""",
    "a script that names another host": """page =>
      [...page.querySelectorAll("script")].map(script => script.textContent)
        .filter(text => text.includes("https://"))""",
    "an id twice": """page => {
      const ids = [...page.querySelectorAll("[id]")].map(part => part.id);
      return ids.filter((id, index) => ids.indexOf(id) < index);
    }""",
    "a figure without a part": """page => {
      const parts = ["figcaption p", ".rnn-figure__drawing", "table tbody tr",
        ".rnn-figure__menu > .rnn-figure__part p", ".rnn-figure__more .highlight code",
        'a[download$=".csv"]', 'a[download$=".py"]'];
      return [...page.querySelectorAll(".rnn-figure")].flatMap(figure =>
        parts.filter(part => !figure.querySelector(part)).map(part => `${figure.id}: ${part}`));
    }""",
    "a drawing without role, name or description": """page => {
      const count = parts => page.querySelectorAll(`.rnn-figure ${parts}`).length;
      const named = count('svg[role="img"] > title + desc');
      const drawings = count(".rnn-figure__sheet");
      return named === drawings ? [] : [`${named} of ${drawings} have them`];
    }""",
    # a page may show the syntax, in a code span of its own
    "a fence or an inline value left over": """page =>
      [...page.querySelectorAll("article p code, article p")].map(part => part.textContent)
        .filter(text => /^(figure|run|raises)( \\w+=|\\n)/.test(text) || /^#!value/.test(text))""",
    "a style attribute in its content": """page =>
      [...page.querySelectorAll("article [style]")].map(part => part.localName)""",
}
"""What to find, by what is told of it: each takes a page, parsed, and returns a list."""

DOWNLOADS = """page =>
  [...page.querySelectorAll("a[download]")].map(link => link.getAttribute("href"))"""

READ = """async ([paths, wanted]) => {
  const finds = Object.entries(wanted).map(([name, code]) => [name, eval(code)]);
  const found = Object.fromEntries(finds.map(([name]) => [name, []]));
  for (const path of paths) {
    const text = await (await fetch(`/${path}`)).text();
    const page = new DOMParser().parseFromString(text, "text/html");
    for (const [name, find] of finds) {
      const findings = find(page);
      if (findings.length) found[name].push([path, findings]);
    }
  }
  return found;
}"""
"""Read pages by the paths of their files; return what is found, as [path, findings], by name."""


@pytest.fixture(scope="module")
def found(frameless, built_site, site_url) -> Iterator[dict[str, list]]:
    """What is found on every page but those of the atlas, which has tests of its own."""
    paths = set(built_site.rglob("*.html")) - set(built_site.glob("atlas/*/*.html"))
    page = frameless.new_page()
    page.goto(f"{site_url}404.html")
    wanted = FAULTS | {"downloads": DOWNLOADS}
    read = [sorted(path.relative_to(built_site).as_posix() for path in paths), wanted]
    yield page.evaluate(READ, read)
    page.close()


@pytest.mark.parametrize("fault", FAULTS)
def test_no_page_has(found, fault):
    assert found[fault] == []


def test_every_download_is_there(found, built_site):
    offered = [
        (pathlib.Path(built_site, page).parent / address.partition("#")[0]).resolve()
        for page, addresses in found["downloads"]
        for address in addresses
        if not address.startswith("data:")
    ]

    assert len(offered) > 100
    assert [path for path in offered if not path.is_file()] == []
