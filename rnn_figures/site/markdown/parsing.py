"""Read a page: its fences and inline values, where they stand and what they are to do."""

import re
from collections.abc import Iterator

from rnn_figures.site.markdown.errors import PageError
from rnn_figures.site.markdown.releases import with_other_words
from rnn_figures.site.running.records import TIME_LIMIT, Fence

OPTIONS = {
    "figure": {"caption", "id", "continues", "timeout"},
    "run": {"id", "continues", "timeout"},
    "raises": {"type", "id", "continues", "timeout"},
    "answer": {"timeout"},
}
"""What each fence takes."""

NEEDED = {"figure": "caption", "raises": "type"}
"""The option without which a fence says too little."""

OPENING = re.compile(
    r"(?P<indent>[ >]*)(?P<fence>`{3,}|~{3,})\s*(?P<language>[^\s`{]*)(?P<options>.*)$"
)
OPTION = re.compile(r"""\s+(?P<name>[\w-]+)(?:=(?P<value>"[^"]*"|'[^']*'|[^\s"']+))?(?=\s|$)""")
CODE_SPAN = re.compile(r"(?<!`)(?P<ticks>`+)(?!`)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)")
VALUE = re.compile(r"#!value\s+(?P<expression>.+)")

Line = list[str | Fence]
"""A line of a page in pieces: text and inline values, or one fence that stands for its lines."""


def parse(lines: list[str], page: str, first_line: int) -> list[Line]:
    """Return the lines of a page in pieces: text, inline values and fences; or raise a PageError.

    `first_line` is the line of its file that `lines` start with.
    """
    parsed: list[Line] = []
    ids: set[str] = set()
    fence_above = False
    numbered = iter(enumerate(lines, first_line))
    for number, line in numbered:
        opening = OPENING.match(line)
        ours = bool(opening) and opening["language"] in OPTIONS
        if not opening or (not ours and "`" in opening["options"]):  # three ticks of a code span
            told = with_other_words(line, page, number)
            parsed.append(line_parts(told, number, starts=not fence_above))
            continue
        inside: list[str] = []
        closed = False
        for _, text in numbered:
            closed = _closes(text, opening)
            inside.append(text)
            if closed:
                break
        if not ours:
            for text in (line, *inside):
                parsed.append([text])
            continue
        try:
            if not closed:
                raise ValueError("expected a line that ends the fence")
            fence = _fence(opening, inside[:-1], number, ids, fence_above=fence_above)
        except ValueError as error:
            raise PageError(page, number, opening["language"], str(error)) from None
        parsed.append([fence])
        fence_above = fence_above or not fence.leaves_no_mark
    return parsed


def fences_of(parsed: list[Line]) -> list[Fence]:
    """Return all that has to run on a page, in order: a fence comes before its caption's values."""
    return [fence for line in parsed for part in line for fence in _with_caption(part)]


def caption_parts(fence: Fence) -> Line:
    """Return the caption of a fence in text and inline values, which see what the fence did."""
    return line_parts(fence.caption, fence.opening_line, starts=False)


def line_parts(line: str, number: int, *, starts: bool) -> Line:
    """Return a line of text, cut at its inline values."""
    parts: Line = []
    end = 0
    for span in CODE_SPAN.finditer(line):
        value = VALUE.fullmatch(span["code"].strip())
        if value:
            code = value["expression"].strip()
            parts += [line[end : span.start()]]
            parts += [Fence(kind="value", code=code, line=number, starts=starts)]
            end = span.end()
    return [*parts, line[end:]]


def _with_caption(part: str | Fence) -> Iterator[Fence]:
    if isinstance(part, Fence):
        yield part
        yield from (value for value in caption_parts(part) if isinstance(value, Fence))


def _closes(line: str, opening: re.Match) -> bool:
    text = line.strip(" >")
    return len(text) >= len(opening["fence"]) and set(text) == {opening["fence"][0]}


def _fence(
    opening: re.Match, inside: list[str], line: int, ids: set[str], *, fence_above: bool
) -> Fence:
    """Return a fence of ours as its opening line and its code say; note its id.

    Raises:
        ValueError: the opening line says something else.
    """
    kind = opening["language"]
    options = _options(kind, opening["options"])
    if "continues" in options and not fence_above:
        raise ValueError("continues, but there is no fence above it on the page")
    indent = opening["indent"]
    code = [
        text[len(indent) :] if text.startswith(indent) else text.lstrip(" >") for text in inside
    ]
    return Fence(
        kind=kind,
        code="\n".join(code),
        line=line + 1,
        starts=not fence_above if kind == "answer" else "continues" not in options,
        timeout=float(options.get("timeout", TIME_LIMIT)),
        type=options.get("type", ""),
        id=_unique_id(kind, options, ids),
        caption=options.get("caption", ""),
        indent=indent,
    )


def _options(kind: str, text: str) -> dict[str, str]:
    """Read the options of a fence and refuse what its kind does not take."""
    text = text.rstrip()
    options = {}
    end = 0
    while end < len(text):
        option = OPTION.match(text, end)
        if not option:
            raise ValueError(f'expected name="value", got {text[end:].strip()}')
        value = option["value"] or ""
        options[option["name"]] = value[1:-1] if value[:1] in ("'", '"') else value
        end = option.end()
    unknown = [name for name in options if name not in OPTIONS[kind]]
    takes = ", ".join(sorted(OPTIONS[kind]))
    if unknown:
        raise ValueError(f"unknown option {unknown[0]!r}; it takes {takes}")
    needed = NEEDED.get(kind)
    if needed and not options.get(needed):
        raise ValueError(f"expected the option {needed}; it takes {takes}")
    if not re.fullmatch(r"\d+(\.\d+)?", options.get("timeout", "1")):
        raise ValueError(f"expected seconds, got timeout={options['timeout']}")
    return options


def _unique_id(kind: str, options: dict[str, str], ids: set[str]) -> str:
    """Return a fence's id, or one from its caption; refuse one that is there already."""
    name = options.get("id", "")
    if name in ids:
        raise ValueError(f"expected another id, since a fence above has the id {name!r}")
    if name and not re.fullmatch(r"[A-Za-z][\w-]*", name):
        raise ValueError(
            f"expected an id of letters, digits and hyphens, a letter first, got {name!r}"
        )
    if not name:
        words = re.findall(r"[a-z0-9]+", options.get("caption", "").lower())[:6]
        base = name = "-".join([kind, *words])
        count = 1
        while name in ids:
            count += 1
            name = f"{base}-{count}"
    ids.add(name)
    return name
