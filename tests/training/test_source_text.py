import ast
import sys
import tokenize

import numpy as np
import pytest

from rnn_figures.training.source_text import (
    CHOSEN_ON,
    HELD_OUT,
    TRAINED_ON,
    TRUTHS,
    source,
    truths,
)

F_STRINGS = ['x = f"{a}"\n', 'x = f"{d[0]:>{n}}" + y\n', "x = f'{{(' + f(1)\n"]
if sys.version_info >= (3, 12):  # 3.11 cannot read the same quotes within
    F_STRINGS.append('x = f"{g(f"{a}")}"\n')


def marked(code, truth):
    """Return the characters of which a truth holds, the others as dots; a line ends in |."""
    held = truths(code)[:, list(TRUTHS).index(truth)]
    return "".join(
        "|" if letter == "\n" else letter if mark else "."
        for letter, mark in zip(code, held, strict=True)
    ).rstrip("|")


def test_a_comment_goes_from_its_sign_to_the_end_of_its_line():
    assert marked('x = "#"  # (a)\n', "comment") == "........ # (a)".replace(" ", ".", 1)
    assert marked("# one\ny\n", "comment") == "# one|."


def test_a_string_goes_from_its_quote_to_before_its_last_character():
    assert marked("f('a', rb\"b\")\n", "string") == "..'a.....\"b.."
    assert marked("x = '''a\nb'''\n", "string") == "....'''a|b''."


@pytest.mark.parametrize("code", F_STRINGS)
def test_an_f_string_is_one_string_whatever_its_braces_hold(code):
    quote = code[5]
    end = code.rindex(quote)

    assert marked(code, "string")[: end + 1] == "....." + code[5:end] + "."
    assert marked(code, "brackets")[: end + 1] == "." * (end + 1)


def test_brackets_end_with_the_outermost_one():
    assert marked("f(a[1], {2})(3)\n", "brackets") == ".(a[1], {2}.(3."
    assert marked("f(')', # )\n  2)\n", "brackets") == ".(')', # )|  2."


def test_a_docstring_is_the_first_string_of_a_file_a_class_or_a_function():
    code = (
        '"""A."""\nclass B:\n    "B"\n    def c(self):\n        # no\n        r"C"\n        "D"\n'
    )

    assert marked(code, "docstring") == (
        '"""A"".|........|...."B.|................|............|........."C.|...........'
    ).replace('"""A"".', '"""A."".')
    assert marked('if x:\n    "no"\n', "docstring") == ".....|........"
    assert marked('def f(): pass\n"no"\n', "docstring") == ".............|...."


def test_strings_and_docstrings_are_apart():
    held = truths('def f():\n    """a"""\n    return "b"\n')
    docstring, string = (held[:, list(TRUTHS).index(name)] for name in ("docstring", "string"))

    assert docstring.sum() == 6
    assert string.sum() == 2
    assert not (docstring & string).any()


def test_column_and_indent_count_from_the_line_s_beginning():
    code = "        " + "y" * 40 + "\nz\n"

    assert marked(code, "column") == "." * 39 + "y" * 9 + "|."
    assert marked(code, "indent") == "......." + " " + "y" * 40 + "|."


def test_a_form_feed_ends_no_line():
    assert marked("a\n\f\nf('b')\n", "string") == ".|.|..'b.."


def test_what_is_no_code_is_refused():
    with pytest.raises((tokenize.TokenError, SyntaxError)):
        truths("f(")


@pytest.mark.parametrize("name", HELD_OUT)
def test_docstrings_are_those_that_the_parser_finds(name):
    text = source(name).encode("ascii", "replace").decode()  # the parser counts bytes
    starts = np.cumsum([0, *(len(line) + 1 for line in text.split("\n"))])
    expected = np.zeros(len(text), dtype=bool)
    for node in ast.walk(ast.parse(text)):
        holds = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if holds and ast.get_docstring(node) is not None:
            string = node.body[0]
            assert string.end_lineno is not None
            assert string.end_col_offset is not None
            begin = starts[string.lineno - 1] + string.col_offset
            end = starts[string.end_lineno - 1] + string.end_col_offset
            expected[begin : end - 1] = True

    found = truths(text)[:, list(TRUTHS).index("docstring")]

    assert expected.any()
    assert (found != expected).sum() <= 3  # the prefix of a raw docstring is not inside yet


def test_no_file_is_in_two_of_the_lists():
    names = [*TRAINED_ON, *CHOSEN_ON, *HELD_OUT]

    assert len(set(names)) == len(names)
    assert all(len(source(name)) >= 12_000 for name in [*CHOSEN_ON, *HELD_OUT])
