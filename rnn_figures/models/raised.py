"""What to do about an error of torch's in a model's run, as far as it shows from where it arose.

Torch says what it found wrong, often not which value that was. The frames of its own functions,
which the error's traceback holds, have the values.
"""

import inspect
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FrameType
from typing import Any

from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnn_figures.models.graphs import tensors_in
from rnn_figures.models.watching import is_torchs
from rnn_figures.numbers import counted
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
    unknown = named.keys() - taken.keys()
    if isinstance(error, TypeError) and unknown and len(taken) == 1 and not given:
        own = next(iter(taken))
        yield f"Its forward takes {own} alone: if that is one dict, (model, dict) gives it."
    kinds = {each.kind for each in taken.values()}
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
    counts = lengths.tolist() if isinstance(lengths, Tensor) else list(lengths)
    steps, several = padded.shape[1 if first else 0], padded.shape[0 if first else 1]
    layout = "(N, L, H)" if first else "(L, N, H)"
    read = f"The input {tuple(padded.shape)} is read as {layout}"
    if len(counts) != several:
        yield f"{read}: {several} sequences, and there are {len(counts)} lengths."
        if len(counts) == steps:
            yield f"batch_first={not first} takes the other axis for the sequences."
    elif counts and max(counts) > steps:
        yield f"{read}: {steps} steps, and a length is {max(counts)}."
    elif counts and min(counts) < 1:
        yield (
            f"A length is {min(counts)}: leave out a sequence without a step, and put a result for "
            "it in its place."
        )


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


_LOOKS: dict[str, Callable[[FrameType], Iterator[str]]] = {
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
