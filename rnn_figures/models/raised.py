"""What to do about an error of torch's in a model's run, as far as it shows from where it arose.

Torch says what it found wrong, often not which value that was. The frames of its own functions,
which the error's traceback holds, have the values.
"""

import difflib
import inspect
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FrameType
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnn_figures.models.graphs import tensors_in
from rnn_figures.models.watching import is_torchs
from rnn_figures.numbers import counted, digits
from rnn_figures.traces.runs import states_of


def tell(
    model: nn.Module, given: Sequence[Any], named: Mapping[str, Any], error: Exception
) -> None:
    """Add to an error what to do about it, in sentences."""
    try:
        sentences = [
            *_of_arguments(model, given, named, error),
            *_of_devices(model, (given, named), error),
            *_of_frames(error),
        ]
    except Exception as failure:  # to explain an error must not take its place
        sentences = [f"No more can be said of it here: {failure!r}."]
    for sentence in sentences:
        error.add_note(sentence)


def _of_arguments(
    model: nn.Module, given: Sequence[Any], named: Mapping[str, Any], error: Exception
) -> Iterator[str]:
    """Yield what to do where what a model takes came in one dict or list, or the dict's parts."""
    try:
        taken = inspect.signature(model.forward).parameters
    except ValueError:  # of a function that has none
        return
    batch = given[0] if len(given) == 1 else None
    if isinstance(batch, Mapping) and taken.keys() & batch.keys():
        yield "It was given one dict; (model, **dict) gives what is in it."
    if isinstance(batch, tuple | list) and len(batch) > 1:
        kind = type(batch).__name__
        if len(batch) <= len(taken):
            yield f"It was given one {kind}; (model, *it) gives its parts."
        elif len(taken) == 1 and all(isinstance(part, Tensor) for part in batch):
            yield (
                f"Its forward takes {next(iter(taken))} alone, and was given a {kind} of "
                f"{len(batch)} tensors; such as batch[0] of a DataLoader's batch is one."
            )
    rest = {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
    kinds = {each.kind for each in taken.values()}
    unknown = [name for name in named if name not in taken]
    if isinstance(error, TypeError) and unknown and len(taken) == 1 and not given:
        own = next(iter(taken))
        yield f"Its forward takes {own} alone: if that is one dict, (model, dict) gives it."
    elif isinstance(error, TypeError) and unknown and not kinds & rest:
        extra = ", ".join(f"{name}=" for name in unknown)
        yield f"Its forward takes {', '.join(taken) or 'nothing'}, and was given {extra} as well."
    by_place = [
        name
        for name, each in taken.items()
        if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
    ]
    if inspect.Parameter.VAR_POSITIONAL not in kinds and len(given) > len(by_place):
        yield (
            f"Its forward takes {', '.join(by_place) or 'nothing'}, and was given "
            f"{counted(len(given), 'argument')}."
        )


def _of_devices(model: nn.Module, given: Any, error: Exception) -> Iterator[str]:
    """Yield what to do where a model and what it is given are on different devices."""
    own = {str(weight.device) for weight in model.parameters()}
    others = {str(value.device) for value in tensors_in(given)}
    if not isinstance(error, RuntimeError) or not own or not others or own & others:
        return
    if "device" not in str(error) and "meta" not in str(error):
        return
    here, there = (", ".join(sorted(each)) for each in (own, others))
    yield f"The model is on {here}, and what it was given on {there}."
    if "meta" in own:
        yield (
            "Weights on meta have no numbers: make the model on a device that has them, or call "
            "model.to_empty(device=...), and load_state_dict."
        )
    elif "meta" in others:
        yield "A tensor on meta has a shape and no numbers: make it on a device that has them."
    else:
        yield f"input.to({sorted(own)[0]!r}) is where the model is."


def _of_frames(error: Exception) -> Iterator[str]:
    """Yield what the innermost of torch's functions, of those that are known, says of a value."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    for frame in reversed(frames):
        look = _LOOKS.get(frame.f_code.co_qualname)
        if look is not None and is_torchs(frame):
            yield from look(frame)
            return


def _embedding(frame: FrameType) -> Iterator[str]:
    ids, weight = frame.f_locals["input"], frame.f_locals["weight"]
    if not isinstance(ids, Tensor):
        yield f"An embedding takes a tensor of whole numbers, got {_words(ids)}."
    elif ids.is_floating_point():
        yield f"An embedding takes whole numbers, got {_words(ids)}: ids.long() are."
    elif ids.numel() and (int(ids.min()) < 0 or int(ids.max()) >= len(weight)):
        yield (
            f"The words are {int(ids.min())} to {int(ids.max())}, and the embedding has "
            f"{len(weight)} vectors, for 0 to {len(weight) - 1}."
        )
        if int(ids.min()) < 0:
            yield (
                "A number below 0, such as -100, tells a loss what to leave out, and is no word: "
                "pad the input with a word of its own, padding_idx."
            )


def _pack(frame: FrameType) -> Iterator[str]:
    padded, lengths = frame.f_locals["input"], frame.f_locals["lengths"]
    first = bool(frame.f_locals["batch_first"])
    if not isinstance(padded, Tensor) or padded.dim() < 2:
        yield f"pack_padded_sequence takes a padded batch, got {_words(padded)}."
        return
    steps, several = padded.shape[1 if first else 0], padded.shape[0 if first else 1]
    layout = "(N, L, H)" if first else "(L, N, H)"
    read = f"The input {tuple(padded.shape)} is read as {layout}"
    counts = torch.as_tensor(lengths)
    if counts.dim() != 1:
        yield f"Lengths are one whole number for each sequence, got {_words(counts)}."
        if counts.dim() > 1 and counts.numel() == several:
            yield f"lengths.flatten() has the shape ({several},)."
        elif counts.dim() > 1:
            yield f"The input is {tuple(padded.shape)}: they may have changed places."
        return
    if len(counts) != several:
        yield f"{read}: {several} sequences, and there are {len(counts)} lengths."
        if len(counts) == steps:
            yield f"batch_first={not first} takes the other axis for the sequences."
    elif several and int(counts.max()) > steps:
        yield f"{read}: {steps} steps, and a length is {int(counts.max())}."
    elif several and int(counts.min()) < 1:
        yield (
            f"A length is {int(counts.min())}: leave out a sequence without a step, and put "
            "a result for it in its place."
        )


def _classes(frame: FrameType) -> Iterator[str]:
    """Yield what to do about scores of classes and their targets."""
    scores, target = frame.f_locals["input"], frame.f_locals["target"]
    if not isinstance(scores, Tensor) or not isinstance(target, Tensor) or not scores.dim():
        return
    classes = scores.shape[min(scores.dim() - 1, 1)]
    read = f"The scores {tuple(scores.shape)} are read as {SCORES[min(scores.dim(), 3) - 1]}"
    by_class = torch.Size((*scores.shape[:1], *scores.shape[2:]) if scores.dim() > 1 else ())
    if target.is_floating_point() and target.shape == scores.shape:
        return  # shares of the classes
    if target.shape != by_class:
        yield f"{read}, and the targets are {tuple(target.shape)}, due {tuple(by_class)}."
        if scores.dim() > 2 and target.shape == scores.shape[:-1]:
            yield (
                "With the classes last, cross_entropy(scores.flatten(0, -2), target.flatten()) "
                "takes each step by itself."
            )
        elif target.numel() == by_class.numel():
            yield f"target.reshape({', '.join(map(str, by_class))}) has that shape."
    elif target.is_floating_point():
        yield f"Classes are whole numbers, got {_words(target)}: target.long() are."
    else:
        asked = target[target != frame.f_locals["ignore_index"]]
        if asked.numel() and not 0 <= int(asked.min()) <= int(asked.max()) < classes:
            yield (
                f"{read}: the classes are 0 to {classes - 1}, and the targets "
                f"{int(asked.min())} to {int(asked.max())}."
            )
            yield "What is no class, such as padding, is left out by ignore_index=."


def _yes_or_no(frame: FrameType) -> Iterator[str]:
    scores, target = frame.f_locals["input"], frame.f_locals["target"]
    if not isinstance(scores, Tensor) or not isinstance(target, Tensor):
        return
    if scores.shape != target.shape:
        yield (
            f"The predictions are {tuple(scores.shape)} and the targets {tuple(target.shape)}: "
            "prediction.squeeze(-1), or target.unsqueeze(-1), has the axes of the other."
        )
    elif not target.is_floating_point():
        yield f"Targets here are probabilities, got {_words(target)}: target.float() are."
    elif not bool(((target >= 0) & (target <= 1)).all()):
        yield f"The targets are {digits(float(target.min()))} to {digits(float(target.max()))}."
    elif frame.f_code.co_name == "binary_cross_entropy":
        yield (
            "It takes probabilities, as a sigmoid gives them; scores of a Linear go into "
            "binary_cross_entropy_with_logits."
        )


def _norm(frame: FrameType) -> Iterator[str]:
    given = frame.f_locals["input"]
    if isinstance(given, Tensor) and given.dim() > 1 and given.numel() == given.shape[1]:
        yield (
            f"It was given {_words(given)}, one number for each channel: in training mode a batch "
            "norm needs several. Give it several sequences, or call model.eval() first."
        )


def _no_forward(frame: FrameType) -> Iterator[str]:
    module = frame.f_locals["self"]
    if isinstance(module, nn.ModuleList | nn.ModuleDict):
        yield (
            f"A {type(module).__name__} keeps modules and calls none: call them in the forward of "
            "a module, or each by itself."
        )
        return
    own = [name for name, value in vars(type(module)).items() if callable(value)]
    for name in difflib.get_close_matches("forward", own, 1):
        yield f"It has {name}: torch calls forward."


def _linear(frame: FrameType) -> Iterator[str]:
    given = frame.f_locals["input"]
    if isinstance(given, PackedSequence):
        yield (
            "It was given a PackedSequence: pad_packed_sequence(output, batch_first=True)[0] is a "
            "tensor again, and linear(output.data) reads its steps."
        )
    elif isinstance(given, tuple):
        yield (
            "A recurrent layer returns a tuple, output and state: output, state = rnn(x). In "
            "nn.Sequential a module of its own must take output alone."
        )


def _cell(frame: FrameType) -> Iterator[str]:
    cell, read, hx = (frame.f_locals[name] for name in ("self", "input", "hx"))
    if read.dim() > 2:
        yield f"{cell} reads one step, (N, H_in), and was given {_words(read)}: call it in a loop."
        return
    if read.shape[-1] != cell.input_size:
        yield f"{cell} reads (N, H_in), H_in = {cell.input_size}, and was given {_words(read)}."
    due = (*read.shape[:-1], cell.hidden_size)
    for letter, part in zip("hc", states_of(hx), strict=False):
        if isinstance(part, Tensor) and part.shape != due:
            yield f"{letter} of {cell} is (N, H) = {due}, and it was given {tuple(part.shape)}."


SCORES = ("(classes,)", "(N, classes)", "(N, classes, ...)")
"""How a cross-entropy reads scores of one axis, of two, and of more."""

_LOOKS: dict[str, Callable[[FrameType], Iterator[str]]] = {
    **dict.fromkeys(("cross_entropy", "nll_loss"), _classes),
    **dict.fromkeys(("binary_cross_entropy", "binary_cross_entropy_with_logits"), _yes_or_no),
    "batch_norm": _norm,
    "_forward_unimplemented": _no_forward,
    "pack_padded_sequence": _pack,
    "embedding": _embedding,
    "Linear.forward": _linear,
    "LayerNorm.forward": _linear,
    "Dropout.forward": _linear,
    "ReLU.forward": _linear,
    **dict.fromkeys(("LSTMCell.forward", "GRUCell.forward", "RNNCell.forward"), _cell),
}
"""By the name of a function of torch's, with its class."""


def _words(value: Any) -> str:
    if isinstance(value, Tensor):
        return f"{str(value.dtype).removeprefix('torch.')} of shape {tuple(value.shape)}"
    return f"a {type(value).__name__}"
