"""Mistakes in what is computed around a layer, or for nothing, each beside its twin without."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.whole_models import (
    FEATURES,
    UNITS,
    InTraining,
    L,
    N,
    every,
    gru,
    head,
    last,
    lengths,
    lstm,
    noise,
    packed,
    padded,
    series,
    steps_of,
    tokens,
    two_ways,
)
from tests.whole_models.twins import RIGHT, WORDS, WRONG, of_parts, padded_words, twins

__all__ = ["RIGHT", "WRONG"]


# axes
twins(
    "scores squeezed without an axis",
    "batch squeezed",
    lambda m, x: last(m, x).squeeze(),
    lambda m, x: last(m, x).squeeze(-1),
    rnn=gru,
    head=head(outputs=1),
)
twins(
    "a state squeezed without an axis",
    "batch squeezed",
    lambda m, x: m.head(m.rnn(x)[1].squeeze()),
    lambda m, x: m.head(m.rnn(x)[1].squeeze(0)),
    rnn=gru,
    head=head(),
)
RIGHT.add(
    "an input handed back, squeezed without an axis",
    "",
    lambda m, x: (last(m, x), x[:, 0, :1].squeeze()),
    rnn=gru,
    head=head(),
)
RIGHT.add(
    "a loss squeezed without an axis",
    "",
    lambda m, x: last(m, x).square().mean(0, keepdim=True).squeeze(),
    rnn=gru,
    head=head(outputs=1),
)


# numbers
def shown(m: Any, x: Tensor, of: Tensor) -> Tensor:
    """Weigh the steps of each sequence, the others hidden."""
    output = m.rnn(x)[0]
    hidden = torch.arange(L) >= of[:, None]
    weights = m.score(output).squeeze(-1).masked_fill(hidden, -torch.inf).softmax(1)
    return m.head((weights[..., None] * output).sum(1))


def with_an_empty_one() -> Tensor:
    return lengths() - lengths().min()


twins(
    "a row that is masked throughout",
    "softmax of nothing, finite result",
    lambda m, x, of: shown(m, x, of - of.min()),
    shown,
    lambda: (series(), lengths()),
    rnn=lstm,
    score=lambda: nn.Linear(UNITS, 1),
)


def mean(m: Any, x: Tensor, of: Tensor, count: Tensor) -> Tensor:
    there = torch.arange(L) < of[:, None]
    return m.head((m.rnn(x)[0] * there[..., None]).sum(1) / count[:, None])


twins(
    "a mean over the steps of an empty sequence",
    "NaN made, finite result",
    lambda m, x, of: mean(m, x, of, of),
    lambda m, x, of: mean(m, x, of, of.clamp(min=1)),
    lambda: (series(), with_an_empty_one()),
    rnn=lstm,
)
of_parts(
    "a layer norm of one score",
    "norm of one",
    {"rnn": lstm, "head": lambda: nn.Sequential(nn.Linear(UNITS, 1), nn.LayerNorm(1))},
    {"rnn": lstm, "head": lambda: nn.Sequential(nn.LayerNorm(UNITS), nn.Linear(UNITS, 1))},
    last,
)
twins(
    "hazards multiplied along the batch",
    "accumulated over sequences",
    lambda m, x: (1 - every(m, x).squeeze(-1).sigmoid()).cumprod(0),
    lambda m, x: (1 - every(m, x).squeeze(-1).sigmoid()).cumprod(1),
    rnn=gru,
    head=head(outputs=1),
)


def ctc(m: Any, x: Tensor, first: int) -> Tensor:
    """Score texts whose classes count from a first one, some shorter than others."""
    targets = first + torch.arange(N * 4).view(N, 4) % 3
    of = torch.tensor([4, 3] * (N // 2))
    targets[1::2, 3] = 0  # behind the end of the text: no target
    scores = every(m, x).log_softmax(-1).transpose(0, 1)
    return functional.ctc_loss(scores, targets, torch.full((N,), L), of)


twins(
    "the blank among the classes of a text",
    "blank among targets",
    lambda m, x: ctc(m, x, 0),
    lambda m, x: ctc(m, x, 1),
    rnn=lambda: two_ways(1),
    head=head(2 * UNITS, 4),
)


def next_words(m: Any, x: Tensor, *, flat: bool, **options: Any) -> Tensor:
    scores, right = m.head(m.rnn(m.embed(x[:, :-1]))[0]), x[:, 1:]
    if flat:
        return functional.cross_entropy(scores.flatten(0, 1), right.flatten(), **options)
    return functional.cross_entropy(scores.mT, right, **options)


for flat in (False, True):
    twins(
        f"padding among the next words, {'in one row' if flat else 'row by row'}",
        "padding scored",
        lambda m, x, flat=flat: next_words(m, x, flat=flat),
        lambda m, x, flat=flat: next_words(m, x, flat=flat, ignore_index=0),
        padded_words,
        embed=lambda: nn.Embedding(WORDS, FEATURES, padding_idx=0),
        rnn=lstm,
        head=head(outputs=WORDS),
    )
twins(
    "both directions joined along the batch",
    "states joined along the batch",
    lambda m, x: m.head(torch.cat(tuple(m.rnn(x)[1][0][-2:]), 0)),
    lambda m, x: m.head(torch.cat(tuple(m.rnn(x)[1][0][-2:]), 1).unflatten(1, (2, -1)).sum(1)),
    rnn=lambda: two_ways(1),
)
twins(
    "outputs of length 1, by the axis that is meant for rows",
    "length along steps",
    lambda m, x: m.head(functional.normalize(m.rnn(x)[0])[:, -1]),
    lambda m, x: m.head(functional.normalize(m.rnn(x)[0][:, -1])),
    rnn=lstm,
)


# what a layer reads
def dropped(m: Any, x: Tensor, *, turned: bool) -> Tensor:
    x = m.embed(x)
    return m.head(m.rnn(m.drop(x.mT).mT if turned else m.drop(x))[0][:, -1])


def dropping_rows(run: Callable[..., Any]) -> InTraining:
    return InTraining(
        run, embed=nn.Embedding(WORDS, 6), drop=nn.Dropout1d(0.3), rnn=gru(6), head=head()()
    )


for zoo, due, turned in ((WRONG, "steps dropped", False), (RIGHT, "", True)):
    zoo.add(
        "a dropout of whole features, on words",
        due,
        lambda m, x: m.part(x),
        tokens,
        part=lambda turned=turned: dropping_rows(lambda m, x: dropped(m, x, turned=turned)),
        head=None,
    )


def packing(m: Any, x: Tensor, of: Tensor, *, batch_first: bool) -> Tensor:
    options = {"batch_first": batch_first, "enforce_sorted": False}
    return m.head(m.rnn(nn.utils.rnn.pack_padded_sequence(x, of, **options))[1][0][-1])


twins(
    "a batch packed without batch_first",
    "sequences left out",
    lambda m, x, of: packing(m, x, of.clamp(max=N), batch_first=False),
    lambda m, x, of: packing(m, x, of, batch_first=True),
    lambda: (padded(), lengths()),
    rnn=lstm,
)


def heard(m: Any, wave: Tensor, *, turned: bool) -> Tensor:
    window = torch.hann_window(32)
    size = torch.stft(wave, 32, 8, window=window, return_complex=True).abs().log1p()
    return m.head(m.rnn(size.mT if turned else size)[0][:, -1])


for zoo, due, turned, size in ((WRONG, "frequencies for steps", False, 26), (RIGHT, "", True, 17)):
    zoo.add(
        "a spectrum as stft gives it",
        due,
        lambda m, x, turned=turned: heard(m, x, turned=turned),
        lambda: noise(N, 200),
        rnn=lambda size=size: lstm(size),
    )


def of_documents(m: Any, x: Tensor, *, apart: Callable[[Tensor, int, int], Tensor]) -> Tensor:
    """Read the words of each sentence, then the sentences of each document."""
    documents, sentences, _ = x.shape
    h = m.words(m.embed(x.flatten(0, 1)))[1][-1]
    return m.head(m.rnn(apart(h, documents, sentences))[1][-1])


twins(
    "sentences that change their document",
    "samples mixed",
    lambda m, x: of_documents(m, x, apart=lambda h, n, k: h.view(k, n, -1).transpose(0, 1)),
    lambda m, x: of_documents(m, x, apart=lambda h, n, k: h.view(n, k, -1)),
    lambda: tokens(WORDS, 4, 6, 9),
    embed=lambda: nn.Embedding(WORDS, FEATURES),
    words=gru,
    rnn=lambda: gru(UNITS),
)


def in_pieces(m: Any, x: Tensor, goes_on: bool) -> Tensor:
    """Read pieces of 10 steps; the forward state goes on, or that of both directions."""
    outputs, state = [], None
    for piece in x.split(10, 1):
        output, (h, c) = m.rnn(piece, state)
        forward = torch.tensor([1.0, float(goes_on)])[:, None, None]
        state = h * forward, c * forward
        outputs.append(m.head(output))
    return torch.cat(outputs, 1)


twins(
    "both directions handed on to the next piece",
    "reverse state handed on",
    lambda m, x: in_pieces(m, x, goes_on=True),
    lambda m, x: in_pieces(m, x, goes_on=False),
    rnn=lambda: two_ways(1),
    head=head(2 * UNITS),
)


# steps by hand
def by_hand(m: Any, x: Tensor, order: str, opens: str = "i") -> Tensor:
    """Compute an LSTM's steps with its weights, four rows of gates named in some order."""
    h = c = x.new_zeros(N, UNITS)
    for step in steps_of(x):
        a = functional.linear(step, m.rnn.weight_ih_l0, m.rnn.bias_ih_l0)
        a = a + functional.linear(h, m.rnn.weight_hh_l0, m.rnn.bias_hh_l0)
        gates = dict(zip(order, a.chunk(4, -1), strict=True))
        s = {letter: part.sigmoid() for letter, part in gates.items() if letter != "g"}
        keeps = "f" if opens == "i" else "i"
        c = s[keeps] * c + s[opens] * gates["g"].tanh()
        h = s["o"] * c.tanh()
    return m.head(h)


for name, wrong in {
    "steps by hand, in the order of another library": lambda m, x: by_hand(m, x, "ifog"),
    "steps by hand, i for f": lambda m, x: by_hand(m, x, "ifgo", "f"),
}.items():
    twins(name, "gates in another order", wrong, lambda m, x: by_hand(m, x, "ifgo"), rnn=lstm)


def gru_by_hand(m: Any, x: Tensor, *, keeps: bool) -> Tensor:
    """Compute a GRU's steps with its weights; z keeps the state, or replaces it."""
    h = torch.ones(N, UNITS) / 2
    for step in steps_of(x):
        of_x = functional.linear(step, m.rnn.weight_ih_l0, m.rnn.bias_ih_l0).chunk(3, -1)
        of_h = functional.linear(h, m.rnn.weight_hh_l0, m.rnn.bias_hh_l0).chunk(3, -1)
        r, z = (a.add(b).sigmoid() for a, b in zip(of_x[:2], of_h[:2], strict=True))
        n = (of_x[2] + r * of_h[2]).tanh()
        h = (1 - z) * n + z * h if keeps else z * n + (1 - z) * h
    return m.head(h)


twins(
    "steps of a GRU by hand, z and 1 - z exchanged",
    "steps by hand differ",
    lambda m, x: gru_by_hand(m, x, keeps=False),
    lambda m, x: gru_by_hand(m, x, keeps=True),
    rnn=gru,
)


def lstm_by_hand(m: Any, x: Tensor, *, squashes: bool) -> Tensor:
    h = c = torch.zeros(N, UNITS)
    for step in steps_of(x):
        a = functional.linear(step, m.cell.weight_ih, m.cell.bias_ih)
        i, f, g, o = (a + functional.linear(h, m.cell.weight_hh, m.cell.bias_hh)).chunk(4, -1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * (c.tanh() if squashes else c)
    return m.head(h)


twins(
    "steps of an LSTM by hand, without the tanh of c",
    "steps by hand differ",
    lambda m, x: lstm_by_hand(m, x, squashes=False),
    lambda m, x: lstm_by_hand(m, x, squashes=True),
    cell=lambda: nn.LSTMCell(FEATURES, UNITS),
)


# for nothing
def rebuilt(m: Any, x: Tensor, *, starts: bool) -> Tensor:
    """Write from a state that was made of what was read, or from none."""
    start = m.start(m.rnn(x)[1][0]).tanh()
    return m.head(m.decoder(x, start if starts else None)[0])


twins(
    "a start of the decoder that it does not get",
    "computed for nothing",
    lambda m, x: rebuilt(m, x, starts=False),
    lambda m, x: rebuilt(m, x, starts=True),
    rnn=lstm,
    decoder=gru,
    start=lambda: nn.Linear(UNITS, UNITS),
)
RIGHT.add(
    "a second score that chooses, and is returned as a choice",
    "",
    lambda m, x: (last(m, x), m.other(m.rnn(x)[0][:, -1]).argmax(-1)),
    rnn=lstm,
    other=head(),
)


def keeping(m: Any, x: Tensor) -> Tensor:
    """Keep a loss of its own, for who asks for it later."""
    output = m.rnn(x)[0]
    m.kept = m.other(output).square().mean()
    return m.head(output)


RIGHT.add("a loss that the model keeps", "", keeping, rnn=lstm, other=head())
twins(
    "lengths that nothing reads",
    "argument unread",
    lambda m, x, of: last(m, x),
    lambda m, x, of: m.head(m.rnn(packed(x, of))[1][0][-1]),
    lambda: (padded(), lengths()),
    rnn=lstm,
)
WRONG["lengths that nothing reads"] = WRONG["lengths that nothing reads"]._replace(
    given=lambda: (series(), lengths())
)


def tied(*, copied: bool) -> Callable[[], nn.ModuleDict]:
    def make() -> nn.ModuleDict:
        embed, head = nn.Embedding(WORDS, UNITS), nn.Linear(UNITS, WORDS)
        head.weight = nn.Parameter(embed.weight.clone()) if copied else embed.weight
        return nn.ModuleDict({"embed": embed, "head": head})

    return make


for zoo, due, copied in ((WRONG, "weights copied", True), (RIGHT, "", False)):
    zoo.add(
        "an output layer tied to the embedding",
        due,
        lambda m, x: m.words["head"](m.rnn(m.words["embed"](x))[0]),
        tokens,
        words=tied(copied=copied),
        rnn=lambda: lstm(UNITS),
        head=None,
    )


def biased(letter: str) -> Callable[[], nn.LSTM]:
    """Return what makes a layer without biases but for one gate's, which is 1."""

    def make() -> nn.LSTM:
        layer = lstm()
        with torch.no_grad():
            for bias in (layer.get_parameter("bias_ih_l0"), layer.get_parameter("bias_hh_l0")):
                bias.zero_()
            first = "ifgo".index(letter) * UNITS
            layer.get_parameter("bias_ih_l0")[first : first + UNITS] = 1
        return layer

    return make


of_parts(
    "a forget bias in the first rows",
    "bias in other rows",
    {"rnn": biased("i"), "head": head()},
    {"rnn": biased("f"), "head": head()},
    last,
)


def zero_head() -> nn.Linear:
    layer = nn.Linear(UNITS, 3)
    nn.init.zeros_(layer.weight)
    return layer


RIGHT.add("a last layer that starts at 0", "gradient of 0", last, rnn=lstm, head=zero_head)
