"""Compute the numbers at every join of a cell from one step, and check it by its equations.

The equations are those of `rnn_figures.cells`; here each operation's own result is kept.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from rnn_figures.cells import GRUStep, LSTMStep, RNNStep
from rnn_figures.proofs import Comparison, Proof

Step = Mapping[str, Tensor] | LSTMStep | GRUStep | RNNStep
"""Vectors by letter, as LayerTrace.step returns them, or a step tuple of `cells`."""

MEANINGS = {
    "x": "x[t]",
    "h_prev": "h[t-1]",
    "c_prev": "c[t-1]",
    "pre_h": "W_ih x + b_ih + W_hh h + b_hh",
    "f-times-c": "f ⊙ c[t-1]",
    "i-times-g": "i ⊙ g",
    "c": "c[t]",
    "tanh-c": "tanh(c[t])",
    "o-times-tanh": "o ⊙ tanh(c[t])",
    "in": "W_in x + b_in",
    "hn": "W_hn h + b_hn",
    "r-times-hn": "r ⊙ (W_hn h + b_hn)",
    "pre_n": "W_in x + b_in + r ⊙ (W_hn h + b_hn)",
    "one-minus-z": "1 − z",
    "share-of-n": "(1 − z) ⊙ n",
    "share-of-h": "z ⊙ h[t-1]",
    "h": "h[t]",
} | {f"pre_{gate}": f"W_i{gate} x + b_i{gate} + W_h{gate} h + b_h{gate}" for gate in "ifgorz"}
"""What each join carries, where its name does not say so."""

_SIGMA, _TANH = ("σ", torch.sigmoid), ("tanh", torch.tanh)

FUNCTIONS = {
    "LSTM": {"i": _SIGMA, "f": _SIGMA, "g": _TANH, "o": _SIGMA},
    "GRU": {"r": _SIGMA, "z": _SIGMA, "n": _TANH},
    "RNN_TANH": {"h": _TANH},
    "RNN_RELU": {"h": ("relu", torch.relu)},
}
"""What each kind of cell applies to its weighted sums: a name, and the function."""

NEAR_ONE = 3e-5
"""A gate this close to its limit no longer tells what went into it, to two decimals in float32."""

BEYOND = 5
"""What went into such a gate is larger than this: σ gets there at 10.4, tanh at 5.6."""


def vectors(kind: str, step: Step | None) -> dict[str, Tensor]:
    """Return the vectors of a step of one sequence by letter, in float64; none of no step."""
    if step is None:
        return {}
    given = step._asdict() if isinstance(step, tuple) else dict(step)
    known = {"LSTM": "ifgoc", "GRU": "rzn"}.get(kind, "")
    known = {*known, "x", "h", "h_prev", *(["c_prev"] if kind == "LSTM" else [])}
    known |= {name for name in MEANINGS if name.startswith("pre_")} | {"in", "hn"}
    if unknown := given.keys() - known:
        got = ", ".join(sorted(unknown))
        raise ValueError(f"expected the numbers of one step of {kind}, got also {got}")
    found = {}
    for name, value in given.items():
        if value.dim() > 1 and value.shape[0] != 1:
            raise ValueError(
                f"expected the step of one sequence, got {name} of shape {tuple(value.shape)}; "
                "choose a row"
            )
        found[name] = value.detach().reshape(-1)
    return found


def is_projected(known: Mapping[str, Tensor]) -> bool:
    """Return whether h is narrower than c, so that W_hr stands between o ⊙ tanh(c) and h."""
    return "h" in known and "c" in known and len(known["h"]) < len(known["c"])


def joins(kind: str, known: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return what passes each join, as far as the known vectors give it, in float64.

    MEANINGS says what each is. An infinite number stands for a sum that its gate, too close to a
    limit, no longer tells.
    """
    found = {name: value.double() for name, value in known.items()}
    if kind == "LSTM":
        _multiply(found, "f-times-c", "f", "c_prev")
        _multiply(found, "i-times-g", "i", "g")
        if "c" in found:
            found["tanh-c"] = found["c"].tanh()
        _multiply(found, "o-times-tanh", "o", "tanh-c")
    if kind == "GRU":
        _multiply(found, "r-times-hn", "r", "hn")
        if "z" in found:
            found["one-minus-z"] = 1 - found["z"]
        _multiply(found, "share-of-n", "one-minus-z", "n")
        _multiply(found, "share-of-h", "z", "h_prev")
    for letter, (name, _) in FUNCTIONS[kind].items():
        if letter in found and f"pre_{letter}" not in found and name != "relu":
            inverse = _before_tanh if name == "tanh" else _before_sigmoid
            found[f"pre_{letter}"] = inverse(found[letter])
    return found


def _multiply(found: dict[str, Tensor], name: str, one: str, other: str) -> None:
    """Add the product of two vectors, if both are known."""
    if one in found and other in found:
        found[name] = found[one] * found[other]


def _before_sigmoid(gate: Tensor) -> Tensor:
    """Return what σ made into a gate."""
    return torch.where(gate > 1 - NEAR_ONE, torch.inf, gate.logit())


def _before_tanh(value: Tensor) -> Tensor:
    """Return what tanh made into a number."""
    return torch.where(value.abs() > 1 - NEAR_ONE, value.sign() * torch.inf, value.atanh())


def proof_of(kind: str, known: Mapping[str, Tensor]) -> Proof | None:
    """Compare a step with the equations of its cell, as far as it is known; None if it is not."""
    held, compared = [], []
    for letter, equation, value in _claims(kind, known):
        difference = (known[letter].double() - value).abs()
        came_in = known[letter].isnan() & value.isnan()
        difference[came_in] = 0.0
        # Each operation rounds once, to the dtype that the step came in; a sum rounds many times.
        rounded = 64 if "W" in equation else 8
        allowed = rounded * torch.finfo(known[letter].dtype).eps * value.abs().clamp(min=1)
        if not bool(((difference <= allowed) | came_in).all()):
            raise ValueError(
                f"{letter} of this step is not {equation}: largest difference "
                f"{float(difference.max()):.1e}; pass what trace[layer, direction].step(t) returns"
            )
        held.append(f"{MEANINGS.get(letter, letter)} = {equation}")
        compared.append(Comparison(float(difference.max()), len(value)))
    return Proof(" and ".join(held), *compared) if held else None


def _claims(kind: str, known: Mapping[str, Tensor]) -> list[tuple[str, str, Tensor]]:
    """List what a step must fulfil, as far as it is known: a letter, its equation, its value."""
    found = joins(kind, known)
    claims = []
    if kind == "LSTM" and {"f-times-c", "i-times-g", "c"} <= found.keys():
        claims.append(("c", "f ⊙ c[t-1] + i ⊙ g", found["f-times-c"] + found["i-times-g"]))
    if kind == "LSTM" and {"o-times-tanh", "h"} <= found.keys() and not is_projected(found):
        claims.append(("h", "o ⊙ tanh(c[t])", found["o-times-tanh"]))
    if kind == "GRU" and {"share-of-n", "share-of-h", "h"} <= found.keys():
        value = found["share-of-n"] + found["share-of-h"]
        claims.append(("h", "(1 − z) ⊙ n + z ⊙ h[t-1]", value))
    if kind == "GRU" and {"in", "r-times-hn", "n"} <= found.keys():
        claims.append(
            ("n", f"tanh({MEANINGS['pre_n']})", (found["in"] + found["r-times-hn"]).tanh())
        )
    for letter in FUNCTIONS[kind]:
        if f"pre_{letter}" in known and letter in known:
            name, function = FUNCTIONS[kind][letter]
            value = function(known[f"pre_{letter}"].double())
            claims.append((letter, f"{name}({MEANINGS[f'pre_{letter}']})", value))
    return claims
