"""Random numbers as a page has them: from seed 0, whatever was drawn before."""

import contextlib
from collections.abc import Iterator

import torch
from torch import Tensor


@contextlib.contextmanager
def from_seed_0() -> Iterator[None]:
    """Draw from seed 0; a page's own random numbers stay as they are."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


def site_input() -> Tensor:
    """Return the site's x, (8, 1, 5)."""
    return torch.randn(8, 1, 5, generator=torch.Generator().manual_seed(0))
