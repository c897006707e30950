import pytest
from markdown import Markdown

from rnn_figures.site.llms import PlainPage, cleaned, index
from rnn_figures.site.markdown.page_build import PageBuild
from rnn_figures.site.running.runner import Runner

PAGE = """
# A page { #top }

## A part { .rnn-part }

<rnn-messages></rnn-messages>

```run
print("one", 2)
3 + 4
```

It is `#!value 1 / 3`, and \\(\\qh{h_{t-1}}\\).

??? question "Predict"

    ```figure continues caption="Shapes of `#!value 'x'`." id="shapes"
    shape_table(nn.GRU(5, 3), x)
    ```

```raises type=ZeroDivisionError
1 / 0
```
"""


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    """The page in plain Markdown, as a build makes it."""
    runner = Runner(tmp_path_factory.mktemp("cache"))
    build = PageBuild(page="a.md", runner=runner)
    Markdown(
        extensions=["rnn_figures.site.markdown.fences"],
        extension_configs={"rnn_figures.site.markdown.fences": {"build": build}},
    ).convert(PAGE)
    runner.close()
    return cleaned(build.plain)


def test_plain_page_has_code_and_what_it_gave(text):
    assert '```python\nprint("one", 2)\n3 + 4\n```\n\n```text\none 2\n7\n```' in text


def test_plain_page_has_a_figures_caption_words_and_numbers(text):
    assert "    Shapes of x." in text
    assert "    | h_n |" in text
    assert "(1, 1, 3)" in text


def test_plain_page_has_inline_values_and_plain_tex(text):
    assert r"It is 0.3333, and \(h_{t-1}\)." in text


def test_plain_page_has_the_live_message(text):
    assert "ZeroDivisionError: division by zero" in text


def test_plain_page_has_nothing_for_browsers_only(text):
    assert "\n## A part\n" in text
    assert text.startswith("# A page\n")
    assert "<rnn" not in text
    assert "```run" not in text
    assert "```figure" not in text


def test_index_lists_pages_by_section():
    page = PlainPage("anatomy/lstm.md", "LSTM", "What gates do.", "")

    text = index("Site", "All of it.", {"Anatomy": [page]})

    expected = "# Site\n\n> All of it.\n\n## Anatomy\n\n- [LSTM](anatomy/lstm.md): What gates do.\n"
    assert text == expected
