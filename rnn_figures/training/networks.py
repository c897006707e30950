"""What is trained: symbols in, a recurrent layer, scores for each answer out."""

import torch
from torch import Tensor, nn

from rnn_figures.weights import set_forget_bias

FORGET_BIAS = ", forget bias "
"""What stands in a kind between "LSTM" and the bias that its forget gate starts with."""


class Network(nn.Module):
    """A recurrent layer that reads symbols, and a linear readout that scores answers.

    Attributes:
        symbols: What it reads, a character each; symbol k is row k of the embedding.
        answers: What it chooses among after each symbol: a name each.
        embedding: What the layer reads for each symbol; the identity if symbols are one-hot.
        layer: The nn.LSTM, nn.GRU or nn.RNN, of one layer and one direction.
        readout: From h to a score for each answer.
    """

    def __init__(
        self, layer: nn.RNNBase, *, symbols: str, answers: tuple[str, ...], one_hot: bool = True
    ) -> None:
        super().__init__()
        self.symbols = symbols
        self.answers = answers
        self.layer = layer
        self.embedding = (
            nn.Embedding.from_pretrained(torch.eye(len(symbols)))
            if one_hot
            else nn.Embedding(len(symbols), layer.input_size)
        )
        self.readout = nn.Linear(layer.hidden_size, len(answers))

    def forward(self, symbols: Tensor) -> Tensor:
        """Return the score of each answer after each symbol, before a softmax: (L, N, answers)."""
        return self.readout(self.layer(self.embedding(symbols))[0])

    def read(self, text: str) -> Tensor:
        """Return the numbers of a text's symbols, (L, 1), int64; ValueError for another symbol."""
        if not text:
            raise ValueError("expected a text of at least one symbol, got an empty one")
        unknown = sorted(set(text) - set(self.symbols))
        if unknown:
            raise ValueError(f"expected only symbols of {self.symbols!r}, got {unknown[0]!r}")
        return torch.tensor([[self.symbols.index(symbol)] for symbol in text])

    def inputs(self, text: str) -> Tensor:
        """Return what the layer reads for a text, (L, 1, H_in): the input of `trace`."""
        with torch.no_grad():
            return self.embedding(self.read(text))

    def chances(self, text: str) -> Tensor:
        """Return the probability of each answer after each symbol of a text, (L, answers)."""
        with torch.no_grad():
            return self(self.read(text))[:, 0].softmax(dim=-1)

    def best(self, text: str) -> list[str]:
        """Return the likeliest answer after each symbol of a text."""
        return [self.answers[index] for index in self.chances(text).argmax(dim=-1).tolist()]


def fresh_layer(kind: str, input_size: int, hidden_size: int) -> nn.RNNBase:
    """Return a new layer as torch starts it, but for a forget bias: "LSTM, forget bias 3".

    Examples:
        >>> fresh_layer("LSTM, forget bias 3", 5, 2).bias_ih_l0[2:4].tolist()
        [3.0, 3.0]
    """
    name, _, bias = kind.partition(FORGET_BIAS)
    layer = {"RNN": nn.RNN, "GRU": nn.GRU, "LSTM": nn.LSTM}[name](input_size, hidden_size)
    if bias:
        assert isinstance(layer, nn.LSTM)
        set_forget_bias(layer, float(bias))
    return layer
