"""Outputs that a model unpacks, and whether it reads what stands behind a sequence's last step."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from torch import Tensor

from rnn_figures.models.readers import reads_padding
from rnn_figures.models.scoring import first_and


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


class Unpacking:
    """What a run unpacks, and takes means of."""

    def __init__(self) -> None:
        self._unpacked: list[_Unpacked] = []
        self._means: list[_Unpacked] = []

    def unpack(self, where: str, args: Any, named: Any, returned: Any) -> None:
        """Keep a padded output with its lengths."""
        padded, lengths = returned
        self._unpacked.append(_Unpacked(args[0], padded, lengths, bool(args[2]), where))

    def mean(self, where: str, args: Any, named: Any, returned: Any) -> None:
        """Keep a mean over the steps of a padded output."""
        given, dim = first_and(args, named, "dim")
        for each in self._unpacked:
            steps = 1 if each.batch_first else 0
            if came_of(given, each.padded) and dim in (steps, steps - 3):
                self._means.append(each._replace(where=where))

    def data_behind(self, value: Tensor) -> list[Tensor]:
        """Return the packed data of which a value is the padded output."""
        return [each.data for each in self._unpacked if came_of(value, each.padded)]

    def read(self, returned: Any) -> Iterator[tuple[int, str]]:
        """Yield the id of the data whose padding is read, with the line; it takes gradients."""
        for each in self._unpacked:
            own = each.padded, each.lengths, each.batch_first
            if each.padded.requires_grad and reads_padding(*own, returned):
                yield id(each.data), each.where
        for each in self._means:
            if int(each.lengths.min()) < each.steps:
                yield id(each.data), each.where


def came_of(value: Tensor, padded: Tensor) -> bool:
    """Return whether a value is a padded output, with its sequences put back in order or not."""
    node, own = value.grad_fn, padded.grad_fn
    return own is not None and own in (
        node,
        *(each for each, _ in getattr(node, "next_functions", ())),
    )
