"""The prelude of fences, and the programs that readers copy."""

from typing import Any

import torch

import rnn_figures
from rnn_figures.course import clash_diagram
from rnn_figures.site.running.names import names_in
from rnn_figures.site.running.prelude import program_text, provide


def test_provide_gives_what_the_code_uses_and_no_more():
    namespace: dict[str, Any] = {}

    provide(frozenset({"nn", "x", "trace", "clash_diagram", "lstm"}), namespace)

    assert namespace.keys() - {"__builtins__"} == {"torch", "nn", "x", "trace", "clash_diagram"}
    assert namespace["trace"] is rnn_figures.trace
    assert namespace["clash_diagram"] is clash_diagram
    assert namespace["x"].shape == (8, 1, 5)


def test_provide_leaves_what_is_there():
    namespace: dict[str, Any] = {"x": 1, "trace": 2}

    provide(frozenset({"x", "trace"}), namespace)

    assert (namespace["x"], namespace["trace"]) == (1, 2)


def test_program_imports_from_the_package_and_from_its_course():
    program = program_text(["clash_diagram, trace"])

    assert "from rnn_figures import trace\n" in program
    assert "from rnn_figures.course import clash_diagram\n" in program
    exec(program, {})


def test_program_has_x_only_where_it_is_read_first():
    assert "x = torch.randn" in program_text(["y = x + 1"])
    assert "x = torch.randn" not in program_text(["x = 1\ny = x + 1"])


def test_program_says_nothing_twice_that_its_code_starts_with():
    program = program_text(["import torch\ntorch.manual_seed(0)\ny = torch.rand(1)"])

    assert program.count("import torch") == program.count("manual_seed") == 1


def test_program_runs_as_the_page_did():
    code = ["gru = nn.GRU(5, 3)", "output = gru(x)[0]"]
    namespace: dict[str, Any] = {}
    provide(names_in("\n".join(code)), namespace)
    torch.manual_seed(0)
    exec("\n".join(code), namespace)
    alone: dict[str, Any] = {}

    exec(program_text(code), alone)

    assert torch.equal(alone["output"], namespace["output"])
