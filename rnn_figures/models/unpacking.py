"""Outputs that a model unpacks, and whether it reads what stands behind a sequence's last step."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from torch import _VF, Tensor

from rnn_figures.models.readers import reads_padding
from rnn_figures.models.recording import Recorder
from rnn_figures.models.watchers import ANYONE, Operation, Seen, Watcher, both, watches


class _Unpacked(NamedTuple):
    """A padded output: of which data, with which lengths, on which line."""

    data: Tensor
    padded: Tensor
    lengths: Tensor
    batch_first: bool
    where: str

    @property
    def steps(self) -> int:
        """How many steps it has, with padding."""
        return self.padded.shape[1 if self.batch_first else 0]


class Unpacking(Watcher):
    """What a run unpacks, and takes means of."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__(recorder)
        self._unpacked: list[_Unpacked] = []
        self._means: list[_Unpacked] = []

    @watches(_VF._pad_packed_sequence, by=ANYONE)
    def unpack(self, operation: Operation) -> None:
        """Keep a padded output with its lengths."""
        (data, _, batch_first, *_), (padded, lengths) = operation.args, operation.returned
        self._unpacked.append(_Unpacked(data, padded, lengths, bool(batch_first), operation.where))

    @watches(*both("mean"))
    def mean(self, operation: Operation) -> None:
        """Keep a mean over the steps of a padded output."""
        given, dim = operation.given(0, "input"), operation.given(1, "dim")
        for each in self._unpacked:
            steps = 1 if each.batch_first else 0
            if came_of(given, each.padded) and dim in (steps, steps - 3):
                self._means.append(each._replace(where=operation.where))

    def data_behind(self, value: Tensor) -> list[Tensor]:
        """Return the packed data of which a value is the padded output."""
        return [each.data for each in self._unpacked if came_of(value, each.padded)]

    def read(self, returned: Any) -> Iterator[Seen]:
        """Yield the outputs whose padding is read."""
        numbers = self.recorder.outputs
        for each in self._of_padding(returned):
            if id(each.data) in numbers:
                name = self.recorder.calls[numbers[id(each.data)]].name
                yield Seen("padding unpacked", each.where, name=name)

    def _of_padding(self, returned: Any) -> Iterator[_Unpacked]:
        for each in self._unpacked:
            own = each.padded, each.lengths, each.batch_first
            if each.padded.requires_grad and reads_padding(*own, returned):
                yield each
        yield from (each for each in self._means if int(each.lengths.min()) < each.steps)


def came_of(value: Tensor, padded: Tensor) -> bool:
    """Return whether a value is a padded output, with its sequences put back in order or not."""
    node, own = value.grad_fn, padded.grad_fn
    return own is not None and own in (
        node,
        *(each for each, _ in getattr(node, "next_functions", ())),
    )
