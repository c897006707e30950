"""Tell which modules of the package some code reaches, and give their digest; imports none of them.

A figure is drawn again when, and only when, a module that its code can reach has changed.
"""

import ast
import functools
import hashlib
import pathlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

PACKAGE = pathlib.Path(__file__).parent
ROOT = PACKAGE.name

IMPORTERS = {"import_module", "__import__"}
DYNAMIC = {*IMPORTERS, "importlib", "exec", "eval", "globals", ROOT}
"""Names in a fence after which anything may be reached."""

ANYTHING = "*"
"""Stands for every module, among a module's imports."""


class Module(NamedTuple):
    """What is known of one file of the package."""

    digest: str
    imports: frozenset[str]  # dotted names below the package; may name things that are no modules


def parse(code: str) -> ast.Module:
    """Return the syntax tree of some code; an empty one if it is no Python."""
    try:
        return ast.parse(code)
    except SyntaxError:
        return ast.Module([], [])


def names_in(code: str) -> frozenset[str]:
    """Return every name that some Python code uses; none if it does not parse.

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
    return frozenset(names)


def public_names(package: pathlib.Path = PACKAGE) -> dict[str, str]:
    """Return the module of every public name, read from the package's `__init__`, not imported."""
    for node in ast.parse((package / "__init__.py").read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_PUBLIC":
            homes = ast.literal_eval(node.value)
            return {name: module for module, names in homes.items() for name in names}
    raise ValueError(f"expected a literal _PUBLIC in {package / '__init__.py'}, found none")


def digest(names: Collection[str] | None = None, package: pathlib.Path = PACKAGE) -> str:
    """Return the digest of the modules that code with these names reaches.

    Args:
        names: Names that the code uses; None, or one that may reach anything, for every module.
        package: The package's folder.

    Returns:
        SHA-256 in hex; the same for the same contents, wherever the package is.
    """
    modules = {_dotted(path, package): path for path in sorted(package.rglob("*.py"))}
    found = {name: _read(path, package) for name, path in modules.items()}
    if names is None or DYNAMIC & set(names):
        reached = set(found)
    else:
        # What frames a figure is reached by every fence.
        reached = _closure({"worker", *names}, found, public_names(package))
    together = hashlib.sha256()
    for name in sorted(reached):
        together.update(f"{name} {found[name].digest}\n".encode())
    return together.hexdigest()


def _dotted(path: pathlib.Path, package: pathlib.Path) -> str:
    parts = path.relative_to(package).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def _read(path: pathlib.Path, package: pathlib.Path) -> Module:
    status = path.stat()
    return _parsed(path, package, status.st_mtime_ns, status.st_size)


@functools.cache
def _parsed(path: pathlib.Path, package: pathlib.Path, changed: int, size: int) -> Module:
    """Read a file once for each of its versions."""
    text = path.read_bytes()
    own = _dotted(path, package).split(".")
    folder = own if path.name == "__init__.py" else own[:-1]
    imports = frozenset(_imports(ast.parse(text), folder))
    return Module(hashlib.sha256(text).hexdigest(), imports)


def _imports(tree: ast.Module, folder: list[str]) -> Iterator[str]:
    """Walk what a file of the package imports of the package, wherever in the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (_below(part.name) or ANYTHING for part in node.names if _is_ours(part.name))
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                module = ".".join([ROOT, *folder[: len(folder) - node.level + 1], module])
            if _is_ours(module):
                base = _below(module.rstrip("."))
                yield base
                yield from (f"{base}.{part.name}".lstrip(".") for part in node.names)
        elif {getattr(node, "attr", None), getattr(node, "id", None)} & IMPORTERS:
            yield ANYTHING


def _is_ours(module: str) -> bool:
    return module == ROOT or module.startswith(f"{ROOT}.")


def _below(module: str) -> str:
    return module.removeprefix(ROOT).lstrip(".")


def _closure(
    start: Iterable[str], found: Mapping[str, Module], homes: Mapping[str, str]
) -> set[str]:
    """Return the modules among `start`, those of its public names, and all that they import."""
    reached: set[str] = set()
    waiting = list(start)
    while waiting:
        name = waiting.pop()
        name = homes.get(name, name)
        if name == ANYTHING:
            return set(found)
        # "" is the package's own __init__: its only part in a figure is the homes of names.
        if name and name in found and name not in reached:
            reached.add(name)
            waiting += [*found[name].imports, name.rpartition(".")[0]]  # a.b runs a's __init__
    return reached
