"""Pages in pieces: what is to run, where it stands, in which order."""

import pytest

from rnn_figures.site.markdown.errors import PageError
from rnn_figures.site.markdown.parsing import caption_parts, fences_of, parse
from rnn_figures.site.running.records import Fence

PAGE = """# Title

It is `#!value 1 + 1`.

> ```figure caption="Look at `#!value a`." timeout=3 id="one"
> a = 1
>
> a
> ```

```run continues
a + 1
```

`#!value a + 2` and `#!value a + 3`
"""


def parsed(text: str):
    return parse(text.split("\n"), "a.md", 1)


def test_fences_come_in_order_with_the_values_of_their_captions():
    found = [(fence.code, fence.line, fence.starts) for fence in fences_of(parsed(PAGE))]

    assert found == [
        ("1 + 1", 3, True),
        ("a = 1\n\na", 6, True),
        ("a", 5, False),
        ("a + 1", 12, False),
        ("a + 2", 15, False),
        ("a + 3", 15, False),
    ]


def test_fence_has_what_its_opening_line_says():
    (fence,) = (fence for fence in fences_of(parsed(PAGE)) if fence.kind == "figure")

    assert fence == Fence(
        kind="figure",
        code="a = 1\n\na",
        line=6,
        timeout=3.0,
        id="one",
        caption="Look at `#!value a`.",
        indent="> ",
    )
    value = Fence(kind="value", code="a", line=5, starts=False)
    assert caption_parts(fence) == ["Look at ", value, "."]


def test_lines_without_code_are_as_they_were():
    text = "# Title\n\n````markdown\n```run\n1\n```\n````\n\n```one``` is code.\n"

    assert parsed(text) == [[line] for line in text.split("\n")]


def test_ids_are_made_from_captions_and_differ():
    figure = '```figure caption="Look, here."\n1\n```\n'

    assert [fence.id for fence in fences_of(parsed(figure * 2 + "```run\n1\n```\n"))] == [
        "figure-look-here",
        "figure-look-here-2",
        "run",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("```run caption=a\n1\n```", "a.md:1: run failed: unknown option 'caption'; it takes"),
        ("\n```figure\n1\n```", "a.md:2: figure failed: expected the option caption"),
        ("```run\n1", "a.md:1: run failed: expected a line that ends the fence"),
        ("```run continues\n1\n```", "there is no fence above it"),
        ("```run id=a\n1\n```\n```run id=a\n1\n```", "a.md:4: run failed: expected another id"),
    ],
)
def test_parse_refuses_a_fence_that_is_written_wrongly(text, message):
    with pytest.raises(PageError, match=message):
        parsed(text)
