"""A model, its checkpoint and its inputs, as a command names them."""

import contextlib
import copy
import importlib
import math
import pathlib
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from rnn_figures.shell.errors import WrongUse, as_one_sentence, first_line
from rnn_figures.shell.parameters import seed as seed_option

if TYPE_CHECKING:
    from torch import Tensor, nn

TARGET = re.compile(r"[\w.]+:[\w.]+")
"""`package.module:factory`."""

INPUT = re.compile(r"(?P<shape>\d+(,\d+)*)(:(?P<dtype>[a-z]+\d*)(:(?P<below>\d+))?)?")
"""`8,1,5`, `2,7:int64`, `2,7:int64:20`."""

WEIGHTS = ("state_dict", "model_state_dict", "model", "net")
"""Where a checkpoint may hold the weights beside other things."""

MOST = 2**30
"""Numbers that an input may have, or a layer's weights: 4 GB."""

TOKENS = 2
"""Integers are drawn below it where an input does not say below what."""

INPUT_HELP = (
    "An input, once for each: its shape, such as 8,1,5, filled with random numbers; with a dtype, "
    "2,7:int64; of integers also below what, 2,7:int64:20; or a file, .pt or .npy."
)


def a_model(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that every command on a model has."""
    options = (
        click.argument("target", metavar="MODULE:FACTORY"),
        click.option("--input", "inputs", multiple=True, metavar="SHAPE", help=INPUT_HELP),
        seed_option(help="Of weights and inputs."),
        click.option("--train", is_flag=True, help="In training mode, not in eval mode."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def model_of(target: str, *, state: pathlib.Path | None, seed: int, train: bool) -> "nn.Module":
    """Return the model that `package.module:name` is or makes, with a checkpoint's weights."""
    import torch
    from torch import nn

    if not TARGET.fullmatch(target):
        raise WrongUse(f"expected package.module:factory, got {target!r}")
    name, _, attribute = target.partition(":")
    torch.manual_seed(seed)
    with _from_here():
        found = _imported(name)
        for part in attribute.split("."):
            with as_one_sentence(AttributeError, before=f"expected {target}: "):
                found = getattr(found, part)
        if isinstance(found, nn.Module):
            found = copy.deepcopy(found)  # of which another checkpoint may be loaded too
        elif callable(found):
            with as_one_sentence(
                Exception, SystemExit, before=f"{target} raised, called with nothing: "
            ):
                found = found()
        if not isinstance(found, nn.Module):
            raise WrongUse(
                f"expected {target} to be a module or a function that returns one, got "
                f"{found!r:.60}"
            )
    if state is not None:
        _load(found, state)
    return found.train(train)


def inputs_of(given: Sequence[str], seed: int) -> list["Tensor"]:
    """Return the inputs that a command names, in order."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    return [_input(text, generator) for text in given]


@contextlib.contextmanager
def running(target: str) -> Iterator[None]:
    """Turn what a model raises while it runs, also an end of the program, into a WrongUse."""
    try:
        with as_one_sentence(Exception):
            yield
    except SystemExit as end:
        raise WrongUse(f"{target} ended the program, with {end.code!r}, while it ran") from None


@contextlib.contextmanager
def _from_here():
    """Let the modules of the folder that the command runs in be imported."""
    sys.path.insert(0, str(pathlib.Path.cwd()))
    try:
        yield
    finally:
        sys.path.pop(0)


def _imported(name: str) -> Any:
    """Import a module; a WrongUse where there is none of that name, or it raises."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name.partition(".")[0] and error.name != name:
            raise WrongUse(f"{name} needs {error.name}, which is not installed") from None
        raise WrongUse(
            f"expected a module to import, got {name!r}, which is neither installed nor in "
            f"{pathlib.Path.cwd()}"
        ) from None
    except (Exception, SystemExit) as error:
        raise WrongUse(f"{name} raised while it was imported: {first_line(error)}") from None


def _load(model: "nn.Module", path: pathlib.Path) -> None:
    """Load a checkpoint into a model; a WrongUse where its weights are not the model's."""
    found = _torch_file(path)
    if isinstance(found, Mapping):
        found = next((found[key] for key in WEIGHTS if isinstance(found.get(key), Mapping)), found)
    if not isinstance(found, Mapping):
        raise WrongUse(f"expected a state dict in {path}, got {type(found).__name__}")
    odd = [key for key in found if not isinstance(key, str)]
    if odd:
        raise WrongUse(f"expected names of weights in {path}, got {odd[0]!r:.40}")
    with as_one_sentence(RuntimeError, before=f"{path} is no checkpoint of this model: "):
        model.load_state_dict(found)


def _torch_file(path: pathlib.Path) -> Any:
    """Return what torch.save wrote, weights and tensors only: no code of the file is run."""
    import torch

    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        said = first_line(error).partition(". ")[0]
        if "Weights only" in said:
            said += "; save the weights alone: torch.save(model.state_dict(), path)"
        raise WrongUse(
            f"expected a file of tensors that torch.save wrote, got {path}: {said}"
        ) from None


def _input(text: str, generator: Any) -> "Tensor":
    """Return one input; a WrongUse where it is neither a shape nor a file that can be read."""
    import numpy as np
    import torch

    path = pathlib.Path(text)
    if path.suffix in (".pt", ".pth"):
        return _torch_file(path)
    if path.suffix == ".npy":
        with as_one_sentence(
            OSError, ValueError, TypeError, before=f"expected a file of numbers, got {text}: "
        ):
            return torch.from_numpy(np.load(path))
    found = INPUT.fullmatch(text.replace(" ", ""))
    if not found:
        raise WrongUse(
            f"expected an input like 8,1,5 or 2,7:int64:20 or a .pt or .npy file, got {text!r}"
        )
    shape = [int(size) for size in found["shape"].split(",")]
    if math.prod(shape) > MOST:
        raise WrongUse(f"expected an input of up to {MOST:.0e} numbers, got {text}")
    dtype = getattr(torch, found["dtype"] or "float32", None)
    if not isinstance(dtype, torch.dtype):
        raise WrongUse(f"expected a dtype of torch, such as float32 or int64, got {found['dtype']}")
    if dtype == torch.bool:
        return torch.rand(shape, generator=generator) < 0.5
    if dtype.is_floating_point:
        return torch.randn(shape, generator=generator).to(dtype)
    below = int(found["below"] or TOKENS)
    if not 0 < below < 2**63:
        raise WrongUse(f"expected integers below 1 to 2**63, got {text!r}; say 2,7:int64:20")
    return torch.randint(below, shape, generator=generator).to(dtype)
