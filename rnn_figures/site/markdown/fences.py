"""The Markdown extension that runs a page's code: figure, run and raises fences, inline values.

A preprocessor, since one that fails stops the build and knows its line. It finds the fences and
puts in what the worker process made of them; it imports no torch.
"""

import pathlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from markdown import Extension, Markdown
from markdown.preprocessors import Preprocessor

from rnn_figures.site.markdown.errors import PageError
from rnn_figures.site.running.runner import SLOTS, Fence, Runner

CACHE = pathlib.Path(".cache", "rnn_figures")

OPTIONS = {
    "figure": {"caption", "id", "continues", "timeout"},
    "run": {"id", "continues", "timeout"},
    "raises": {"type", "id", "continues", "timeout"},
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

BEFORE_FENCED_CODE = 28
"""After white space is normal (30), before superfences (25) and raw HTML (20) look at a page."""


@dataclass(eq=False, kw_only=True)
class Block:
    """A fence on a page, and where its result goes.

    Attributes:
        fence: What the runner is to run.
        indent: White space (and `>`) before it.
        id: Anchor, and name of its downloads.
        caption: Markdown, for a figure.
        values: The inline values in its caption, in order.
    """

    fence: Fence
    indent: str
    id: str
    caption: str = ""
    values: list[Fence] = field(default_factory=list)


class FencesExtension(Extension):
    """Runs the code of a page. Without options it works alone; the MkDocs plugin sets them."""

    def __init__(self, **settings) -> None:
        self.config = {
            "page": ["page", "Path of the page, for messages."],
            "first_line": [1, "Line of the page's file on which the text starts."],
            "runner": ["", "The Runner of the whole build; without it, each page has its own."],
            "files": ["", 'Address of the page\'s downloads, as its links have it; "" for none.'],
            "folder": ["", "The same place, from the root of the site."],
            "downloads": ["", "Dictionary that gets each download: path in the site -> content."],
            "plain": ["", "Dictionary that gets the page in plain Markdown: page -> text."],
            "reads": ["", "Dictionary that gets what the page's code read: page -> its files."],
        }
        super().__init__(**settings)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (Markdown's name)
        """Register the preprocessor, and the element that pages put questions in."""
        md.block_level_elements.append("rnn-predict")  # else its Markdown would be one line's
        md.preprocessors.register(FencesPreprocessor(md, self), "rnn-fences", BEFORE_FENCED_CODE)


def makeExtension(**settings) -> FencesExtension:  # noqa: N802 (Markdown's name)
    """Return the extension, for a generator that names this module."""
    return FencesExtension(**settings)


class FencesPreprocessor(Preprocessor):
    """Replaces fences and inline values by what they gave."""

    def __init__(self, md: Markdown, extension: FencesExtension) -> None:
        super().__init__(md)
        self.extension = extension

    def run(self, lines: list[str]) -> list[str]:
        """Return the page's lines with results in the place of code.

        Raises:
            PageError: a fence is written wrongly, or fails.
        """
        settings = self.extension.getConfigs()
        parts = list(scan(lines, settings["page"], settings["first_line"]))
        fences = [fence for part in parts for fence in _fences(part)]
        runner = settings["runner"] or Runner(CACHE)
        try:
            found = runner.results(settings["page"], fences) if fences else []
        finally:
            if not settings["runner"]:
                runner.close()
        if settings["plain"] != "":
            settings["plain"][settings["page"]] = plain(parts, found)
        if settings["reads"] != "":
            read = {path: digest for result in found for path, digest in result["reads"].items()}
            settings["reads"][settings["page"]] = read
        results = iter(found)
        new: list[str] = []
        for part in parts:
            if isinstance(part, Block):
                new += self._block(part, next(results), results, settings)
            elif isinstance(part, str):
                new.append(part)
            else:
                text = "".join(
                    piece if isinstance(piece, str) else self._store(next(results)["html"])
                    for piece in part
                )
                new.append(text)
        return new

    def _block(
        self, block: Block, result: dict, results: Iterator[dict], settings: dict
    ) -> list[str]:
        """Return the lines that stand for a fence: its HTML, and its caption as Markdown."""
        name = f"{settings['files']}{block.id}"
        content = result["html"].replace(SLOTS["files"], name).replace(SLOTS["id"], block.id)
        if settings["downloads"] != "":
            for suffix, text in result["files"].items():
                settings["downloads"][f"{settings['folder']}{block.id}.{suffix}"] = text
        before, slot, after = content.partition(SLOTS["caption"])
        stored = [self._store(before)]
        if slot:
            caption = "".join(
                piece if isinstance(piece, str) else self._store(next(results)["html"])
                for piece in _pieces(block.caption, block.fence.line, starts=False)
            )
            stored += [caption, self._store(after)]
        blank = block.indent.rstrip()
        lines = [blank]
        for line in stored:
            lines += [f"{block.indent}{line}", blank]
        return lines

    def _store(self, content: str) -> str:
        return self.md.htmlStash.store(content)


def scan(lines: list[str], page: str, first_line: int) -> Iterator[Block | str | list[str | Fence]]:
    """Walk a page: fences as Blocks, lines with inline values in pieces, other lines as they are.

    Args:
        lines: The page's text.
        page: Its name, for messages.
        first_line: The line of its file that `lines` starts with.

    Raises:
        PageError: a fence of ours has an unknown or a missing option, or no end.
    """
    ids: set[str] = set()
    fence_above = False
    numbered = iter(enumerate(lines, first_line))
    for number, line in numbered:
        opening = OPENING.match(line)
        ours = bool(opening) and opening["language"] in OPTIONS
        if not opening or (not ours and "`" in opening["options"]):  # three ticks of a code span
            pieces = _pieces(line, number, starts=not fence_above)
            yield line if pieces == [line] else pieces
            continue
        inside: list[str] = []
        closed = False
        for _, text in numbered:
            closed = _closes(text, opening)
            inside.append(text)
            if closed:
                break
        if not ours:
            yield line
            yield from inside
            continue
        if not closed:
            raise PageError(
                page, number, opening["language"], "expected a line that ends the fence"
            )
        block = _block(opening, inside[:-1], page, number, fence_above=fence_above)
        block.id = _unique(block, ids, page, number)
        fence_above = True
        yield block


def fences_of(text: str, page: str) -> list[Fence]:
    """Return all that has to run on a page, in order, as the preprocessor will find it.

    Args:
        text: The page's file, with its front matter.
        page: Its name, for messages.

    Raises:
        PageError: a fence is written wrongly.
    """
    return [fence for part in scan(text.split("\n"), page, 1) for fence in _fences(part)]


def plain(parts: list[Block | str | list[str | Fence]], found: list[dict]) -> str:
    """Return a page in plain Markdown: figures as their words and their numbers.

    Args:
        parts: The page, as `scan` gives it.
        found: What its fences gave, in order.
    """
    results = iter(found)
    lines: list[str] = []
    for part in parts:
        if isinstance(part, str):
            lines.append(part)
        elif isinstance(part, Block):
            text = next(results)["plain"]
            caption = _filled(_pieces(part.caption, part.fence.line, starts=False), results)
            inside = "\n\n".join(filter(None, [caption, text])).splitlines()
            lines += [f"{part.indent}{line}".rstrip() for line in ["", *inside, ""]]
        else:
            lines.append(_filled(part, results))
    return "\n".join(lines) + "\n"


def _filled(pieces: list[str | Fence], results: Iterator[dict]) -> str:
    """Return a line with its inline values in their places."""
    return "".join(piece if isinstance(piece, str) else next(results)["plain"] for piece in pieces)


def _closes(line: str, opening: re.Match) -> bool:
    text = line.strip(" >")
    return len(text) >= len(opening["fence"]) and set(text) == {opening["fence"][0]}


def _block(
    opening: re.Match, inside: list[str], page: str, line: int, *, fence_above: bool
) -> Block:
    """Return a fence of ours as its opening line and its code say."""
    kind = opening["language"]
    options = _options(kind, opening["options"], page, line)
    if "continues" in options and not fence_above:
        raise PageError(page, line, kind, "continues, but there is no fence above it on the page")
    indent = opening["indent"]
    code = [text[len(indent) :] if text.startswith(indent) else text.lstrip() for text in inside]
    fence = Fence(
        kind=kind,
        code="\n".join(code),
        line=line + 1,
        starts="continues" not in options,
        type=options.get("type", ""),
    )
    if "timeout" in options:
        fence.timeout = float(options["timeout"])
    caption = options.get("caption", "")
    pieces = _pieces(caption, line, starts=False)
    values = [piece for piece in pieces if isinstance(piece, Fence)]
    return Block(
        fence=fence, indent=indent, id=options.get("id", ""), caption=caption, values=values
    )


def _options(kind: str, text: str, page: str, line: int) -> dict[str, str]:
    """Read the options of a fence and refuse what its kind does not take."""
    text = text.rstrip()
    options = {}
    end = 0
    while end < len(text):
        option = OPTION.match(text, end)
        if not option:
            raise PageError(page, line, kind, f'expected name="value", got {text[end:].strip()}')
        value = option["value"] or ""
        options[option["name"]] = value[1:-1] if value[:1] in ("'", '"') else value
        end = option.end()
    unknown = [name for name in options if name not in OPTIONS[kind]]
    takes = ", ".join(sorted(OPTIONS[kind]))
    if unknown:
        raise PageError(page, line, kind, f"unknown option {unknown[0]!r}; it takes {takes}")
    needed = NEEDED.get(kind)
    if needed and not options.get(needed):
        raise PageError(page, line, kind, f"expected the option {needed}; it takes {takes}")
    if not re.fullmatch(r"\d+(\.\d+)?", options.get("timeout", "1")):
        raise PageError(page, line, kind, f"expected seconds, got timeout={options['timeout']}")
    return options


def _unique(block: Block, ids: set[str], page: str, line: int) -> str:
    """Return the block's id, or one from its caption; refuse one that is there already."""
    if block.id:
        if block.id in ids:
            message = f"expected another id, since a fence above has the id {block.id!r}"
            raise PageError(page, line, block.fence.kind, message)
        if not re.fullmatch(r"[A-Za-z][\w-]*", block.id):
            message = (
                f"expected an id of letters, digits and hyphens, a letter first, got {block.id!r}"
            )
            raise PageError(page, line, block.fence.kind, message)
        ids.add(block.id)
        return block.id
    words = re.findall(r"[a-z0-9]+", block.caption.lower())[:6]
    base = "-".join([block.fence.kind, *words])
    name, count = base, 1
    while name in ids:
        count += 1
        name = f"{base}-{count}"
    ids.add(name)
    return name


def _pieces(line: str, number: int, *, starts: bool) -> list[str | Fence]:
    """Cut a line at its inline values."""
    pieces: list[str | Fence] = []
    end = 0
    for span in CODE_SPAN.finditer(line):
        value = VALUE.fullmatch(span["code"].strip())
        if value:
            pieces.append(line[end : span.start()])
            pieces.append(
                Fence(kind="value", code=value["expression"].strip(), line=number, starts=starts)
            )
            end = span.end()
    pieces.append(line[end:])
    return pieces


def _fences(part: Block | str | list[str | Fence]) -> list[Fence]:
    """Return what has to run of a part of the page, in order."""
    if isinstance(part, Block):
        return [part.fence, *part.values]
    return [] if isinstance(part, str) else [piece for piece in part if isinstance(piece, Fence)]
