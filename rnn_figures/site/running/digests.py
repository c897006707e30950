"""Digests of the modules of the package that some code reaches, found without importing them.

A figure is drawn again when, and only when, a module that its code can reach has changed: were it
drawn again at every change, each change of one plot would draw the whole site.
"""

import ast
import functools
import hashlib
import pathlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from rnn_figures.site.running.names import PACKAGE, ROOT, parse, public_names

ENGINE = "site.running.worker"
"""What runs and frames every fence: reached by all code."""

DYNAMIC = {"importlib", "import_module", "__import__", "exec", "eval", "globals", ROOT}
"""Names in a fence after which anything may be reached."""

IMPORT = re.compile(
    rf"^[ \t]*(?:from {ROOT}[\w.]* import (?:\([^)]*\)|[^\n]*)|import {ROOT}[^\n]*)".encode(),
    re.MULTILINE,
)
"""An import of the package, as its formatter writes it: to parse whole modules for these lines
took most of a second of each build. One in a string is read too: then more is reached, not less."""


@dataclass(frozen=True, eq=False)
class Package:
    """The package as its files were when it was read.

    Attributes:
        digests: Digest of each module, by its dotted name below the package; "" is its `__init__`.
            Of each stub, by its path: a new name is seen by a new worker only.
        imports: What each module imports of the package: dotted names of modules, or of names in
            them.
        homes: Module by public name.
    """

    digests: Mapping[str, str]
    imports: Mapping[str, frozenset[str]]
    homes: Mapping[str, str]


def read_package(folder: pathlib.Path = PACKAGE) -> Package:
    """Read the package as its files are now."""
    sources = {_dotted(path, folder): path.read_bytes() for path in folder.rglob("*.py")}
    stubs = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.pyi")}
    contents = sources | {name: path.read_bytes() for name, path in stubs.items()}
    return Package(
        {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
        {name: _imports(source) for name, source in sources.items()},
        public_names(folder),
    )


def digest(names: Collection[str] | None = None, package: Package | None = None) -> str:
    """Return the SHA-256 of the modules that code with these names reaches; of all without names.

    A name that may reach anything stands for all too. It is the same for the same contents,
    wherever the package is.
    """
    package = package or read_package()
    if names is None or DYNAMIC & set(names):
        return _digest(None, package)
    return _digest(frozenset(package.homes.keys() & set(names)), package)


def file_digest(path: str) -> str:
    """Return the digest of a file that a fence read; that of nothing if it is gone."""
    try:
        content = pathlib.Path(path).read_bytes()
    except OSError:
        content = b""
    return hashlib.sha256(content).hexdigest()


def unchanged(reads: Mapping[str, str]) -> bool:
    """Return whether files still have the digests that they had when they were read."""
    return all(file_digest(path) == digest for path, digest in reads.items())


@functools.lru_cache(maxsize=1024)
def _digest(public: frozenset[str] | None, package: Package) -> str:
    """Return the digest of what public names reach; of every module for None."""
    reached = set(package.digests)
    if public is not None:
        reached = _reached({ENGINE, *(f"{package.homes[name]}.{name}" for name in public)}, package)
    together = "".join(f"{name} {package.digests[name]}\n" for name in sorted(reached))
    return hashlib.sha256(together.encode()).hexdigest()


def _dotted(path: pathlib.Path, package: pathlib.Path) -> str:
    parts = path.relative_to(package).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


@functools.lru_cache(maxsize=1024)
def _imports(source: bytes) -> frozenset[str]:
    """Return what a module imports of the package, wherever in the file."""
    found = set()
    for statement in IMPORT.findall(source):
        for node in parse(statement.decode().strip()).body:
            if isinstance(node, ast.Import):
                found |= {part.name for part in node.names}
            elif isinstance(node, ast.ImportFrom):
                found |= {f"{node.module}.{part.name}" for part in node.names}
    return frozenset(name.removeprefix(f"{ROOT}.") for name in found if name.startswith(f"{ROOT}."))


def _reached(start: Iterable[str], package: Package) -> set[str]:
    """Return the modules that some dotted names come from, and all that those import."""
    reached: set[str] = set()
    waiting = list(start)
    while waiting:
        module = _home(waiting.pop(), package)
        if module not in reached:
            reached.add(module)
            waiting += package.imports[module]
    return reached


def _home(name: str, package: Package) -> str:
    """Return the module that a dotted name is, or that it comes from.

    A folder's `__init__` only passes names on, so that what it has a name from is what counts.
    """
    if name in package.imports:
        return name
    folder, _, last = name.rpartition(".")
    if folder in ("", "course"):
        return package.homes.get(last, folder)
    for passed_on in package.imports[folder]:
        if passed_on.rpartition(".")[2] == last and passed_on.startswith(f"{folder}."):
            return _home(passed_on, package)
    return folder
