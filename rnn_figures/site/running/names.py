"""Which names some code uses, and where the public names are, read without importing them."""

import ast
import functools
import pathlib

PACKAGE = pathlib.Path(__file__).parents[2]
ROOT = PACKAGE.name

STUBS = {ROOT: "__init__.pyi", f"{ROOT}.course": "course/__init__.pyi"}
"""Where the public names are written, by the package that a reader imports them from."""


@functools.lru_cache(maxsize=8)  # what is asked of a program is asked at once
def parse(code: str) -> ast.Module:
    """Return the syntax tree of some code, to read only; an empty one if it does not parse."""
    try:
        return ast.parse(code)
    except SyntaxError:
        return ast.Module([], [])


@functools.cache
def names_in(code: str) -> frozenset[str]:
    """Return every name that some Python code uses; none if it does not parse.

    Examples:
        >>> sorted(names_in("t = trace(lstm, x)"))
        ['lstm', 't', 'trace', 'x']
    """
    names = set()
    for node in ast.walk(parse(code)):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            module = getattr(node, "module", None) or ""
            names |= {part.name.partition(".")[0] for part in node.names}
            names.add(module.partition(".")[0])
    return frozenset(names - {""})


def public_names(folder: pathlib.Path = PACKAGE) -> dict[str, str]:
    """Return the module of every name that fences see, dotted, from below the package."""
    return {
        name: f"{package}.{module}".removeprefix(f"{ROOT}.")
        for package, stub in STUBS.items()
        if (folder / stub).exists()
        for name, module in _homes((folder / stub).read_text("utf-8")).items()
    }


def importable_from(package: str) -> frozenset[str]:
    """Return the public names that a reader imports from "rnn_figures" or "rnn_figures.course"."""
    return frozenset(_homes((PACKAGE / STUBS[package]).read_text("utf-8")))


@functools.lru_cache(maxsize=8)
def _homes(stub: str) -> dict[str, str]:
    """Return the module of every name of a stub, from below the stub's package."""
    return {
        part.name: node.module or ""
        for node in ast.parse(stub).body
        if isinstance(node, ast.ImportFrom)
        for part in node.names
    }
