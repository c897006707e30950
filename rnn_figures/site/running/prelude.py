"""Give a fence its prelude, and a reader the whole program to copy.

Both come from the names that the code uses: a program says what it needs and no more, and running
it alone gives what the page shows.
"""

import ast

import torch

from rnn_figures.site.running.names import STUBS, importable_from, names_in, parse, public_names

X = "x = torch.randn(8, 1, 5, generator=torch.Generator().manual_seed(0))"
"""The one input of the whole site: (L, N, H_in) = (8, 1, 5)."""


def provide(names: frozenset[str], namespace: dict[str, object]) -> None:
    """Put in what the prelude gives, of the names that some code uses and that are not there."""
    missing = names - namespace.keys()
    namespace.setdefault("torch", torch)
    if "nn" in missing:
        namespace["nn"] = torch.nn
    if "x" in missing:
        exec(X, namespace)
    for name in sorted(missing & public_names().keys()):
        package = next(package for package in STUBS if name in importable_from(package))
        exec(f"from {package} import {name}", namespace)  # only the modules that it reaches


def program_text(code: list[str]) -> str:
    """Return a program that runs as it is: the prelude, then their code.

    Examples:
        >>> print(program_text(["gru = nn.GRU(5, 3)", "trace(gru, x).h_n"]))
        import torch
        from torch import nn
        from rnn_figures import trace
        <BLANKLINE>
        x = torch.randn(8, 1, 5, generator=torch.Generator().manual_seed(0))
        torch.manual_seed(0)
        <BLANKLINE>
        gru = nn.GRU(5, 3)
        <BLANKLINE>
        trace(gru, x).h_n
    """
    whole = "\n\n".join(code)
    names = names_in(whole)
    imports = ["import torch"]
    imports += ["from torch import nn"] if "nn" in names else []
    for package in STUBS:
        inside = sorted(names & importable_from(package))
        imports += [f"from {package} import {', '.join(inside)}"] if inside else []
    starts = [X] if _reads_before_writing("x", whole) else []
    starts += ["torch.manual_seed(0)"]
    said = _leading_statements(whole)
    parts = [
        "\n".join(line for line in imports if line not in said),
        "\n".join(line for line in starts if line not in said),
        whole,
    ]
    return "\n\n".join(part for part in parts if part)


def _leading_statements(code: str) -> set[str]:
    """Return the imports and seeds with which some code starts, as one writes them."""
    said = set()
    for statement in parse(code).body:
        text = ast.unparse(statement)
        if (
            not isinstance(statement, ast.Import | ast.ImportFrom)
            and text != "torch.manual_seed(0)"
        ):
            break
        said.add(text)
    return said


def _reads_before_writing(name: str, code: str) -> bool:
    """Return whether the first use of a name in some code reads it."""
    uses = [
        (node.lineno, node.col_offset, isinstance(node.ctx, ast.Load))
        for node in ast.walk(parse(code))
        if isinstance(node, ast.Name) and node.id == name
    ]
    return bool(uses) and min(uses)[2]
