import ast
import importlib
import inspect

import pytest

import rnn_figures


@pytest.mark.parametrize("name", rnn_figures.__all__)
def test_public_name_is_loaded_on_first_use_and_documented(name):
    value = getattr(rnn_figures, name)

    assert inspect.getdoc(value)
    home = importlib.import_module(f"rnn_figures.{rnn_figures._HOME[name]}")
    assert getattr(home, name) is value


def test_all_is_sorted_and_without_doubles():
    assert rnn_figures.__all__ == sorted(set(rnn_figures.__all__))
    assert set(rnn_figures.__all__) <= set(dir(rnn_figures))


def test_an_unknown_name_says_what_there_is():
    with pytest.raises(AttributeError, match=r"rnn_figures has no 'tracer'; it has .*trace"):
        _ = rnn_figures.tracer


def test_type_checkers_see_every_public_name():
    tree = ast.parse(inspect.getsource(rnn_figures))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))

    seen = {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == {name: f"rnn_figures.{home}" for name, home in rnn_figures._HOME.items()}
