"""Questions with answers to choose from: the right one is what the page's own module gives.

An `answer` fence in the box computes it: a truth for each choice, or a value that one choice says.
The sentence of that choice must begin with Yes and the others' with No, or the build stops.
"""

import itertools
import json
import re
from itertools import pairwise

from rnn_figures.site.markdown.errors import PageError
from rnn_figures.site.markdown.page_build import PageBuild
from rnn_figures.site.running.records import Result

OPENING = "<rnn-predict markdown>"

BOX = re.compile(
    rf"^{OPENING}\n(?P<question>.*?)^\?\?\?(?P<answer>.*?)^</rnn-predict>", re.M | re.S
)

CHOICE = re.compile(r"^\d+\. (?P<text>.+)$", re.M)

SENTENCE = re.compile(r"^(?P<number> {4}\d+\. )(?P<verdict>Yes|No)\b", re.M)

FORMATTING = re.compile(r"\\[()]|\\q[a-z](?=\{)|[`*{}]")
"""What Markdown and TeX write around the text of a choice."""


def marked(text: str, plain: str, lines: list[str], build: PageBuild, results: list[Result]) -> str:
    """Return a page whose questions have their right choice marked, as its code computed it.

    `text` is the page on its way to HTML, `plain` the same in plain Markdown, `lines` the same as
    its author wrote it; `results` are those of its fences. Where a question has no answer, or
    another one than its sentences say, the build fails, and nothing is marked.
    """
    where = [number for number, line in enumerate(lines, build.first_line) if line == OPENING]
    boxes = list(BOX.finditer(plain))
    if len(boxes) != len(where):
        message = "expected, in each box, a question, its choices, and a ??? box with the answer"
        line = where[0] if where else build.first_line
        build.fail(PageError(build.page, line, "question", message))
        return text
    rights: list[int] = []
    wrong: list[PageError] = []
    answers = [
        (fence.line, result.plain)
        for fence, result in zip(build.fences, results, strict=True)
        if fence.kind == "answer"
    ]
    borders = pairwise([*where, build.first_line + len(lines)])
    for box, (line, end) in zip(boxes, borders, strict=True):
        try:
            rights.append(_right(box, [value for at, value in answers if line < at < end]))
        except ValueError as error:
            wrong.append(PageError(build.page, line, "question", str(error)))
    if wrong:
        build.fail(*wrong)
        return text
    coming = iter(rights)

    def with_mark(box: re.Match) -> str:
        before, answer = box[0].split("\n???", maxsplit=1)
        return f"{before}\n???{_with_verdicts(answer, next(coming))}"

    return BOX.sub(with_mark, text)


def _right(box: re.Match, answers: list[str]) -> int:
    """Return the number of the right choice, from 0; a ValueError where that cannot be told."""
    choices = [_bare(choice["text"]) for choice in CHOICE.finditer(box["question"])]
    verdicts = [one["verdict"] for one in SENTENCE.finditer(box["answer"])]
    if not answers:
        raise ValueError("expected an answer fence in the box: what the page's module gives")
    if len(choices) < 2 or len(verdicts) != len(choices):
        raise ValueError(
            f"expected two choices or more, and for each a sentence with Yes or No first, got "
            f"{len(choices)} choices and {len(verdicts)} sentences"
        )
    if not answers[0]:
        return 0  # its fence failed, and the build does not come to show it
    value = json.loads(answers[0])
    truths = [choice == _bare(value) for choice in choices] if isinstance(value, str) else value
    if len(truths) != len(choices) or sum(truths) != 1:
        raise ValueError(f"expected an answer that is one of {', '.join(choices)}, got {value}")
    said = [verdict == "Yes" for verdict in verdicts]
    if said != truths:
        right = truths.index(True)
        raise ValueError(
            f"the run says that choice {right + 1} is right, {choices[right]}; the sentences say "
            f"{', '.join(verdicts)}"
        )
    return truths.index(True)


def _bare(text: str) -> str:
    r"""Return the text of a choice without its formatting.

    Examples:
        >>> _bare("`(4, 1, 3)`"), _bare(r"\(\qc{c}\) stays")
        ('(4, 1, 3)', 'c stays')
    """
    return FORMATTING.sub("", text).replace("\N{NO-BREAK SPACE}", " ").strip()


def _with_verdicts(answer: str, right: int) -> str:
    """Return an answer whose verdicts, Yes and No, are marked."""
    coming = itertools.count()

    def verdict(sentence: re.Match) -> str:
        kind = "right" if next(coming) == right else "wrong"
        mark = f'<strong class="rnn-predict__{kind}">{sentence["verdict"]}</strong>'
        return sentence["number"] + mark

    return SENTENCE.sub(verdict, answer)
