"""One cell in the reader's hands: its diagram and its strips, into which a page's script writes."""

import re
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from rnn_figures.arguments import checked
from rnn_figures.configurations import class_name
from rnn_figures.course.cell_presets import CHARACTERS, LETTER, CellPreset
from rnn_figures.diagrams.cell.diagram import cell_diagram
from rnn_figures.diagrams.cell.kinds import STAGES
from rnn_figures.diagrams.cell.numbers import joins
from rnn_figures.diagrams.cell.strips import Strip, axis_ends, strips_diagram
from rnn_figures.figures import Diagram, Live, Piece, Table
from rnn_figures.numbers import counted, number
from rnn_figures.palette import NAMES
from rnn_figures.proofs import Proof, compare
from rnn_figures.tables.equations import LINES
from rnn_figures.traces.agreement import TOLERANCE
from rnn_figures.traces.records import LayerTrace
from rnn_figures.traces.tracing import trace
from rnn_figures.weights import STACKED

AXES = {
    **dict.fromkeys("iforz", (0.0, 1.0, 30.0)),
    **dict.fromkeys("gnh", (-1.0, 1.0, 38.0)),
    "c": (-4.0, 4.0, 88.0),
}
"""The ends of each strip's axis, and its height: the same for every preset and every setting."""


SENTENCES = {
    "LSTM": (
        "{c|c[t]} = {f|f} · {c_prev|c[t-1]} + {i|i} · {g|g}",
        "{h|h[t]} = {o|o} · {tanh-c|tanh(c[t])}",
    ),
    "GRU": (
        "{n|n} = tanh({in|W_in x + b_in} + {r|r} · {hn|(W_hn h + b_hn)})",
        "{h|h[t]} = {one-minus-z|(1 − z)} · {n|n} + {z|z} · {h_prev|h[t-1]}",
    ),
    "RNN_TANH": ("{h|h[t]} = tanh({pre_h|W_ih x + b_ih + W_hh h + b_hh})",),
}
"""The equations; below each symbol in braces stands the number of the step, by the join's name."""

BESIDE_LINES = {
    "pre-activations": ("the weighted sums", "W_ih @ x + b_ih + W_hh @ h + b_hh", ""),
    "pre-activation": ("the weighted sum", "W_ih @ x + b_ih + W_hh @ h + b_hh", "pre_h"),
    "reset": ("what r lets through of h", "r * (W_hn @ h + b_hn)", "r-times-hn"),
}
"""What the stages that have no letter are, their code, and the name of their number."""

COLOURED = {"tanh-c": "h", "in": "n", "hn": "n", "one-minus-z": "z", "pre_h": "h"}
"""Whose colour a join has, where its first letter does not say so."""


@checked
def cell_player(presets: Sequence[CellPreset], *, simple: bool = False) -> Diagram:
    """Draw one step of a cell and all steps as strips, for readers to play with.

    Without scripts it shows the first preset at its own step. With them, `<rnn-cell>` plays every
    preset, and lets the reader change inputs, gates, states and weights.

    Args:
        presets: What to choose from: one kind of cell, one unit, the same number of steps.
        simple: Leave out the gates' strips, the initial states, the weights.

    Returns:
        The Diagram; its table has every quantity of every preset at every step.

    Raises:
        ValueError: the presets are not of one kind and one length, or of more than one unit.
        ProofError: what is shown is not what a module gave.
    """
    _refuse_unlike(presets)
    first = presets[0]
    runs = [trace(preset.module, preset.input.unsqueeze(1)) for preset in presets]
    run = runs[0][0, 0]
    inputs, states, gates = _strips(first, run)
    held = [strip for strip in gates if strip.letter in "if"] if first.text else []
    shown = [strips_diagram("states", inputs + held + states, step=first.step)]
    if gates and not simple:
        shown.append(strips_diagram("gates", gates, step=first.step))
    step = step_with_sums(first.module, run, first.step)
    drawn = cell_diagram(first.module.mode, step)
    h = next(strip.values for strip in states if strip.name == "h")
    output = first.module(first.input.unsqueeze(1))[0].flatten()
    drawn.proof = Proof(
        "every number equal to what the module's own gates give, and every h to its output",
        *filter(None, [drawn.proof]),
        *[one.proof for one in runs],
        compare(f"h of {first.name}", h, output, within=TOLERANCE[torch.float64]),
    )
    drawn.alt = f"{first.name}, step {first.step}. {drawn.alt} {first.why} {shown[0].alt}"
    drawn.data = _table(presets, [one[0, 0] for one in runs])
    settings = {
        "mode": first.module.mode,
        "simple": simple,
        "axes": axis_ends(inputs + states + gates),
        "presets": [_settings(preset) for preset in presets],
        "names": {letter: NAMES[letter] for letter in (*run.quantities, "x")},
        "stages": [] if simple else stages_of(first.module.mode),
    }
    if first.text:
        settings |= {"characters": CHARACTERS, "letter": LETTER}
    sentences = _sentences(first.module.mode, joins(first.module.mode, step))
    if drawn.narrow:
        drawn.narrow.alt = drawn.alt
    drawn.live = Live("rnn-cell", settings, shown, sentences)
    return drawn


def _sentences(mode: str, found: Mapping[str, Tensor]) -> list[list[Piece]]:
    """Return the equations with the numbers of a step."""
    sentences = []
    for sentence in SENTENCES[mode]:
        pieces: list[Piece] = []
        for text, name, symbol in re.findall(r"([^{]*)(?:\{([^|]+)\|([^}]+)\})?", sentence):
            pieces += [(text, "", "")] if text else []
            if name:
                written = number(found[name])
                pieces.append((written, COLOURED.get(name) or name[0], name, symbol))
        sentences.append(pieces)
    return sentences


def stages_of(mode: str) -> list[tuple[str, str, str, str]]:
    """Return each stage of a step: its name, what it is, its line of PyTorch, its number's name.

    Examples:
        >>> stages_of("GRU")[0]
        ('r', 'reset gate', 'r = torch.sigmoid(W_ir @ x + b_ir + W_hr @ h + b_hr)', 'r')
    """
    lines = LINES[mode.partition("_")[0]]
    return [
        (stage, *BESIDE_LINES[stage])
        if stage in BESIDE_LINES
        else (stage, NAMES[stage], f"{stage} = {lines[stage][0]}", stage)
        for stage in STAGES[mode]
    ]


def _refuse_unlike(presets: Sequence[CellPreset]) -> None:
    """Raise ValueError if one drawing cannot show all presets."""
    modes = {preset.module.mode for preset in presets}
    shapes = {(len(preset.input), preset.module.hidden_size) for preset in presets}
    if len(modes) != 1 or len(shapes) != 1 or shapes.pop()[1] != 1:
        got = "; ".join(
            f"{one.module.mode} of {counted(one.module.hidden_size, 'unit')}, "
            f"{counted(len(one.input), 'step')}"
            for one in presets
        )
        raise ValueError(
            "expected presets of one kind of cell with one unit and one length, got "
            f"{got or 'none'}"
        )
    widest = max(preset.module.input_size for preset in presets)
    if presets[0].module.input_size < widest:
        raise ValueError(
            f"expected the first preset to have the most inputs, {widest}, got "
            f"{presets[0].module.input_size}; put another one first"
        )


def _strips(preset: CellPreset, run: LayerTrace) -> tuple[list[Strip], list[Strip], list[Strip]]:
    """Return the strips of the inputs, of the states, and of the gates and the candidate."""
    inputs = [
        Strip("x", f"x-{column}", preset.names[column], values.tolist())
        for column, values in enumerate(preset.input.T)
    ]
    if preset.text:
        inputs.insert(0, Strip("x", "text", "text", [0.0] * len(preset.text), marks=preset.text))
    others = [
        Strip(letter, letter, "", run[letter].flatten().tolist(), *AXES[letter])
        for letter in run.quantities
    ]
    states = [strip for strip in others if strip.letter in "ch"]
    return inputs, states, [strip for strip in others if strip.letter not in "ch"]


def step_with_sums(module: nn.RNNBase, run: LayerTrace, t: int) -> dict[str, Tensor]:
    """Return the numbers of one step of one sequence, the weighted sums themselves among them.

    The module has biases and no projection; `run` is its layer 0, forward.
    """
    step = run.step(t)
    weights = {name: weight.detach() for name, weight in module.named_parameters()}
    rows = -1, module.hidden_size
    of_x = (weights["weight_ih_l0"] @ step["x"] + weights["bias_ih_l0"]).view(rows)
    of_h = (weights["weight_hh_l0"] @ step["h_prev"] + weights["bias_hh_l0"]).view(rows)
    if module.mode == "GRU":
        parts = {"in": of_x[2], "hn": of_h[2]}
        sums = {f"pre_{gate}": of_x[row] + of_h[row] for row, gate in enumerate("rz")}
        sums["pre_n"] = parts["in"] + step["r"] * parts["hn"]
        return step | parts | sums
    letters = STACKED[class_name(module)]
    return step | {f"pre_{letter}": of_x[row] + of_h[row] for row, letter in enumerate(letters)}


def weight_lists(module: nn.RNNBase) -> dict[str, list]:
    """Return a module's weights as JSON can hold them, by name."""
    return {name: weight.tolist() for name, weight in module.state_dict().items()}


def _settings(preset: CellPreset) -> dict[str, object]:
    """Return what a script needs to run a preset."""
    return {
        "name": preset.name,
        "slug": re.sub(r"[^a-z0-9.−]+", "-", preset.name.lower()).strip("-").replace("−", "minus-"),
        "why": preset.why,
        "names": list(preset.names),
        "weights": weight_lists(preset.module),
        "input": preset.input.tolist(),
        "step": preset.step,
        "text": preset.text,
    }


def _table(presets: Sequence[CellPreset], runs: Sequence[LayerTrace]) -> Table:
    """List every quantity of every preset at every step."""
    rows = []
    for preset, run in zip(presets, runs, strict=True):
        for name, values in zip(preset.names, preset.input.T, strict=True):
            rows.append([preset.name, name, *values.tolist()])
        for letter in run.quantities:
            rows.append([preset.name, letter, *run[letter].flatten().tolist()])
    return Table(["preset", "quantity", *(f"step {t}" for t in range(len(presets[0].input)))], rows)
