"""Run a model once and trace every call of its recurrent layers: trace_all."""

import contextlib
import itertools
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from types import GeneratorType
from typing import Any
from unittest import mock

import torch
from torch import Tensor, nn

from rnn_figures.arguments import came, checked
from rnn_figures.configurations import describe
from rnn_figures.models.found import (
    aliases,
    called,
    copied_embeddings,
    dropouts,
    dropping,
    equal_weights,
    frozen,
    plain_name,
    recurrent_layers,
    shared_modules,
    untraceable_layers,
    vocabularies,
    zero_weights,
)
from rnn_figures.models.graphs import attached, kept_by, without_graphs
from rnn_figures.models.joining import joined
from rnn_figures.models.outcome import Run
from rnn_figures.models.raised import tell
from rnn_figures.models.readers import first_tensors, projected, tensors_of
from rnn_figures.models.recorded import copied
from rnn_figures.models.recording import Recorder, recording
from rnn_figures.models.snapshots import traced
from rnn_figures.models.untouched import changed, untouched
from rnn_figures.models.unused import Uses
from rnn_figures.models.watching import Watch
from rnn_figures.traces import Trace
from rnn_figures.traces.agreement import TOLERANCE

MOST_ITEMS = 100_000
"""Items that are taken from a generator, which a model may return instead of an output."""

MOST_TOLD = 3
"""Calls of a layer that are told one by one."""


class Traces(dict[str, list[Trace]]):
    """By the name of each recurrent layer and cell, a list of the traces of its calls.

    Attributes:
        refused: By name, the error of the first call of a layer that could not be traced.
        untraceable: By name, why what looks recurrent is none of torch's layers, and what to do.
        notes: What else is to be known of the run, in sentences.
    """

    def __init__(self, found: "Run") -> None:
        super().__init__({name: [] for name in found.names})
        for call in found.calls:
            self[call.name].append(call.trace)
        self.refused = found.refused
        self.untraceable = found.untraceable
        self.notes = tuple(found.notes)

    def __repr__(self) -> str:
        """Return what was traced, a line for each layer."""
        return "\n".join(f"{called(name)}: {words}" for name, words in self._rows())

    def _repr_markdown_(self) -> str:
        rows = [f"| {called(name)} | {words} |" for name, words in self._rows()]
        return "\n".join(["| layer | traced |", "| --- | --- |", *rows])

    def _rows(self) -> list[tuple[str, str]]:
        """Return each layer with what came of it, in words."""
        rows = []
        for name, traces in self.items():
            steps = ", ".join(
                f"{describe(each.module)} on {len(each.lengths)} × {int(each.lengths.max())} steps"
                for each in traces[:MOST_TOLD]
            )
            more = f", … {len(traces)} calls" if len(traces) > MOST_TOLD else ""
            refused = f"not traced: {self.refused[name]}" if name in self.refused else ""
            rows.append((name, f"{steps}{more}" or refused or "not called"))
        return [*rows, *((name, f"not traced: {why}") for name, why in self.untraceable.items())]


@checked
def trace_all(model: nn.Module, *args: Any, **kwargs: Any) -> Traces:
    """Run a model once, and trace every call of every recurrent layer and cell in it.

    The model runs once, without gradients, in the mode it is in; torch.compile is left out. A call
    is traced under the weights, the mode and the autocast of its moment, by a copy: no layer runs
    again. Calls of one step that go on from each other, as a loop over cells makes them, are one
    trace, L steps for L calls. A generator that the model returns is run to its end. A layer that
    is no submodule, such as one in a plain list, is traced as "LSTM outside the model". A subclass
    that runs its formula by hand is held to it by what it was given and returned. Afterwards
    parameters, buffers, mode and the random states of torch, NumPy and Python are what they were,
    also where the model fails.

    Args:
        model: Any module that has a recurrent layer or cell in it, or is one.
        *args: What the model takes.
        **kwargs: What the model takes by name.

    Returns:
        By the name that the layer has in the model ("" for the model itself), a list with a Trace
        for each call, in order; empty if the model did not call the layer. A layer that could not
        be traced is in `refused`, by name, with its error; the others are traced all the same.

    Raises:
        ValueError: there is no recurrent layer in the model.
        Exception: whatever the model itself raises.

    Examples:
        >>> model = nn.ModuleDict({"rnn": nn.GRU(5, 3)})
        >>> model.forward = lambda x: model["rnn"](x)[1]
        >>> {name: len(traces) for name, traces in trace_all(model, torch.zeros(8, 1, 5)).items()}
        {'rnn': 1}
    """
    found = run_model(model, args, kwargs)
    if found.error is not None:
        raise found.error
    return Traces(found)


def run_model(
    model: nn.Module,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    *,
    loss: Callable[[Any], Tensor] | None = None,
    readers: bool = False,
) -> Run:
    """Run a model once and trace what its recurrent layers did, also if it raises on the way.

    Of what the model returns `loss` makes one number, whose gradient is taken by what each layer
    read. With `readers` it is measured what the model reads of each layer's answer; a model that
    cannot run with gradients runs again without. With neither the run takes no gradients, and
    with either it is without dropout between a layer's own layers.
    """
    measured = loss is not None or readers
    given = dropouts(model)
    dropped = dropping(model) if measured else {}
    watched = model if readers and loss is None else nn.Module()  # a loss's gradient is the user's
    with _no_dropout(dropped.values()), _no_backward_hooks(watched):
        found = _run(model, args, kwargs, loss, readers=readers)
        error = found.error
        if error is not None and readers and loss is None:
            found = _run(model, args, kwargs, None, readers=False)
            found.unread = f"it runs without gradients only: {error}"
    found.dropout, found.dropped = given, list(dropped)
    if dropped:
        found.notes.append("Dropout between the layers of a module was left out for this run.")
    return found


def _run(
    model: nn.Module,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    loss: Callable[[Any], Tensor] | None,
    *,
    readers: bool,
) -> Run:
    missing = None
    try:
        layers = recurrent_layers(model)
    except ValueError as error:  # unless it calls layers that are none of its submodules
        layers, missing = {}, error
    found = _looked_at(model, layers)
    names = {id(module): name for name, module in layers.items()}
    gradients = loss is not None or readers
    recorder = Recorder(names, gradients=gradients)
    uses = Uses(args, kwargs)
    watch = Watch(recorder, uses, layers)
    with untouched(model) as contents, _eager(model, found.notes), _gradients(model, gradients):
        recorder.before, recorder.kept = attached(model, args, kwargs), kept_by(model)
        at_first = _random_states(model)
        try:
            with recording(recorder), watch if readers else contextlib.nullcontext():
                returned = model(*args, **kwargs)
                if isinstance(returned, GeneratorType):
                    returned = list(itertools.islice(returned, MOST_ITEMS))
            if readers:
                found.seen = watch.seen(returned)
                found.scores = [copied(value) for value in watch.scoring.scores]
                found.unwatched = [*dict.fromkeys(watch.failures)]
                found.unread = _read(recorder, watch, found, model, returned)
                found.unused, found.lost = uses.unread(model), uses.lost(model, returned)
                found.unlearned = uses.unlearned(model, returned)
                found.by_hand, found.mixed = uses.by_hand(layers), watch.mixing.mixed
                found.kept = _kept_on_a_graph(recorder, uses, model)
                plain = filter(_is_plain, first_tensors(returned))
                found.results = [copied(value) for value in plain]
            if loss is not None:
                recorder.differentiate(_one_number(loss(returned), returned))
        except Exception as error:  # what ran until then is still shown
            found.error = error
            tell(model, args, kwargs, error)
        found.changed = [name for name, layer in layers.items() if changed(layer, contents)]
        training = any(module.training for module in model.modules())
        found.random = not training and at_first != _random_states(model)
    if (
        missing is not None
        and not recorder.calls
        and not (found.error and readers and loss is None)
    ):
        raise missing
    found.outside = [names[id(layer)] for layer in recorder.strangers]
    found.names += found.outside
    found.failed = recorder.failed if found.error else ""
    _trace(recorder, found)
    return found


def _looked_at(model: nn.Module, layers: Mapping[str, nn.Module]) -> Run:
    """Return what a model shows before it runs."""
    return Run(
        list(layers),
        untraceable=untraceable_layers(model),
        frozen=frozen(model, layers),
        aliases=aliases(model, layers),
        shared=shared_modules(model),
        equal=equal_weights(layers),
        vocabularies=vocabularies(model),
        zeros=zero_weights(model),
        copied=copied_embeddings(model),
        untrained=model.training and not any(each.requires_grad for each in model.parameters()),
    )


def _trace(recorder: Recorder, found: Run) -> None:
    """Trace the recorded calls; those that cannot be go to `refused`."""
    with torch.inference_mode(False), torch.no_grad():
        for recorded in joined(recorder.calls):
            try:
                found.calls.append(traced(recorded))
            except Exception as error:  # one layer refused must not cost the others
                found.refused.setdefault(recorded.name, error)


def _no_backward_hooks(model: nn.Module) -> AbstractContextManager[None]:
    """Leave a model's own backward hooks out of gradients that it did not ask for."""
    kinds = ("_backward_hooks", "_backward_pre_hooks")
    own = [each for each in model.modules() if any(getattr(each, kind, None) for kind in kinds)]
    return _patched({module: {kind: OrderedDict() for kind in kinds} for module in own})


def _no_dropout(layers: Iterable[nn.Module]) -> AbstractContextManager[None]:
    """Leave out what is dropped between a layer's own layers: no second run has the same masks."""
    return _patched({layer: {"dropout": 0.0} for layer in layers})


@contextlib.contextmanager
def _patched(changes: Mapping[nn.Module, Mapping[str, Any]]) -> Iterator[None]:
    """Let modules have other attributes for a while."""
    with contextlib.ExitStack() as entered:
        for module, own in changes.items():
            entered.enter_context(mock.patch.dict(module.__dict__, own))
        yield


def _is_plain(value: Tensor) -> bool:
    """Return whether a result is dense and of numbers that have an order and are there."""
    dense = value.layout == torch.strided and not value.is_nested and not value.is_meta
    return dense and value.dtype in TOLERANCE


def _random_states(model: nn.Module) -> list[bytes]:
    """Return torch's random states of the CPU and of the GPUs that a model is on."""
    gpus = {value.device for value in model.parameters() if value.is_cuda}
    states = [torch.get_rng_state(), *map(torch.cuda.get_rng_state, gpus)]
    return [state.numpy().tobytes() for state in states]


def _kept_on_a_graph(recorder: Recorder, uses: Uses, model: nn.Module) -> dict[str, str]:
    """Return the layers that start from what the model keeps, and sets to what has a graph now."""
    off = {recorder.kept[each][0] for each in uses.taken_off if each in recorder.kept}
    now = {
        name
        for name, part in kept_by(model).values()
        if part.grad_fn is not None and id(part) not in recorder.before and name not in off
    }
    found = {layer: [name for name in own if name in now] for layer, own in recorder.starts.items()}
    return {layer: own[0] for layer, own in found.items() if own}


def _held(model: nn.Module, zeros: Sequence[str], returned: Any) -> list[str]:
    """Return the weights of 0, of several, on which no gradient comes back, and a way leads."""
    weights = {plain_name(name): weight for name, weight in model.named_parameters()}
    own = [weights[name] for name in zeros]
    if len(own) < 2:
        return []
    found = projected([value for value in tensors_of(returned) if value.requires_grad], own)
    return [
        name
        for name, weight in zip(zeros, own, strict=True)
        if id(weight) in found and not bool(found[id(weight)].any())
    ]


def _read(recorder: Recorder, watch: Watch, found: Run, model: nn.Module, returned: Any) -> str:
    """Measure what is read of each call; return why not, "" if it was."""
    if not any(value.requires_grad for value in tensors_of(returned)):
        return "what it returns has no gradient"
    try:
        recorder.read(returned, watch.mixing.made, watch.scoring.scores)
        found.seen += watch.read(returned)
        found.held = _held(model, found.zeros, returned)
    except Exception as error:  # of a graph that cannot be walked, the rest is still said
        return f"no gradient could be taken: {error}"
    return ""


@contextlib.contextmanager
def _gradients(model: nn.Module, wanted: bool) -> Iterator[None]:
    """Run without gradients, or with them: cuDNN has none in eval mode and is left out then."""
    if not wanted:
        with torch.no_grad():
            yield
        return
    with (
        torch.inference_mode(False),
        torch.enable_grad(),
        torch.backends.cudnn.flags(enabled=False),
        without_graphs(model),
    ):
        yield


def _one_number(value: Any, returned: Any) -> Tensor:
    """Return a loss; TypeError unless it is one number that depends on the model's output."""
    if isinstance(value, Tensor) and value.numel() == 1 and value.requires_grad:
        return value.sum()
    got = came(value)
    if isinstance(value, Tensor) and value.numel() == 1:
        got = "a number that does not"
    part = ""
    if isinstance(returned, Mapping):
        part = f"[{next(iter(returned), '')!r}]"
    elif not isinstance(returned, Tensor):
        part = "[0]"
    raise TypeError(
        f"expected loss to return one number that depends on the model's output, got {got}; "
        f"for example loss=lambda output: output{part}.sum()"
    )


def _eager(model: nn.Module, notes: list[str]) -> AbstractContextManager[None]:
    """Run what torch.compile made as it was before: compiled code calls no layer."""
    compiled = [
        module
        for module in model.modules()
        if type(module).__name__ == "OptimizedModule" or module._compiled_call_impl is not None
    ]
    if compiled:
        notes.append("torch.compile was left out for this run: the model ran as it is written.")
    stance = getattr(torch.compiler, "set_stance", None)  # from torch 2.6 on
    if stance is not None:
        return stance("force_eager") if "torch._dynamo" in sys.modules else contextlib.nullcontext()
    changes: dict[nn.Module, dict[str, Any]] = {
        module: {"_compiled_call_impl": None} for module in compiled
    }
    for module in compiled:
        if type(module).__name__ == "OptimizedModule":
            changes[module]["forward"] = module._orig_mod  # what it wraps
    return _patched(changes)
