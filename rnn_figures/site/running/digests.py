"""Tell which modules of the package some code reaches, and give their digest; imports none of them.

A figure is drawn again when, and only when, a module that its code can reach has changed.
"""

import ast
import functools
import hashlib
import pathlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

PACKAGE = pathlib.Path(__file__).parents[2]
ROOT = PACKAGE.name

STUBS = {ROOT: "__init__.pyi", f"{ROOT}.course": "course/__init__.pyi"}
"""Where the public names are written, by the package that a reader imports them from."""

IMPORTERS = {"import_module", "__import__"}
DYNAMIC = {*IMPORTERS, "importlib", "exec", "eval", "globals", ROOT}
"""Names in a fence after which anything may be reached."""

ANYTHING = "*"
"""Stands for every module, among a module's imports."""


class Module(NamedTuple):
    """What is known of one file of the package."""

    digest: str
    imports: frozenset[str]  # dotted names below the package: modules, or names in modules
    passes_on: dict[str, str]  # a package's __init__ that does nothing else: its names' origins


@dataclass(frozen=True, eq=False)
class Package:
    """The package as its files were when it was read.

    Attributes:
        modules: By dotted name below the package; "" is its `__init__`.
        homes: Module by public name, of the package and of its course.
    """

    modules: Mapping[str, Module]
    homes: Mapping[str, str]


@functools.lru_cache(maxsize=8)  # what is asked of a program is asked at once
def parse(code: str) -> ast.Module:
    """Return the syntax tree of some code, to read only; an empty one if it is no Python."""
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
    """Return the module of every name that fences see, read from the stubs, not imported."""
    homes = {}
    for package, stub in STUBS.items():
        path = folder / stub
        inside = _below(package)
        for name, home in _homes(path, *_version(path)).items() if path.exists() else ():
            homes[name] = f"{inside}.{home}".lstrip(".")
    return homes


def importable_from(package: str) -> frozenset[str]:
    """Return the public names that a reader imports from "rnn_figures" or "rnn_figures.course"."""
    path = PACKAGE / STUBS[package]
    return frozenset(_homes(path, *_version(path)))


def read_package(folder: pathlib.Path = PACKAGE) -> Package:
    """Read the package as its files are now; a file that has not changed is not read again."""
    modules = {
        _dotted(path, folder): _parsed(path, folder, *_version(path))
        for path in folder.rglob("*.py")
    }
    return Package(modules, public_names(folder))


def digest(names: Collection[str] | None = None, package: Package | None = None) -> str:
    """Return the digest of the modules that code with these names reaches.

    Args:
        names: Names that the code uses; None, or one that may reach anything, for every module.
        package: What `read_package` returned; None for what it returns now.

    Returns:
        SHA-256 in hex; the same for the same contents, wherever the package is.
    """
    package = package or read_package()
    if names is None or DYNAMIC & set(names):
        return _digest(None, package)
    return _digest(frozenset(package.homes.keys() & set(names)), package)


@functools.lru_cache(maxsize=1024)
def _digest(public: frozenset[str] | None, package: Package) -> str:
    """Return the digest of what public names reach; of every module for None."""
    modules, homes = package.modules, package.homes
    if public is None:
        reached = set(modules)
    else:
        # What frames a figure is reached by every fence. The package's own __init__ has no part
        # in a figure but the homes of its names.
        inner = {name: module for name, module in modules.items() if name}
        names = {f"{homes[name]}.{name}" for name in public}
        reached = _closure({"site.running.worker", *names}, inner, homes)
    together = hashlib.sha256()
    for name in sorted(reached):
        together.update(f"{name} {modules[name].digest}\n".encode())
    return together.hexdigest()


def _dotted(path: pathlib.Path, package: pathlib.Path) -> str:
    parts = path.relative_to(package).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def _version(path: pathlib.Path) -> tuple[int, int]:
    """Return what tells a file from what it was: when it changed, and its size."""
    status = path.stat()
    return status.st_mtime_ns, status.st_size


@functools.cache
def _homes(path: pathlib.Path, changed: int, size: int) -> dict[str, str]:
    """Return the module of every name of a stub, once for each version of the stub."""
    return {
        part.name: node.module or ""
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.ImportFrom)
        for part in node.names
    }


@functools.cache
def _parsed(path: pathlib.Path, package: pathlib.Path, changed: int, size: int) -> Module:
    """Read a file once for each of its versions."""
    text = path.read_bytes()
    tree = ast.parse(text)
    own = _dotted(path, package).split(".")
    folder = own if path.name == "__init__.py" else own[:-1]
    imports = frozenset(_imports(tree, folder))
    passes_on = {}
    if path.name == "__init__.py" and all(map(_only_passes_on, tree.body)):
        passes_on = {name.rpartition(".")[2]: name for name in imports}
    return Module(hashlib.sha256(text).hexdigest(), imports, passes_on)


def _only_passes_on(statement: ast.stmt) -> bool:
    """Tell whether a statement is a docstring, an import from a module, or the list __all__."""
    if isinstance(statement, ast.Assign):
        return ast.unparse(statement.targets[0]) == "__all__"
    return isinstance(statement, ast.ImportFrom) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


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
    """Return the modules that some dotted names come from, and all that those import.

    Args:
        start: Names of modules, or of things in modules, below the package.
        found: Every module of the package.
        homes: Module by public name: what `from rnn_figures import name` imports.
    """
    reached: set[str] = set()
    waiting = list(start)
    while waiting:
        name = waiting.pop()
        if name == ANYTHING:
            return set(found)
        module, _, thing = name.rpartition(".")
        if name in homes:
            waiting.append(f"{homes[name]}.{name}")
        elif name not in found and module in found:
            # a package that passes a name on reaches no more than the module it has it from
            waiting.append(found[module].passes_on.get(thing, module))
        elif name in found and name not in reached:
            reached.add(name)
            waiting += found[name].imports
            if module in found and not found[module].passes_on:
                waiting.append(module)  # a.b runs a's __init__
    return reached
