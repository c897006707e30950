"""What a run was given or computed for nothing: what is none of it, though no function shows it."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from rnn_figures import diagnose


class Scaled(nn.Module):
    """A layer whose output is scaled, in some way, by another input."""

    def __init__(self, scale: Callable[[Tensor, Tensor], Tensor]) -> None:
        super().__init__()
        self.rnn = nn.GRU(4, 3, batch_first=True)
        self.head = nn.Linear(3, 2)
        self.scale = scale

    def forward(self, x: Tensor, by: Tensor) -> Tensor:
        return self.head(self.scale(self.rnn(x)[0], by))


class Product(torch.autograd.Function):
    """A product with a gradient of its own."""

    @staticmethod
    def forward(ctx: Any, one: Tensor, other: Tensor) -> Tensor:
        return one * other

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return gradients[0], None


READ = {
    "a number of it": lambda output, by: output * by.tolist()[0][0][0],
    "an operator by its name": lambda output, by: torch.ops.aten.mul(output, by),
    "a function of its own": Product.apply,
    "numpy": lambda output, by: output * torch.as_tensor(by.numpy()),
    "row by row": lambda output, by: torch.stack([a * b for a, b in zip(output, by, strict=True)]),
    "a list of both": lambda output, by: torch.cat((output, by), 1),
    "vmap": lambda output, by: torch.vmap(torch.mul)(output, by),
    "in place": lambda output, by: output.clone().mul_(by),
}
"""Ways to read a tensor."""


def given() -> tuple[Tensor, Tensor]:
    torch.manual_seed(0)
    return torch.randn(3, 7, 4), torch.rand(3, 7, 3)


@pytest.mark.parametrize("way", READ)
def test_what_is_read_in_any_way_is_not_told(way):
    verdict = diagnose(Scaled(READ[way]), *given())

    assert {finding.check for finding in verdict.findings} == {"fresh layer"}
    assert "what is done around the layers" not in verdict.unsaid


def test_what_is_asked_for_its_shape_alone_is_told_by_its_name():
    verdict = diagnose(Scaled(lambda output, by: output / by.shape[1]), *given())

    (found,) = (one for one in verdict.findings if one.check == "argument unread")
    assert found.meaning.startswith("The model is given by, (3, 7, 3), and no function")


def test_arguments_that_a_hook_changes_have_no_names():
    model = Scaled(lambda output, by: output * by)
    model.register_forward_pre_hook(lambda module, args: args[0])

    verdict = diagnose(model, given())

    assert {finding.check for finding in verdict.findings} == {"fresh layer"}
