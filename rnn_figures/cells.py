"""One step of each cell, gates kept: the equations of torch's documentation, line by line.

The readable form. `traces` computes all steps at once; a test holds the two equal.
"""

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from rnn_figures.arguments import checked


class LSTMStep(NamedTuple):
    """One step of an LSTM: i, f, o in (0, 1); g in (-1, 1); c unbounded; h in (-1, 1).

    Every field is (N, H_cell), but h is (N, H_out): with a projection it is narrower.
    """

    i: Tensor
    f: Tensor
    g: Tensor
    o: Tensor
    c: Tensor
    h: Tensor


class GRUStep(NamedTuple):
    """One step of a GRU: r, z in (0, 1); n in (-1, 1); h between n and the h before it.

    Every field is (N, H_cell).
    """

    r: Tensor
    z: Tensor
    n: Tensor
    h: Tensor


class RNNStep(NamedTuple):
    """One step of an RNN: h, (N, H_cell), in (-1, 1) for tanh, at least 0 for relu."""

    h: Tensor


@checked
def lstm_step(
    x: Tensor,
    h: Tensor,
    c: Tensor,
    *,
    weight_ih: Tensor,
    weight_hh: Tensor,
    bias_ih: Tensor | None = None,
    bias_hh: Tensor | None = None,
    weight_hr: Tensor | None = None,
) -> LSTMStep:
    """Advance one LSTM layer, one direction, by one step, keeping the gates.

    i = σ(W_ii x + b_ii + W_hi h + b_hi)
    f = σ(W_if x + b_if + W_hf h + b_hf)
    g = tanh(W_ig x + b_ig + W_hg h + b_hg)
    o = σ(W_io x + b_io + W_ho h + b_ho)
    c' = f ⊙ c + i ⊙ g
    h' = o ⊙ tanh(c'), and with a projection h' = W_hr (o ⊙ tanh(c'))

    Args:
        x: Input at this step, (N, H_in).
        h: Hidden state before it, (N, H_out).
        c: Cell state before it, (N, H_cell).
        weight_ih: Input weights stacked i, f, g, o; (4·H_cell, H_in).
        weight_hh: Recurrent weights stacked i, f, g, o; (4·H_cell, H_out).
        bias_ih: Input biases stacked alike, (4·H_cell,); None without biases.
        bias_hh: Recurrent biases stacked alike, (4·H_cell,); None without biases.
        weight_hr: Projection, (H_out, H_cell); None without one.

    Returns:
        The gates, the candidate and both next states.

    Raises:
        ValueError: sizes or dtypes do not fit.

    Source:
        torch.nn.LSTM documentation. ONNX stacks i, o, f, g.

    Examples:
        >>> lstm_step(
        ...     torch.zeros(4, 3),
        ...     torch.zeros(4, 5),
        ...     torch.zeros(4, 5),
        ...     weight_ih=torch.zeros(20, 3),
        ...     weight_hh=torch.zeros(20, 5),
        ... ).f[0, 0]
        tensor(0.5000)
    """
    biases: dict[str, Tensor | None] = {"bias_ih": bias_ih, "bias_hh": bias_hh}
    _check_sizes(4, x, h, weight_ih, weight_hh, **biases, c=c, weight_hr=weight_hr)
    gates = torch.nn.functional.linear(x, weight_ih, bias_ih)
    gates = gates + torch.nn.functional.linear(h, weight_hh, bias_hh)
    i, f, g, o = gates.chunk(4, dim=-1)  # torch stacks i, f, g, o
    i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
    c = f * c + i * g
    h = o * c.tanh()
    if weight_hr is not None:
        h = torch.nn.functional.linear(h, weight_hr)  # (N, H_cell) -> (N, H_out)
    return LSTMStep(i, f, g, o, c, h)


@checked
def gru_step(
    x: Tensor,
    h: Tensor,
    *,
    weight_ih: Tensor,
    weight_hh: Tensor,
    bias_ih: Tensor | None = None,
    bias_hh: Tensor | None = None,
) -> GRUStep:
    """Advance one GRU layer, one direction, by one step, keeping the gates.

    r = σ(W_ir x + b_ir + W_hr h + b_hr)
    z = σ(W_iz x + b_iz + W_hz h + b_hz)
    n = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn))
    h' = (1 - z) ⊙ n + z ⊙ h

    Args:
        x: Input at this step, (N, H_in).
        h: Hidden state before it, (N, H_cell).
        weight_ih: Input weights stacked r, z, n; (3·H_cell, H_in).
        weight_hh: Recurrent weights stacked r, z, n; (3·H_cell, H_cell).
        bias_ih: Input biases stacked alike, (3·H_cell,); None without biases.
        bias_hh: Recurrent biases stacked alike, (3·H_cell,); None without biases.

    Returns:
        The gates, the candidate and the next state. z near 1 keeps the old h.

    Raises:
        ValueError: sizes or dtypes do not fit.

    Source:
        torch.nn.GRU documentation: r multiplies after the matrix and its bias. Cho et al. 2014
        multiply r and h first; their z and 1 - z are also the other way round in some papers.

    Examples:
        >>> gru_step(
        ...     torch.zeros(4, 3),
        ...     torch.ones(4, 5),
        ...     weight_ih=torch.zeros(15, 3),
        ...     weight_hh=torch.zeros(15, 5),
        ... ).h[0, 0]
        tensor(0.5000)
    """
    _check_sizes(3, x, h, weight_ih, weight_hh, bias_ih=bias_ih, bias_hh=bias_hh)
    x_r, x_z, x_n = torch.nn.functional.linear(x, weight_ih, bias_ih).chunk(3, dim=-1)
    h_r, h_z, h_n = torch.nn.functional.linear(h, weight_hh, bias_hh).chunk(3, dim=-1)
    r = (x_r + h_r).sigmoid()
    z = (x_z + h_z).sigmoid()
    n = (x_n + r * h_n).tanh()
    return GRUStep(r, z, n, (1 - z) * n + z * h)


@checked
def rnn_step(
    x: Tensor,
    h: Tensor,
    *,
    weight_ih: Tensor,
    weight_hh: Tensor,
    bias_ih: Tensor | None = None,
    bias_hh: Tensor | None = None,
    nonlinearity: str = "tanh",
) -> RNNStep:
    """Advance one RNN layer, one direction, by one step.

    h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu instead of tanh

    Args:
        x: Input at this step, (N, H_in).
        h: Hidden state before it, (N, H_cell).
        weight_ih: Input weights, (H_cell, H_in).
        weight_hh: Recurrent weights, (H_cell, H_cell).
        bias_ih: Input bias, (H_cell,); None without biases.
        bias_hh: Recurrent bias, (H_cell,); None without biases.
        nonlinearity: "tanh" or "relu", as in nn.RNN.

    Returns:
        The next state.

    Raises:
        ValueError: another nonlinearity.
        ValueError: sizes or dtypes do not fit.

    Source:
        torch.nn.RNN documentation (Elman 1990).

    Examples:
        >>> rnn_step(
        ...     torch.ones(1, 1),
        ...     torch.zeros(1, 1),
        ...     weight_ih=torch.ones(1, 1),
        ...     weight_hh=torch.ones(1, 1),
        ... ).h
        tensor([[0.7616]])
    """
    if nonlinearity not in ("tanh", "relu"):
        raise ValueError(f'expected nonlinearity "tanh" or "relu", got {nonlinearity!r}')
    _check_sizes(1, x, h, weight_ih, weight_hh, bias_ih=bias_ih, bias_hh=bias_hh)
    linear = torch.nn.functional.linear
    total = linear(x, weight_ih, bias_ih) + linear(h, weight_hh, bias_hh)
    return RNNStep(total.tanh() if nonlinearity == "tanh" else total.relu())


def _check_sizes(
    gates: int, x: Tensor, h: Tensor, weight_ih: Tensor, weight_hh: Tensor, **others: Tensor | None
) -> None:
    """Raise ValueError for sizes that torch would spread in silence, or say little of."""
    projects = "weight_hr" in others  # an LSTM alone can
    rows, width = weight_hh.shape if weight_hh.dim() == 2 else (0, 0)
    if not rows or rows % gates or not (projects or rows == gates * width):
        raise ValueError(
            f"expected weight_hh of shape ({f'{gates}·' * (gates > 1)}H_cell, "
            f"{'H_out' if projects else 'H_cell'}), got {tuple(weight_hh.shape)}"
        )
    features = weight_ih.shape[-1] if weight_ih.dim() else 1
    units = rows // gates
    batch = tuple(x.shape[:-1])
    expected = {
        "weight_ih": (weight_ih, (rows, features)),
        "x": (x, (*batch, features)),
        "h": (h, (*batch, width)),
        "bias_ih": (others["bias_ih"], (rows,)),
        "bias_hh": (others["bias_hh"], (rows,)),
        "c": (others.get("c"), (*batch, units)),
        "weight_hr": (others.get("weight_hr"), (width, units)),
    }
    for name, (tensor, shape) in expected.items():
        if tensor is not None and tuple(tensor.shape) != shape:
            raise ValueError(f"expected {name} of shape {shape}, got {tuple(tensor.shape)}")
    if projects and width != units and others["weight_hr"] is None:
        raise ValueError(
            f"expected weight_hr of shape {(width, units)}, since weight_hh {(rows, width)} reads "
            f"{width} numbers of {units}, got None"
        )
    _check_dtypes(weight_hh, {name: tensor for name, (tensor, _) in expected.items()})


def _check_dtypes(weight_hh: Tensor, others: Mapping[str, Tensor | None]) -> None:
    """Raise ValueError for numbers of another dtype, where torch's message names no argument."""
    if torch.is_autocast_enabled(weight_hh.device.type):
        return
    own = str(weight_hh.dtype).removeprefix("torch.")
    for name, tensor in others.items():
        if tensor is not None and tensor.dtype != weight_hh.dtype:
            raise ValueError(
                f"expected {name} as {own}, as weight_hh is, got "
                f"{str(tensor.dtype).removeprefix('torch.')}; {name}.to(weight_hh) is"
            )
