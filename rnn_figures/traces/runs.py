"""What all runs of a module for a figure share: refusals, precision, one form in and out."""

import contextlib
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from rnn_figures.configurations import NO_VALUES, class_name
from rnn_figures.weights import num_directions, output_size

MAKES_NUMBERS = "token ids become vectors in an nn.Embedding first, other numbers by input.float()"
"""What makes an input in floating point of whole numbers."""


MAKES_REAL = "input.abs() is the size of each, torch.view_as_real(input) has both parts"
"""What makes an input in floating point of complex numbers."""


def data_of(value: Any) -> Any:
    """Return the numbers of a value: of a packed sequence, its data."""
    return value.data if isinstance(value, PackedSequence) else value


def states_of(state: Any) -> tuple[Any, ...]:
    """Return a state as a tuple: h, and c of an LSTM."""
    return state if isinstance(state, tuple) else (state,)


def dispatches(value: Tensor) -> bool:
    """Return whether a tensor is of a class that computes in a way of its own."""
    kinds = type(value).__mro__
    return any("__torch_dispatch__" in vars(kind) for kind in kinds[: kinds.index(Tensor)])


def as_numbers(value: Any) -> Any:
    """Return tensors without a class of their own, whose operators need not be torch's.

    Raises:
        TypeError: a class whose numbers torch itself does not hold.
    """
    if isinstance(value, PackedSequence):
        return value._replace(data=as_numbers(value.data))
    if isinstance(value, tuple | list):
        return tuple(map(as_numbers, value))
    if not isinstance(value, Tensor) or type(value) in (Tensor, nn.Parameter):
        return value
    if dispatches(value):
        raise TypeError(f"expected tensors of torch's own, got a {type(value).__name__}")
    with torch._C.DisableTorchFunctionSubclass():
        return value.as_subclass(Tensor)


def refuse_random(module: nn.RNNBase) -> None:
    """Raise ValueError where no second run of a module could agree with the first."""
    class_name(module)
    if next(module.parameters()).is_meta:
        raise ValueError(NO_VALUES)
    if module.training and module.dropout > 0 and module.num_layers > 1:
        raise ValueError(
            f"expected a module without active dropout, got dropout={module.dropout} in training "
            "mode, which draws new masks on each run; call module.eval() first"
        )


def refuse_other_kinds(module: nn.RNNBase, input: Tensor | PackedSequence, hx: Any) -> None:
    """Raise TypeError for what a module does not take, where torch's message does not say so."""
    data = data_of(input)
    if data.layout != torch.strided:
        raise TypeError(f"expected a dense tensor, got {data.layout}; input.to_dense() makes one")
    if not data.is_floating_point():
        got = f"{str(data.dtype).removeprefix('torch.')} of shape {tuple(data.shape)}"
        words = MAKES_REAL if data.is_complex() else MAKES_NUMBERS
        raise TypeError(f"expected an input in floating point, got {got}; {words}")
    if isinstance(hx, Tensor) and isinstance(module, nn.LSTM):
        got = f"got one tensor of shape {tuple(hx.shape)}"
        raise TypeError(f"expected the state of an LSTM as a tuple, (h_0, c_0), {got}")
    if isinstance(hx, tuple | list) and not isinstance(module, nn.LSTM):
        raise TypeError(
            f"expected the state of {class_name(module)} as one tensor, h_0, got {len(hx)} of "
            "them; only an LSTM has c_0"
        )


@contextlib.contextmanager
def telling_shapes(module: nn.RNNBase, input: Tensor | PackedSequence, hx: Any) -> Iterator[None]:
    """Add to what torch says of a wrong shape how the module reads what it was given."""
    try:
        yield
    except (RuntimeError, ValueError) as error:
        for sentence in filter(None, (_of_input(module, input), _of_state(module, input, hx))):
            error.add_note(sentence)
        raise


def _of_input(module: nn.RNNBase, input: Tensor | PackedSequence) -> str:
    """Return how an input of another kind or shape is read; "" of a right one."""
    data, size = data_of(input), module.input_size
    shape = tuple(data.shape)
    if not data.is_floating_point():
        words = MAKES_REAL if data.is_complex() else MAKES_NUMBERS
        return f"The input is {str(data.dtype).removeprefix('torch.')}: {words}."
    if isinstance(input, PackedSequence):
        counts = input.batch_sizes.tolist()
        if sum(counts) != len(data) or sorted(counts, reverse=True) != counts:
            return (
                f"The batch_sizes of the PackedSequence are {counts}: they may not grow from step "
                f"to step, and sum to {len(data)}, the rows of its data. A length that is more "
                "than the steps of the padded batch makes such ones."
            )
    if data.dim() > 3:
        joined = (*shape[:2], data[0, 0].numel())
        return f"The input {shape} has {data.dim()} axes, of 2 or 3: input.flatten(2) is {joined}."
    if data.dim() == 1:
        as_steps = f"a course of one number each: input[:, None] is {(*shape, 1)}"
        if shape[0] == size:
            as_steps = f"one step of {size} features: input[None] is {(1, *shape)}"
        return f"The input {shape} has 1 axis, of 2 or 3. If it is {as_steps}."
    steps = "(steps, H_in)" if isinstance(input, PackedSequence) else "(L, H_in)"
    layouts = {2: steps, 3: "(N, L, H_in)" if module.batch_first else "(L, N, H_in)"}
    if data.dim() in layouts and 0 in shape:
        return f"The input {shape} is read as {layouts[data.dim()]}: there is nothing in it."
    if data.dim() not in layouts or data.shape[-1] == size:
        return ""
    found = f"The input {shape} is read as {layouts[data.dim()]}, H_in = {size}"
    if size == 1:
        return f"{found}: of one number at each step, input.unsqueeze(-1) is {(*shape, 1)}."
    if data.shape[-1] == output_size(module):
        return f"{found}: it has as many features as the module's own output."
    axes = [axis for axis, own in enumerate(data.shape) if own == size]
    return f"{found}: input.transpose({axes[0]}, -1) has it last." if axes else f"{found}."


def _of_state(module: nn.RNNBase, input: Tensor | PackedSequence, hx: Any) -> str:
    """Return which shape a state has to have, if one has another; "" of a right one."""
    if hx is None:
        return ""
    if isinstance(input, PackedSequence):
        batch = [int(input.batch_sizes[0])]
    else:
        batch = [input.shape[0 if module.batch_first else 1]] if input.dim() == 3 else []
    rows = module.num_layers * num_directions(module)
    sizes = (module.proj_size or module.hidden_size, module.hidden_size)
    data = data_of(input)
    for letter, part in zip("hc", states_of(hx), strict=False):
        if part.dtype != data.dtype:
            own, other = (str(value.dtype).removeprefix("torch.") for value in (part, data))
            return f"{letter}_0 is {own}, and the input {other}: {letter}_0.to(input.dtype)."
    for letter, size, part in zip("hc", sizes, states_of(hx), strict=False):
        if list(part.shape) != [rows, *batch, size]:
            return (
                f"{letter}_0 is (layers · directions, N, H) = {(rows, *batch, size)}, also with "
                f"batch_first=True, got {tuple(part.shape)}."
            )
    return ""


def refuse_not_finite(what: str, *values: Tensor) -> None:
    """Raise ValueError where a figure's numbers, or what it measures, are NaN or infinite."""
    if not all(bool(value.isfinite().all()) for value in values):
        raise ValueError(f"expected finite {what}, got NaN or infinity; see trace(module, input)")


@contextlib.contextmanager
def full_precision(device: torch.device | None = None) -> Iterator[None]:
    """Keep float32 products in float32: TF32 and bfloat16 shortcuts off, then as before."""
    before: list[tuple[object, str, object]] = []
    try:
        for switch, name, full in _precisions(device):
            value = getattr(switch, name)
            if value not in (full, "none"):
                before.append((switch, name, value))
                setattr(switch, name, full)
        yield
    finally:
        for switch, name, value in reversed(before):
            setattr(switch, name, value)


class _OneSwitch:
    """The precision of all products, in torch before 2.9, as an attribute."""

    @property
    def precision(self) -> str:
        """Float32, TF32 or bfloat16: "highest", "high" or "medium"."""
        return torch.get_float32_matmul_precision()

    @precision.setter
    def precision(self, value: str) -> None:
        torch.set_float32_matmul_precision(value)


def _precisions(device: torch.device | None) -> list[tuple[object, str, object]]:
    """Return where torch keeps the precision of float32 products, and its full value there.

    torch 2.9 brought a switch for each operator, and refuses to read the older switch of a library
    once they disagree. cuDNN's older one is therefore used as long as it can be read.
    """
    backends: Any = torch.backends  # newer than its stubs
    cudnn_switch: tuple[object, str, object] = (backends.cudnn, "allow_tf32", False)
    if not hasattr(backends.mkldnn, "rnn"):
        return [(_OneSwitch(), "precision", "highest"), cudnn_switch]
    switches = [backends]  # what the others follow where they are not set
    older: list[tuple[object, str, object]] = []
    if device is None or device.type == "cpu":
        switches += [backends.mkldnn.matmul, backends.mkldnn.rnn]
    if device is None or device.type == "cuda":
        switches += [backends.cuda.matmul]
        try:
            getattr(*cudnn_switch[:2])
            older = [cudnn_switch]
        except RuntimeError:
            switches += [backends.cudnn.rnn]
    return [*((switch, "fp32_precision", "ieee") for switch in switches), *older]


def steps_first(
    value: Tensor | PackedSequence, batch_first: bool, *, beyond: float = 0.0
) -> tuple[Tensor, Tensor]:
    """Return a batch as (L, N, H), N in the caller's order, and the length of each sequence, (N,).

    A tensor as a view; `beyond` stands beyond the end of a packed sequence.
    """
    if isinstance(value, PackedSequence):
        return pad_packed_sequence(value, padding_value=beyond)
    if value.dim() not in (2, 3):
        raise ValueError(
            f"expected 2 or 3 axes, (L, H) or a batch of sequences, got {tuple(value.shape)}"
        )
    if value.dim() == 2:
        value = value.unsqueeze(1)  # (L, H) -> (L, 1, H)
    elif batch_first:
        value = value.transpose(0, 1)  # (N, L, H) -> (L, N, H)
    return value, torch.full((value.shape[1],), value.shape[0])
