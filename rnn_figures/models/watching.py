"""What a model does to tensors around its layers, seen by all watchers while it runs.

Each of torch's functions reports that the model calls. Some report as well where a module of
torch's calls them, such as the softmax of an nn.Softmax, and then the model's line is told.
"""

import itertools
import pathlib
import sys
from collections.abc import Callable, Iterable, Mapping
from types import FrameType
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from rnn_figures.models.by_hand import ByHand
from rnn_figures.models.inputs import Inputs
from rnn_figures.models.losses import Losses
from rnn_figures.models.masks import Masks
from rnn_figures.models.mixing import Mixing
from rnn_figures.models.numerics import Numerics
from rnn_figures.models.orders import Orders
from rnn_figures.models.outputs import Outputs
from rnn_figures.models.recording import Recorder
from rnn_figures.models.scoring import Scoring
from rnn_figures.models.targets import Targets
from rnn_figures.models.towers import Towers
from rnn_figures.models.unpacking import Unpacking
from rnn_figures.models.unused import Uses
from rnn_figures.models.watchers import ANYONE, Operation, Seen, Watcher, looks_of

_C: Any = torch._C  # more than its stubs name

TORCH = str(pathlib.Path(torch.__file__).parent)


class Watch(TorchFunctionMode):
    """Watch what a run does to tensors, while it is entered.

    Attributes:
        failures: Where a function could not be watched, and why.
        scoring: What softmaxes and losses were given.
        mixing: What may mix sequences.
    """

    def __init__(self, recorder: Recorder, uses: Uses, layers: Mapping[str, nn.Module]) -> None:
        super().__init__()
        self.failures: list[str] = []
        self.scoring, unpacking = Scoring(recorder), Unpacking(recorder)
        self.mixing = Mixing(recorder, self.scoring, uses)
        self._recorder, self._uses = recorder, uses
        self._watchers: tuple[Watcher, ...] = (
            ByHand(recorder, layers, uses),
            Outputs(recorder, unpacking),
            Towers(recorder, layers),
            Inputs(recorder),
            self.scoring,
            Losses(recorder, self.scoring, uses),
            Numerics(recorder),
            Masks(recorder, self.scoring, uses),
            Orders(recorder),
            Targets(recorder),
            unpacking,
            self.mixing,
        )
        self._looks: dict[Any, list[tuple[str | None, Callable[[Operation], None]]]] = {}
        for function, by, look in itertools.chain.from_iterable(map(looks_of, self._watchers)):
            self._looks.setdefault(function, []).append((by, look))

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run one of torch's functions, and keep what it shows."""
        named = kwargs or {}
        if _C._functorch.peek_interpreter_stack() is not None:  # what it computes on has no numbers
            self._uses.hidden = True
            return func(*args, **named)
        self._uses.take(func, args, named)
        returned = func(*args, **named)
        if func in self._looks:
            self._look(self._looks[func], sys._getframe(1), args, named, returned)
        return returned

    def _look(
        self,
        looks: Iterable[tuple[str | None, Callable[[Operation], None]]],
        frame: FrameType,
        *taken: Any,
    ) -> None:
        """Show those who look at a function what it was given and returned, by its caller."""
        caller = frame.f_code.co_name if is_torchs(frame) else ""
        own = [look for by, look in looks if by in (caller, ANYONE)]
        while own and is_torchs(frame) and frame.f_back is not None:
            frame = frame.f_back
        if not own or is_torchs(frame):
            return
        operation = Operation(_where(frame), *taken)
        for look in own:
            try:
                look(operation)
            except Exception as error:  # to watch must not stop what is watched
                self.failures.append(f"{operation.where}: {error!r}")

    def seen(self, returned: Any) -> list[Seen]:
        """Return what is odd in what was done, given what the model returned."""
        try:
            return self._named(each.seen(returned) for each in self._watchers)
        except Exception as error:  # as above: what the model did is no worse for it
            self.failures.append(repr(error))
            return []

    def read(self, returned: Any) -> list[Seen]:
        """Return what is odd in what the result or a loss reads; it takes gradients."""
        return self._named(each.read(returned) for each in self._watchers)

    def _named(self, found: Iterable[Iterable[Seen]]) -> list[Seen]:
        """Return what was seen, each once, by the name of a layer; nothing that has none."""
        calls = self._recorder.calls
        last = calls[-1].name if calls else None
        named = [
            seen._replace(name=last) if seen.name is None else seen
            for seen in itertools.chain.from_iterable(found)
        ]
        return [*dict.fromkeys(seen for seen in named if seen.name is not None)]


def is_torchs(frame: FrameType) -> bool:
    """Return whether a frame is of a function of torch's."""
    return frame.f_code.co_filename.startswith(TORCH)


def _where(frame: FrameType) -> str:
    """Return file and line in words."""
    return f"{pathlib.Path(frame.f_code.co_filename).name}, line {frame.f_lineno}"
