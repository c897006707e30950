"""Pages through a real Markdown instance: what each fence shows, and how each failure is told."""

import contextlib
import html
import re
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from typing import Any

import pytest
import torch
from bs4 import BeautifulSoup
from markdown import Markdown

import rnn_figures
from rnn_figures.site.markdown.errors import PageError
from rnn_figures.site.markdown.page_build import PageBuild
from rnn_figures.site.running import runner
from rnn_figures.site.running.cache import CACHE, NAME
from rnn_figures.site.running.digests import file_digest
from rnn_figures.site.running.records import Downloads
from rnn_figures.site.running.runner import Runner
from tests.site.running import no_worker

PROOF = 'Proof("equal to itself", adds_up("h", [0.5], 0.5, within=0))'
TABLE = f'Table(["step", "h"], [(0, 0.5)], alt="One row.", proof={PROOF})'
X = torch.randn(8, 1, 5, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One worker for the whole module; its cache is the module's own."""
    runner = Runner(tmp_path_factory.mktemp("cache"))
    yield runner
    runner.close()


def render(text: str, runner: Runner, **settings) -> str:
    build = PageBuild(**{"page": "anatomy/page.md", "runner": runner} | settings)
    return rendered(text, build)


def rendered(text: str, build: PageBuild) -> str:
    markdown = Markdown(
        extensions=[
            "rnn_figures.site.markdown.fences",
            *("admonition", "md_in_html", "tables"),
            *("pymdownx.superfences", "pymdownx.tabbed", "pymdownx.details"),
        ],
        extension_configs={
            "rnn_figures.site.markdown.fences": {"build": build},
            "pymdownx.tabbed": {"alternate_style": True},
        },
    )
    return markdown.convert(textwrap.dedent(text))


def parsed(text: str, runner: Runner, **settings) -> Any:  # what a selector finds is there
    return BeautifulSoup(render(text, runner, **settings), "html.parser")


def fence(code: str, info: str = "run") -> str:
    return f"```{info}\n{code}\n```\n"


def outputs(page: Any) -> list[str]:
    return [output.text for output in page.select(".rnn-run__output")]


def test_figure_stands_in_its_frame_with_its_caption_as_markdown(shared):
    page = parsed(fence(TABLE, 'figure caption="Look at `h`, *then* try." id="one"'), shared)

    caption = page.select_one("figure#one > figcaption")
    assert caption.code.text == "h"
    assert caption.em.text == "then"
    assert page.select_one("figure#one > .rnn-figure__drawing table")
    assert "equal to itself" in page.select_one("figure#one .rnn-figure__checked").text


@pytest.mark.parametrize(
    ("before", "indent", "around"),
    [
        ("- a list\n\n", "    ", "li"),
        ("!!! note\n\n", "    ", ".admonition"),
        ('=== "tab"\n\n', "    ", ".tabbed-block"),
        ("??? question\n\n", "    ", "details"),
        ("- a list\n\n    !!! note\n\n", "        ", "li .admonition"),
        ("> a quote\n>\n", "> ", "blockquote"),
    ],
)
def test_figure_keeps_its_place_inside(shared, before, indent, around):
    page = parsed(
        before + textwrap.indent(fence(TABLE, 'figure caption="Look." id="one"'), indent), shared
    )

    assert page.select_one(f"{around} figure#one figcaption p").text == "Look."
    assert page.select_one(f"{around} figure#one .rnn-figure__more")


def test_figures_that_are_equal_have_different_ids(shared):
    page = parsed(fence(TABLE, 'figure caption="Look here."') * 2, shared)

    assert [figure["id"] for figure in page.select("figure")] == [
        "figure-look-here",
        "figure-look-here-2",
    ]


def test_figure_holds_its_files_or_hands_them_over(shared):
    beside = Runner(shared.folder, Downloads.BESIDE)
    build = PageBuild(runner=beside, files="../figures/page/")

    content = rendered(fence(TABLE, 'figure caption="Look." id="one"'), build)
    beside.close()

    links = BeautifulSoup(content, "html.parser").select("a[download]")
    assert [link["href"] for link in links] == [
        "../figures/page/one.csv",
        "../figures/page/one.py",
    ]
    assert build.downloads["one.csv"] == "step,h\n0,0.5\n"


def test_page_hands_over_its_plain_markdown_and_what_it_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "number.txt").write_text("41")
    own = Runner(tmp_path / "cache")
    build = PageBuild(runner=own)

    rendered(
        fence('open("number.txt").read()') + "\n- `#!value 1 + 1`\n\n"
        "  " + fence(TABLE, 'figure caption="Look at `#!value 2 + 1`."').replace("\n", "\n  "),
        build,
    )
    own.close()

    assert build.reads == {"number.txt": file_digest("number.txt")}
    assert "```python\nopen(\"number.txt\").read()\n```\n\n```text\n'41'\n```" in build.plain
    assert "\n- 2\n" in build.plain
    assert "\n  Look at 3.\n\n  One row." in build.plain


def test_run_shows_code_prints_and_the_last_value(shared):
    page = parsed(fence('print("<b>")\nx.shape'), shared)

    assert page.select_one(".highlight code").text == 'print("<b>")\nx.shape\n'
    assert outputs(page) == ["<b>", "torch.Size([8, 1, 5])"]


@pytest.mark.parametrize("code", ["a = 1", "1;", "None", "torch.manual_seed(3)"])
def test_run_shows_no_value_where_a_notebook_shows_none(shared, code):
    assert outputs(parsed(fence(code), shared)) == []


def test_run_shows_a_table_as_a_table(shared):
    page = parsed(fence(TABLE), shared)

    assert page.select_one(".rnn-run table td.rnn-numbers__number").text == "0"


def test_run_shows_warnings_as_a_notebook_does(shared):
    page = parsed(fence("nn.LSTM(5, 3, dropout=0.5);"), shared)

    assert outputs(page)[0].startswith("UserWarning: dropout option adds dropout")


def test_run_starts_from_the_prelude(shared):
    page = parsed(fence("x[0, 0, 0].item(), torch.rand(1).item()"), shared)

    torch.manual_seed(0)
    assert outputs(page) == [repr((X[0, 0, 0].item(), torch.rand(1).item()))]


def test_run_has_a_namespace_of_its_own(shared):
    with pytest.raises(PageError, match="NameError: name 'a' is not defined"):
        render(fence("a = 1") + fence("a"), shared)


def test_continues_runs_on_from_the_fence_above(shared):
    page = parsed(fence("a = torch.rand(1)") + fence("a, torch.rand(1)", "run continues"), shared)

    torch.manual_seed(0)
    assert outputs(page) == [repr((torch.rand(1), torch.rand(1)))]


def test_fences_leave_nothing_behind_for_the_next(shared):
    page = parsed(
        fence(
            "torch.set_default_dtype(torch.float64); torch.set_printoptions(precision=1)\n"
            "torch.set_grad_enabled(False);"
        )
        + fence("torch.zeros(1).dtype, torch.is_grad_enabled(), torch.tensor(0.123)"),
        shared,
    )

    assert outputs(page) == ["(torch.float32, True, tensor(0.1230))"]


@pytest.mark.parametrize(
    ("code", "type", "text"),
    [
        ("nn.LSTM(5, 3)(torch.zeros(8, 1, 4))", "RuntimeError", "Expected 5, got 4"),
        ("nn.LSTM(5, 3, dropout=0.5)", "UserWarning", "dropout option adds dropout"),
        ("[][0]", "IndexError", "list index out of range"),
        ("assert False", "AssertionError", ""),
        ("raise ValueError('\\x1b[1mdo this\\x1b[0m, twice')", "ValueError", ": do this, twice"),
    ],
)
def test_raises_shows_the_live_text(shared, code, type, text):
    page = parsed(fence(code, f"raises type={type}"), shared)

    error = page.select_one(".rnn-run__error")
    assert error.span.text == type
    assert text in error.text
    assert not error.has_attr("data-search-exclude")


def test_raises_leaves_out_its_code_from_what_a_later_fence_copies(shared):
    page = parsed(
        fence("a = 1")
        + fence("a / 0", "raises continues type=ZeroDivisionError")
        + fence("a + 1", "run continues"),
        shared,
    )

    assert outputs(page) == ["2"]
    assert "a / 0" not in page.select(".rnn-run")[2]["data-copy"]


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("1 / 3", "0.3333"),
        ("x.shape", "(8,\u00a01,\u00a05)"),  # no line ends inside a shape
        ("torch.tensor(0.25)", "0.25"),
        ("torch.tensor([[1, 2]])", "[[1, 2]]"),
        ("[0.123456, 2]", "[0.1235, 2]"),
        ("3 > 2", "yes"),
        ('"a < b"', "a < b"),
        ("nn.LSTM(5, 3).hidden_size", "3"),
        ("torch.float32", "torch.float32"),
    ],
)
def test_value_stands_formatted_in_its_sentence(shared, expression, shown):
    page = parsed(f"It is `#!value {expression}` here.", shared)

    assert page.p.text == f"It is {shown} here."


def test_value_sees_the_fence_above_and_leaves_no_mark_on_it(shared):
    page = parsed(
        fence("a = 1")
        + "\n`#!value a` `#!value (a := 5)` `#!value torch.rand(1)`\n\n"
        # the walrus and the random number above must not be seen here
        + fence("a, torch.rand(1)", "run continues"),
        shared,
    )

    torch.manual_seed(0)
    assert page.p.text.startswith("1 5 [")
    assert outputs(page) == [repr((1, torch.rand(1)))]


def test_value_in_a_caption_sees_its_own_figure(shared):
    page = parsed(fence(f"a = 7\n{TABLE}", "figure caption='Seven: `#!value a`.'"), shared)

    assert page.figcaption.text.strip() == "Seven: 7."


def test_value_in_a_table_and_in_a_list(shared):
    page = parsed("| a |\n| --- |\n| `#!value 1 + 1` |\n\n- `#!value 2 + 1`\n", shared)

    assert page.td.text == "2"
    assert page.li.text == "3"


def test_fences_inside_another_fence_are_left_alone(shared):
    page = parsed("````markdown\n```run\n1 / 0\n```\n`#!value 1 / 0`\n````\n", shared)

    assert page.code.text == "```run\n1 / 0\n```\n`#!value 1 / 0`\n"


def test_syntax_shown_in_a_code_span_is_left_alone(shared):
    assert parsed("Write `` `#!value 1 / 0` `` in a page.", shared).code.text == "`#!value 1 / 0`"


def test_a_line_that_starts_with_a_long_code_span_opens_no_fence(shared):
    page = parsed("```one``` is code.\n\nAnd `#!value 1 + 1` is two.", shared)

    assert page.select("p")[1].text == "And 2 is two."


def copied(page: Any) -> list[str]:
    return [block["data-copy"] for block in page.select("[data-copy]")]


def test_what_is_copied_runs_as_it_is(shared):
    page = parsed(
        fence("lstm = nn.LSTM(5, 3)\noutput, _ = lstm(x)")
        + fence("difference = trace(lstm, x).max_difference", "run continues"),
        shared,
    )
    program = copied(page)[1]
    namespace: dict[str, Any] = {}

    exec(program, namespace)

    torch.manual_seed(0)
    assert torch.equal(namespace["output"], torch.nn.LSTM(5, 3)(X)[0])
    assert namespace["difference"] < 1e-6
    assert "from rnn_figures import trace" in program


def test_what_is_copied_says_nothing_twice(shared):
    page = parsed(
        fence("import torch\nfrom torch import nn\n\ntorch.manual_seed(0)")
        + fence("x = torch.zeros(2, 1, 5)\nnn.GRU(5, 3)(x)[0]", "run continues"),
        shared,
    )

    assert copied(page)[1] == (
        "import torch\nfrom torch import nn\n\ntorch.manual_seed(0)\n\n"
        "x = torch.zeros(2, 1, 5)\nnn.GRU(5, 3)(x)[0]"
    )


FAILURES = {
    "raises": (fence("a = 1\n1 / 0"), 5, "run failed: ZeroDivisionError: division by zero"),
    "no figure": (
        fence("3", 'figure caption="Look."'),
        3,
        "figure failed: expected a Table, a Diagram or a Plot as the value of the last line",
    ),
    "syntax": (fence("a = (\n1"), 4, "run failed: SyntaxError: '(' was never closed"),
    "exits": (fence("import sys\nsys.exit(0)"), 5, "run failed: SystemExit: 0"),
    "nothing raised": (
        fence("1", "raises type=ValueError"),
        3,
        "raises failed: expected ValueError, but nothing was raised and nothing warned",
    ),
    "another raised": (
        fence("1 / 0", "raises type=ValueError"),
        3,
        "raises failed: expected ValueError, got ZeroDivisionError: division by zero",
    ),
    "a base class": (
        fence("1 / 0", "raises type=ArithmeticError"),
        3,
        "raises failed: expected ArithmeticError, got ZeroDivisionError: division by zero",
    ),
    "value": ("It is `#!value 1 / 0`.", 3, "value failed: ZeroDivisionError: division by zero"),
    "no value": ("It is `#!value None`.", 3, "value failed: it has no value to show"),
    "long value": (
        "`#!value x`",
        3,
        "value failed: a tensor of 40 numbers is too long for a sentence (at most 12)",
    ),
    "address": (fence("object()"), 3, "run failed: it prints a memory address"),
    "figure warns": (
        fence(f"nn.LSTM(5, 3, dropout=0.5)\n{TABLE}", 'figure caption="Look."'),
        3,
        "figure failed: it warned: UserWarning: dropout option adds",
    ),
    "value warns": (
        "`#!value nn.LSTM(5, 3, dropout=0.5).hidden_size`",
        3,
        "value failed: it warned: UserWarning: dropout option adds",
    ),
    "unknown option": (
        fence("1", "run captoin=no"),
        3,
        "run failed: unknown option 'captoin'; it takes continues, id, timeout",
    ),
    "another kind's option": (
        fence("1", "run caption=no"),
        3,
        "run failed: unknown option 'caption'",
    ),
    "no caption": (fence(TABLE, "figure"), 3, "figure failed: expected the option caption"),
    "no type": (fence("1 / 0", "raises"), 3, "raises failed: expected the option type"),
    "half an option": (fence("1", 'run id="one'), 3, 'run failed: expected name="value", got id="'),
    "timeout": (
        fence("1", "run timeout=soon"),
        3,
        "run failed: expected seconds, got timeout=soon",
    ),
    "nothing to continue": (
        fence("1", "run continues"),
        3,
        "run failed: continues, but there is no fence above it on the page",
    ),
    "id twice": (
        fence("1", "run id=a") + fence("1", "run id=a"),
        6,
        "run failed: expected another id, since a fence above has the id 'a'",
    ),
    "no id": (fence("1", 'run id="a b"'), 3, "run failed: expected an id of letters"),
    "no end": ("```run\n1\n", 3, "run failed: expected a line that ends the fence"),
    "in a caption": (
        fence(TABLE, 'figure caption="`#!value 1 / 0`"'),
        3,
        "value failed: ZeroDivisionError",
    ),
}


def test_what_releases_raise_differently_may_have_two_kinds(shared):
    page = parsed(fence("1 / 0", "raises type=ValueError|ZeroDivisionError"), shared)

    assert "ZeroDivisionError" in page.select_one(".rnn-run__type").text


@pytest.mark.parametrize("name", FAILURES)
def test_failure_names_page_line_and_reason_in_its_first_line(shared, name):
    text, line, message = FAILURES[name]

    with pytest.raises(PageError) as failure:
        render(f"# Title\n\n{text}", shared)

    first = str(failure.value).partition("\n")[0]
    assert first.startswith(f"anatomy/page.md:{line}: {message}")


def test_failure_counts_lines_in_the_authors_file(shared):
    with pytest.raises(PageError, match=r"^anatomy/page\.md:13: run failed: ZeroDivisionError"):
        render(f"# Title\n\n{fence('1 / 0')}", shared, first_line=10)


def test_failure_inside_a_list_has_its_line(shared):
    with pytest.raises(PageError, match=r"^anatomy/page\.md:5: run failed: ZeroDivisionError"):
        render(f"- item\n\n{textwrap.indent(fence('a = 1' + chr(10) + '1 / 0'), '    ')}", shared)


def test_failure_ends_with_the_traceback_of_the_fence_alone(shared):
    page = fence("def f():\n    return 1 / 0") + fence("f()", "run continues")

    with pytest.raises(PageError) as failure:
        render(page, shared)

    lines = str(failure.value).split("\n")[2:]
    assert [line for line in lines if line.strip(" ~^")] == [  # where it points, releases differ
        "Traceback (most recent call last):",
        '  File "anatomy/page.md", line 6, in <module>',
        "    f()",
        '  File "anatomy/page.md", line 3, in f',
        "    return 1 / 0",
        "ZeroDivisionError: division by zero",
    ]


def test_failure_is_not_remembered(shared):
    for _ in range(2):
        with pytest.raises(PageError, match="ZeroDivisionError"):
            render(fence("1 / 0"), shared)

    assert outputs(parsed(fence("1"), shared)) == ["1"]


def test_noise_of_a_fence_does_not_reach_the_build(shared):
    page = parsed(fence('import os\nos.write(1, b"noise\\n");\nos.system("echo noise");'), shared)

    assert outputs(page) == []


def test_a_fence_that_ends_its_process_is_told_in_one_line(shared):
    with pytest.raises(PageError) as failure:
        render(f"\n{fence('import os')}{fence('os._exit(3)', 'run continues')}", shared)

    assert str(failure.value) == (
        "anatomy/page.md:5: run failed: it ended the process that runs the fences (exit code 3)"
    )
    assert outputs(parsed(fence("1 + 1"), shared)) == ["2"]


@pytest.mark.slow
def test_a_segmentation_fault_is_told_with_the_line_of_the_page(shared):
    with pytest.raises(PageError) as failure:
        render(fence("import ctypes\nctypes.string_at(0)"), shared)

    first, _, words = str(failure.value).partition("\n")
    assert first == (
        "anatomy/page.md:1: run failed: it ended the process that runs the fences "
        "(Segmentation fault)"
    )
    assert 'File "anatomy/page.md", line 3 in <module>' in words


@pytest.mark.slow
def test_a_fence_is_killed_at_its_time_limit_with_its_children(shared, tmp_path):
    code = f"""
        import subprocess, time
        child = subprocess.Popen(["sleep", "600"])
        open({str(tmp_path / "pid")!r}, "w").write(str(child.pid));
        while True:
            pass
    """

    with pytest.raises(
        PageError, match=r"^anatomy/page\.md:1: run failed: still running after 1 s"
    ):
        render(fence(textwrap.dedent(code), "run timeout=1"), shared)

    pid = (tmp_path / "pid").read_text()
    state = subprocess.run(["ps", "-o", "stat=", "-p", pid], capture_output=True, text=True)
    assert state.stdout.strip() in ("", "Z", "Zs", "ZN")


PAGE = fence("a = torch.rand(1)") + "\n`#!value a`\n\n" + fence(TABLE, 'figure caption="Look."')


def test_cached_page_is_the_same_and_starts_no_worker(shared, monkeypatch):
    first = render(PAGE, shared)
    monkeypatch.setattr(runner, "Worker", no_worker)

    assert render(PAGE, Runner(shared.folder)) == first


def test_equal_figures_on_other_pages_under_other_names_are_drawn_once(shared, monkeypatch):
    render(fence(TABLE, 'figure caption="Look." id="one"'), shared)
    monkeypatch.setattr(runner, "Worker", no_worker)

    page = parsed(
        fence(TABLE, 'figure caption="Another." id="two"'),
        Runner(shared.folder),
        page="other.md",
    )

    assert page.select_one("figure#two figcaption").text.strip() == "Another."


@pytest.mark.parametrize(
    "changed",
    [
        PAGE.replace("torch.rand(1)", "torch.rand(2)"),
        PAGE.replace("`#!value a`", "`#!value a + 1`"),
        PAGE.replace("One row", "1 row"),
    ],
)
def test_changed_code_is_run_again(shared, monkeypatch, changed):
    render(PAGE, shared)
    monkeypatch.setattr(runner, "Worker", no_worker)

    with pytest.raises(AssertionError, match="a worker was started"):
        render(changed, Runner(shared.folder))


def test_changed_fence_runs_those_again_that_run_on_from_it(shared):
    pages = [
        parsed(fence(f"a = {number}") + fence("a", "run continues"), shared) for number in (1, 2)
    ]

    assert [outputs(page) for page in pages] == [["1"], ["2"]]


def test_broken_entries_are_made_again(shared, tmp_path):
    own = Runner(tmp_path)
    first = render(PAGE, own)
    with contextlib.closing(sqlite3.connect(tmp_path / NAME)) as connection, connection:
        connection.execute("UPDATE entries SET value = substr(value, 1, rowid * 10)")

    assert render(PAGE, own) == first
    own.close()


def test_a_page_half_in_the_cache_is_the_same(shared, tmp_path):
    own = Runner(tmp_path)
    page = fence("a = torch.rand(2)") + fence("torch.rand(2)", "run continues")
    render(page.partition("```run continues")[0], own)

    assert render(page, own) == render(page, shared)
    own.close()


def test_a_changed_file_that_a_fence_reads_runs_it_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    own = Runner(tmp_path / ".cache")
    page = fence('open("weights.txt").read()')

    pages = []
    for text in ("one", "two"):
        (tmp_path / "weights.txt").write_text(text)
        pages.append(outputs(parsed(page, own)))
    own.close()

    assert pages == [["'one'"], ["'two'"]]


def in_another_process(script: str, *arguments, folder) -> str:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_a_changed_package_renews_the_worker(tmp_path):
    shutil.copytree(rnn_figures.__file__.rpartition("/")[0], tmp_path / "rnn_figures")
    script = """
        import pathlib, markdown
        from rnn_figures.site.markdown.page_build import PageBuild
        from rnn_figures.site.running.runner import Runner

        runner = Runner(pathlib.Path("cache"))
        page = "`#!value Table(['a'], [(1,)]).alt`"
        def show():
            settings = {"rnn_figures.site.markdown.fences": {"build": PageBuild(runner=runner)}}
            print(markdown.markdown(page, extensions=["rnn_figures.site.markdown.fences"],
                                    extension_configs=settings))
        show()
        source = pathlib.Path("rnn_figures/figures.py")
        source.write_text(source.read_text().replace("Table of", "List of"))
        show()
        runner.close()
    """

    shown = in_another_process(script, folder=tmp_path)

    assert re.findall(r">(\w+ of 1 rows)", shown) == ["Table of 1 rows", "List of 1 rows"]


def test_the_build_imports_neither_torch_nor_what_draws(shared):
    render(PAGE, shared)
    script = """
        import pathlib, sys, markdown
        from rnn_figures.site.markdown.page_build import PageBuild
        from rnn_figures.site.running.runner import Runner

        page, folder = sys.argv[1:]
        name = "rnn_figures.site.markdown.fences"
        settings = {name: {"build": PageBuild(runner=Runner(pathlib.Path(folder)))}}
        markdown.markdown(page, extensions=[name], extension_configs=settings)
        print(*({"torch", "numpy", "matplotlib", "graphviz"} & set(sys.modules)))
    """
    package = rnn_figures.__file__.rpartition("/rnn_figures/")[0]

    assert in_another_process(script, PAGE, shared.folder, folder=package).strip() == ""


def test_without_a_plugin_a_page_has_a_runner_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    shown = Markdown(extensions=["rnn_figures.site.markdown.fences"]).convert("`#!value 1 + 1`")

    assert html.unescape(shown) == '<p><span class="rnn-value">2</span></p>'
    assert (tmp_path / CACHE / NAME).exists()
