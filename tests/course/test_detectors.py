"""Each detector on wrong code and on right code of every kind: no mistake passes, none is made."""

import inspect
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, mse_loss
from torch.nn.utils.rnn import (
    PackedSequence,
    pack_padded_sequence,
    pack_sequence,
    pad_packed_sequence,
    pad_sequence,
    unpad_sequence,
)

from rnn_figures.course import detectors
from rnn_figures.course.detectors import (
    compares_one_to_one,
    counts_sequences,
    equals_one_call,
    fits_packed,
    gives_each_its_own,
    has_forget_bias,
    has_its_shapes,
    has_options,
    has_state_for,
    hears_first_step,
    holds_parameters,
    holds_sequences,
    ignores_padding,
    is_random,
    is_transposed,
    keeps_batch_of_one,
    keeps_every_step,
    keeps_rows_together,
    keeps_sequences_apart,
    reaches_zero,
    starts_afresh,
    starts_own_rows,
    takes_final_h,
)


@dataclass(frozen=True)
class Kind:
    """One kind of right code: a module, the sizes of its batch, and the form of its input."""

    module: nn.RNNBase
    L: int = 6
    N: int = 4
    form: str = "padded"

    @property
    def axis(self) -> int:
        """Which axis counts sequences."""
        return 0 if self.module.batch_first else 1

    @property
    def lengths(self) -> list[int]:
        """Lengths in no order, the longest L; one sequence has a length of L - 2."""
        return [self.L - 2, self.L, 1, self.L - 1, self.L, 2][: self.N]

    def batch(self) -> Tensor:
        """Return a padded batch in the module's layout."""
        axes = (self.N, self.L) if self.module.batch_first else (self.L, self.N)
        return torch.randn(*axes, self.module.input_size)

    def input(self) -> Tensor | PackedSequence:
        """Return what the module reads: a batch, one sequence, or a packed batch."""
        batch = self.batch()
        if self.form == "unbatched":
            return batch.select(self.axis, 0)
        if self.form == "padded":
            return batch
        return pack_padded_sequence(
            batch,
            self.lengths,
            batch_first=self.module.batch_first,
            enforce_sorted=False,
        )


def frozen(module: nn.RNNBase) -> nn.RNNBase:
    return module.requires_grad_(requires_grad=False)


def kinds() -> dict[str, Kind]:
    torch.manual_seed(0)
    return {
        "one layer": Kind(nn.LSTM(5, 3)),
        "three layers": Kind(nn.LSTM(5, 3, num_layers=3)),
        "two directions": Kind(nn.LSTM(5, 3, bidirectional=True)),
        "two layers, two directions": Kind(nn.LSTM(5, 3, 2, bidirectional=True)),
        "batch first": Kind(nn.LSTM(5, 3, 2, batch_first=True)),
        "batch first, two directions": Kind(nn.LSTM(5, 3, 2, batch_first=True, bidirectional=True)),
        "projection": Kind(nn.LSTM(5, 4, 2, proj_size=2, bidirectional=True)),
        "GRU": Kind(nn.GRU(5, 3, 2)),
        "GRU, two directions": Kind(nn.GRU(5, 3, bidirectional=True)),
        "relu RNN without biases": Kind(nn.RNN(5, 7, nonlinearity="relu", bias=False)),
        "training, dropout": Kind(nn.LSTM(5, 3, 2, dropout=0.5).train()),
        "eval": Kind(nn.LSTM(5, 3, 2, dropout=0.5).eval()),
        "frozen": Kind(frozen(nn.LSTM(5, 3, 2))),
        "N = 1": Kind(nn.LSTM(5, 3, 2), N=1),
        "N = 1, batch first": Kind(nn.GRU(5, 3, batch_first=True), N=1),
        "L = N": Kind(nn.LSTM(5, 3, 2), L=6, N=6),
        "L = N, batch first": Kind(nn.LSTM(5, 3, batch_first=True), L=6, N=6),
        "L = N = layers": Kind(nn.GRU(5, 3, 4), L=4, N=4),
        "packed": Kind(nn.LSTM(5, 3, 2), form="packed"),
        "packed, two directions, batch first": Kind(
            nn.LSTM(5, 3, bidirectional=True, batch_first=True), form="packed"
        ),
        "unbatched": Kind(nn.LSTM(5, 3, 2), form="unbatched"),
        "unbatched, two directions": Kind(nn.GRU(5, 3, bidirectional=True), form="unbatched"),
        "H = N": Kind(nn.LSTM(5, 4)),
    }


ALL = kinds()
BATCHED = {name: kind for name, kind in ALL.items() if kind.form == "padded"}
every_kind = pytest.mark.parametrize("kind", ALL.values(), ids=ALL)
every_batch = pytest.mark.parametrize("kind", BATCHED.values(), ids=BATCHED)


def h_of(state):
    return state[0] if isinstance(state, tuple) else state


def final_h(output, state):
    """Return both directions of the top layer, found from the number of axes alone."""
    h_n = h_of(state)
    values = output.data if isinstance(output, PackedSequence) else output
    both = values.shape[-1] == 2 * h_n.shape[-1]
    return torch.cat([h_n[-2], h_n[-1]], dim=-1) if both else h_n[-1]


@pytest.mark.parametrize("name", [name for name, _ in inspect.getmembers(detectors, callable)])
def test_detector_runs_when_it_is_pasted(name):
    detector = getattr(detectors, name)
    if getattr(detector, "__module__", "") != detectors.__name__:
        return  # what the file imports
    pasted = {"Callable": detectors.Callable, "torch": torch, "nn": nn, "Tensor": Tensor}
    pasted |= {"PackedSequence": PackedSequence, "pack_sequence": pack_sequence}
    pasted |= {"unpack_sequence": detectors.unpack_sequence}
    source = inspect.getsource(detector)
    exec(source, pasted)

    known = set(pasted) | set(dir(pasted["__builtins__"])) | set(pasted["__builtins__"])
    assert not set(detector.__code__.co_names) & set(vars(detectors)) - known
    assert all(len(line) <= 80 for line in source.splitlines())  # the column of a page


# Axes


@every_batch
def test_keeps_sequences_apart(kind):
    batch = kind.batch()
    mode, axis = kind.module.training, kind.axis

    assert keeps_sequences_apart(kind.module, batch, axis=axis)
    assert kind.module.training == mode

    kind.module.batch_first = not kind.module.batch_first
    try:
        assert not keeps_sequences_apart(kind.module, batch, axis=axis)
    finally:
        kind.module.batch_first = not kind.module.batch_first


class Tagger(nn.Module):
    """A whole model that reads ids and returns a tensor."""

    def __init__(self, *, batch_first: bool):
        super().__init__()
        self.embedding = nn.Embedding(9, 5)
        self.lstm = nn.LSTM(5, 3, batch_first=batch_first)
        self.drop, self.head = nn.Dropout(0.5), nn.Linear(3, 2)

    def forward(self, ids):
        return self.head(self.drop(self.lstm(self.embedding(ids))[0]))


@pytest.mark.parametrize("N", [1, 2, 8])
def test_keeps_sequences_apart_for_models_on_ids(N):
    ids = torch.randint(9, (N, 8))

    assert keeps_sequences_apart(Tagger(batch_first=True), ids)
    assert keeps_sequences_apart(Tagger(batch_first=False), ids.T, axis=1)
    assert not keeps_sequences_apart(Tagger(batch_first=False), ids)
    assert not keeps_sequences_apart(Tagger(batch_first=True), ids.T, axis=1)


@pytest.mark.parametrize("N", [2, 3, 4])
@pytest.mark.parametrize("L", [2, 4, 6])
def test_is_transposed(N, L):
    batch = torch.randn(N, L, 5)

    assert is_transposed(batch.transpose(0, 1), batch)
    assert is_transposed(batch.permute(1, 0, 2).contiguous(), batch)
    assert not is_transposed(batch.view(L, N, 5), batch)
    assert not is_transposed(batch.reshape(L, N, 5), batch)
    assert not is_transposed(batch.transpose(0, 1).flip(0), batch)
    assert is_transposed(torch.zeros(6, 1, 5), torch.zeros(1, 6, 5))


@every_kind
def test_has_state_for(kind):
    _, state = kind.module(kind.input())
    N = None if kind.form == "unbatched" else kind.N

    assert has_state_for(h_of(state), N)
    assert not has_state_for(h_of(state), kind.N + 1)
    assert not has_state_for(h_of(state), 1 if N is None else None)
    if kind.form == "packed":
        _, wrong = kind.module(kind.input().data)
        assert not has_state_for(h_of(wrong), N)
    if kind.form == "padded" and kind.L == 1:
        assert not has_state_for(h_of(kind.module(kind.batch()[0])[1]), N)


@every_batch
def test_has_state_for_sees_a_batch_read_as_one_sequence(kind):
    vectors = torch.randn(kind.N, 5)

    assert not has_state_for(h_of(kind.module(vectors)[1]), kind.N)
    one_step = vectors.unsqueeze(1 - kind.axis)
    assert has_state_for(h_of(kind.module(one_step)[1]), kind.N)


CELLS = [nn.LSTMCell(5, 3), nn.GRUCell(5, 3), nn.RNNCell(5, 3), nn.LSTMCell(5, 3, bias=False)]


def loop(cell, steps):
    """Return each step's h: (L, H) for one sequence, (L, N, H) for a batch."""
    state, rows = None, []
    for step in steps:
        state = cell(step, state)
        rows.append(h_of(state))
    return torch.stack(rows)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("shape", [(8, 5), (2, 5), (8, 1, 5), (8, 4, 5), (4, 4, 5), (3, 2, 5)])
def test_hears_first_step(cell, shape):
    steps = torch.randn(shape)

    assert hears_first_step(lambda steps: loop(cell, steps), steps)
    assert hears_first_step(lambda steps: loop(cell, steps)[-1:], steps)
    each_from_zeros = [lambda steps: torch.stack([h_of(cell(step)) for step in steps])]
    if len(shape) == 2:
        each_from_zeros.append(lambda steps: h_of(cell(steps)))
    for wrong in each_from_zeros:
        assert not hears_first_step(wrong, steps)
    frozen_cell = type(cell)(5, 3).requires_grad_(requires_grad=False)
    assert hears_first_step(lambda steps: loop(frozen_cell, steps), steps)


def test_hears_first_step_sees_a_loop_that_forgets_to_pass_the_state():
    lstm, steps = nn.LSTM(5, 3), torch.randn(4, 1, 5)

    assert hears_first_step(lambda steps: lstm(steps)[0], steps)
    assert not hears_first_step(
        lambda steps: torch.cat([lstm(step[None])[0] for step in steps]), steps
    )


@every_batch
def test_keeps_batch_of_one(kind):
    module, batch = kind.module, kind.batch()

    def squeezed(batch):
        return h_of(module(batch)[1])[-1:].squeeze()

    assert keeps_batch_of_one(lambda batch: final_h(*module(batch)), batch, kind.axis)
    assert keeps_batch_of_one(
        lambda batch: h_of(module(batch)[1])[-1:].squeeze(0), batch, kind.axis
    )
    assert keeps_batch_of_one(lambda batch: module(batch)[0], batch, kind.axis)
    assert not keeps_batch_of_one(squeezed, batch, kind.axis)
    assert not keeps_batch_of_one(lambda batch: module(batch)[0].squeeze(), batch, kind.axis)


# The wrong tensor


@every_kind
def test_takes_final_h_accepts_the_right_lines(kind):
    module, read = kind.module, kind.input()

    assert takes_final_h(final_h, module, read)
    if not module.bidirectional:
        assert takes_final_h(lambda output, state: h_of(state)[-1], module, read)
        if kind.form != "packed":
            last = (slice(None), -1) if module.batch_first and kind.form == "padded" else -1
            assert takes_final_h(lambda output, state: output[last], module, read)
        else:

            def own_last(output, state):
                padded, lengths = pad_packed_sequence(output, batch_first=True)
                return padded[torch.arange(len(lengths)), lengths - 1]

            assert takes_final_h(own_last, module, read)
    if kind.module.num_layers == 1 and not module.bidirectional:
        assert takes_final_h(lambda output, state: h_of(state)[0], module, read)


@every_kind
def test_takes_final_h_refuses_the_wrong_lines(kind):
    module, read = kind.module, kind.input()
    rows = module.num_layers * (1 + module.bidirectional)

    def padded(output):
        if isinstance(output, PackedSequence):
            return pad_packed_sequence(output, batch_first=module.batch_first)[0]
        return output

    def last(output):
        output = padded(output)
        return output[:, -1] if module.batch_first and kind.form != "unbatched" else output[-1]

    wrong = {
        "one tanh too many": lambda output, state: (
            final_h(output, state).tanh() * 1.0 if h_of(state).any() else None
        ),
        "all steps": lambda output, state: padded(output),
        "the first step": lambda output, state: padded(output)[0] + 1e-3,
    }
    if module.mode == "LSTM":
        wrong["hidden[-1] is c_n"] = lambda output, hidden: hidden[-1]
        wrong["the last row of c_n"] = lambda output, hidden: hidden[1][-1]
        if module.bidirectional:
            wrong["both of a tuple"] = lambda output, hidden: (
                torch.cat((hidden[-2], hidden[-1]), dim=-1)
                if hidden[0].shape == hidden[1].shape
                else hidden[0]
            )
    if module.bidirectional:
        wrong["output[-1]"] = lambda output, state: last(output)
        wrong["the reverse row alone"] = lambda output, state: h_of(state)[-1]
        wrong["the halves exchanged"] = lambda output, state: torch.cat(
            [h_of(state)[-1], h_of(state)[-2]], dim=-1
        )
    elif kind.form == "packed":
        wrong["output[:, -1] of padding"] = lambda output, state: last(output)
    if rows > 1:
        wrong["h_n[0]"] = lambda output, state: h_of(state)[0]
    if rows == 2 and module.mode == "GRU":
        wrong["taken for a pair"] = lambda output, state: next(iter(state))
    for name, take in wrong.items():
        assert not takes_final_h(take, module, read), name


@every_kind
def test_keeps_rows_together(kind):
    if kind.form == "unbatched":
        return
    h_n = h_of(kind.module(kind.input())[1])

    assert keeps_rows_together(h_n.permute(1, 0, 2).reshape(kind.N, -1), h_n)
    assert keeps_rows_together(torch.cat(list(h_n), dim=1), h_n)
    if len(h_n) > 1 and kind.N > 1:
        assert not keeps_rows_together(h_n.view(kind.N, -1), h_n)
        assert not keeps_rows_together(h_n.flip(0).transpose(0, 1).flatten(1), h_n)


# Padding and packing


def packed_code(module):
    def run(batch, lengths):
        packed = pack_padded_sequence(
            batch, lengths, batch_first=module.batch_first, enforce_sorted=False
        )
        return final_h(*module(packed))

    return run


@every_batch
def test_gives_each_its_own(kind):
    module, batch, lengths = kind.module, kind.batch(), kind.lengths
    if module.training and module.dropout:
        assert not gives_each_its_own(packed_code(module), batch, lengths)  # as it says: eval()
        return
    first = module.batch_first

    def padded(batch, lengths):
        return final_h(*module(batch))

    def valid(output, lengths):
        return (torch.arange(output.shape[1]) < lengths[:, None])[..., None]

    def outputs(batch, lengths):
        packed = pack_padded_sequence(batch, lengths, batch_first=first, enforce_sorted=False)
        return pad_packed_sequence(module(packed)[0], batch_first=True)[0]

    def right_mean(batch, lengths):
        return outputs(batch, lengths).sum(dim=1) / lengths[:, None]

    def right_max(batch, lengths):
        output = outputs(batch, lengths)
        return output.masked_fill(~valid(output, lengths), -torch.inf).amax(dim=1)

    def sorted_by_hand(batch, lengths):
        order = lengths.argsort(descending=True)
        packed = pack_padded_sequence(
            batch.index_select(kind.axis, order), lengths[order], batch_first=first
        )
        return final_h(*module(packed))

    def put_back(batch, lengths):
        return sorted_by_hand(batch, lengths)[lengths.argsort(descending=True).argsort()]

    for right in (packed_code(module), right_mean, right_max, put_back):
        assert gives_each_its_own(right, batch, lengths, batch_first=first)
        assert gives_each_its_own(right, batch, torch.tensor(lengths), batch_first=first)
    wrong = [padded, lambda batch, lengths: outputs(batch, lengths).mean(dim=1)]
    if kind.N > 1:
        wrong.append(sorted_by_hand)
        if not module.bidirectional:
            wrong.append(lambda batch, lengths: outputs(batch, lengths)[:, -1])
    else:
        batch = torch.cat([batch, batch], dim=kind.axis)
        lengths = [kind.L, kind.L - 1]
    for run in wrong:
        assert not gives_each_its_own(run, batch, lengths, batch_first=first)


@pytest.mark.parametrize("lengths", [[6, 5, 4, 3, 2, 1], [6, 2, 1, 1, 1, 1], [2, 6, 3, 1, 5, 6]])
@pytest.mark.parametrize("batch_first", [False, True])
def test_gives_each_its_own_finds_packing_along_the_wrong_axis(lengths, batch_first):
    lstm, batch = nn.LSTM(5, 3), torch.randn(6, 6, 5)  # square

    def run(batch, lengths, *, layout):
        packed = pack_padded_sequence(batch, lengths, batch_first=layout, enforce_sorted=False)
        return lstm(packed)[1][0][-1]

    def right(batch, lengths):
        return run(batch, lengths, layout=batch_first)

    def wrong(batch, lengths):
        return run(batch, lengths, layout=not batch_first)

    assert gives_each_its_own(right, batch, lengths, batch_first=batch_first)
    assert not gives_each_its_own(wrong, batch, lengths, batch_first=batch_first)


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize(
    "lengths", [[4], [1], [4, 3, 2, 1], [2, 4, 1, 4], [4, 4], [1, 1, 1], [3, 6]]
)
def test_holds_sequences(lengths, batch_first):
    sequences = [torch.randn(length, 5) for length in lengths]
    batch = pad_sequence(sequences, batch_first=batch_first)
    pack = pack_padded_sequence
    options = {"batch_first": batch_first, "enforce_sorted": False}

    assert holds_sequences(pack(batch, lengths, **options), sequences)
    assert holds_sequences(pack(batch, torch.tensor(lengths), **options), sequences)
    assert holds_sequences(pack_sequence(sequences, enforce_sorted=False), sequences)

    floats = torch.tensor(lengths) - 0.1
    wrong = [pack_sequence([*sequences, sequences[0]], enforce_sorted=False)]
    if min(lengths) > 1:
        wrong.append(pack(batch, floats, **options))
        left = torch.stack(
            [torch.cat([s.new_zeros(max(lengths) - len(s), 5), s]) for s in sequences]
        )
        if len(set(lengths)) > 1:
            wrong.append(pack(left, lengths, batch_first=True, enforce_sorted=False))
    if len(lengths) > 1:
        wrong.append(pack_sequence(sequences[:-1], enforce_sorted=False))
        wrong.append(pack_sequence([*sequences[1:], sequences[0]], enforce_sorted=False))
    if len(lengths) == max(lengths) > 1:  # square: the wrong layout packs without a word
        wrong.append(pack(batch, lengths, batch_first=not batch_first, enforce_sorted=False))
    wrong.append(pack(batch, [length + 1 for length in lengths], **options))
    for packed in wrong:
        assert not holds_sequences(packed, sequences)


def test_counts_sequences():
    assert counts_sequences(lambda packed: packed.batch_sizes[0].item())
    assert counts_sequences(lambda packed: packed.batch_sizes.max().item())
    assert counts_sequences(lambda packed: len(pad_packed_sequence(packed)[1]))
    assert counts_sequences(lambda packed: len(unpad_sequence(*pad_packed_sequence(packed))))
    for wrong in (
        len,  # the four fields
        lambda packed: len(2 * packed),
        lambda packed: len(packed.data),  # steps
        lambda packed: len(packed.batch_sizes),
        lambda packed: packed.batch_sizes.sum().item(),
    ):
        assert not counts_sequences(wrong)


@every_kind
def test_keeps_every_step(kind):
    if kind.form != "packed":
        read = kind.input()
        assert keeps_every_step(kind.module(read)[0], read)
    first, batch = kind.module.batch_first, kind.batch()
    lengths = [kind.L - 1] * kind.N  # all shorter than the padding

    output, _ = kind.module(pack_padded_sequence(batch, lengths, batch_first=first))
    full, _ = pad_packed_sequence(output, batch_first=first, total_length=kind.L)
    assert keeps_every_step(full, batch)
    assert not keeps_every_step(pad_packed_sequence(output, batch_first=first)[0], batch)


@every_kind
def test_fits_packed(kind):
    read = pack_sequence([torch.randn(3, 5), torch.randn(2, 5)])

    assert fits_packed(read, kind.module)
    for wide in (4, 6, 1):
        assert not fits_packed(pack_sequence([torch.randn(3, wide)] * 2), kind.module)
    assert not fits_packed(pack_sequence([torch.randn(3)] * 2), kind.module)


# State


@every_kind
def test_equals_one_call(kind):
    module, read = kind.module, kind.input()
    if module.bidirectional or kind.form == "packed":
        return
    steps = 1 if module.batch_first and kind.form == "padded" else 0
    mode = module.training

    def pieces(input, *, carried=True, size=3):
        state, outputs = None, []
        for piece in input.split(size, dim=steps):
            output, state = module(piece, state if carried else None)
            outputs.append(output)
        return torch.cat(outputs, dim=steps)

    assert equals_one_call(pieces, module, read)
    assert equals_one_call(lambda whole: pieces(whole, size=1), module, read)
    assert not equals_one_call(lambda whole: pieces(whole, carried=False), module, read)
    assert not equals_one_call(lambda whole: pieces(whole, carried=False, size=1), module, read)
    assert not equals_one_call(lambda whole: pieces(whole)[..., :1], module, read)
    assert module.training == mode


@every_kind
def test_starts_afresh(kind):
    module, (batch, other) = kind.module, (kind.input(), kind.input())

    class Reader:
        """Code that keeps a state from batch to batch."""

        state = None

        def __call__(self, batch):
            output, state = module(batch, self.state)
            self.state = state
            return output.data if isinstance(output, PackedSequence) else output

    def right(batch):
        output, _ = module(batch)
        return output.data if isinstance(output, PackedSequence) else output

    assert starts_afresh(right, batch, other)
    assert not starts_afresh(Reader(), batch, other)


@every_kind
def test_starts_own_rows(kind):
    module, read, first = kind.module, kind.input(), kind.module.batch_first
    if kind.form == "unbatched":
        return
    rows = module.num_layers * (1 + module.bidirectional)
    h_0 = torch.randn(rows, kind.N, module.proj_size or module.hidden_size)
    c_0 = torch.randn(rows, kind.N, module.hidden_size)

    def run(state):
        output, _ = module(read, (state, c_0) if module.mode == "LSTM" else state)
        if isinstance(output, PackedSequence):
            output, _ = pad_packed_sequence(output, batch_first=first)
        return output

    def batch_first_state(state):
        return run(state.transpose(0, 1).contiguous())

    def vector_from_view(state):
        return run(state.reshape(h_0.shape))

    by_sequence = h_0.transpose(0, 1).contiguous()
    assert starts_own_rows(run, h_0, axis=1, output_axis=kind.axis)
    assert starts_own_rows(batch_first_state, by_sequence, axis=0, output_axis=kind.axis)
    if kind.N > 1 and rows > 1:
        assert not starts_own_rows(vector_from_view, by_sequence, axis=0, output_axis=kind.axis)
        assert not starts_own_rows(
            lambda state: run(state.flip(1)), h_0, axis=1, output_axis=kind.axis
        )
    if kind.N == rows > 1:
        assert not starts_own_rows(batch_first_state, h_0, axis=1, output_axis=kind.axis)


# Options and weights


@every_kind
def test_has_options(kind):
    module = kind.module
    names = ("num_layers", "bidirectional", "batch_first", "bias", "dropout", "proj_size")

    assert has_options(module, **{name: getattr(module, name) for name in names})
    assert not has_options(module, bidirectional=not module.bidirectional)
    assert not has_options(module, num_layers=module.num_layers + 1)


def test_has_options_sees_an_option_in_the_place_of_another():
    lstm = nn.LSTM(5, 3, True)

    assert not has_options(lstm, bidirectional=True)
    assert not has_options(lstm, num_layers=1)  # True == 1
    assert has_options(nn.LSTM(5, 3, bidirectional=True), bidirectional=True, num_layers=1)


@every_kind
def test_is_random(kind):
    module, read = kind.module, kind.input()

    def run(*, p=0.0):
        output = module(read)[0]
        return nn.functional.dropout(getattr(output, "data", output), p)

    assert is_random(run) == (module.training and module.dropout > 0)
    assert is_random(lambda: run(p=0.5))
    assert is_random(lambda: run(p=0.05))


@every_kind
def test_has_forget_bias(kind):
    options = kind.module
    if options.mode != "LSTM":
        return
    kind_of = (options.input_size, options.hidden_size, options.num_layers)
    lstm = nn.LSTM(*kind_of, bidirectional=options.bidirectional, proj_size=options.proj_size)
    H = lstm.hidden_size
    biases = {name: bias for name, bias in lstm.named_parameters() if "bias" in name}

    def fill(ih, hh, rows=slice(H, 2 * H)):
        with torch.no_grad():
            for name, bias in biases.items():
                bias[rows] = ih if "_ih_" in name else hh

    assert not has_forget_bias(lstm, 1)
    fill(1, 0)
    assert has_forget_bias(lstm, 1)
    fill(0.5, 0.5)
    assert has_forget_bias(lstm, 1)
    assert not has_forget_bias(lstm, 2)
    fill(1, 1)
    assert not has_forget_bias(lstm, 1)
    fill(0, 0)
    fill(1, 0, rows=slice(2 * H, 3 * H))  # the gate after it
    assert not has_forget_bias(lstm, 1)
    fill(1, 0)
    with torch.no_grad():
        biases["bias_ih_l0"][2 * H - 1] = 0.0  # one unit left out
    assert not has_forget_bias(lstm, 1)
    fill(1, 0)
    with torch.no_grad():
        list(biases.values())[-1][H:] += 1.0  # the last layer, or direction, alone
    assert not has_forget_bias(lstm, 1)
    without = nn.LSTM(*kind_of, bias=False)
    assert has_forget_bias(without, 0)
    assert not has_forget_bias(without, 1)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
def test_has_forget_bias_reads_every_type_of_weights(dtype):
    lstm = nn.LSTM(5, 3, dtype=dtype)

    assert not has_forget_bias(lstm, 1)
    with torch.no_grad():
        lstm.get_parameter("bias_ih_l0")[3:6] = 1.0
        lstm.get_parameter("bias_hh_l0")[3:6] = 0.0
    assert has_forget_bias(lstm, 1)
    assert not has_forget_bias(lstm, 0)


@every_kind
def test_holds_parameters(kind):
    module = nn.Sequential(kind.module, nn.Linear(3, 2))
    trained = [p for p in module.parameters() if p.requires_grad]

    assert holds_parameters(torch.optim.SGD(module.parameters(), 0.1), module)
    assert holds_parameters(torch.optim.Adam(trained), module)
    groups = [{"params": [p]} for p in trained]
    assert holds_parameters(torch.optim.SGD(groups, 0.1), module)
    assert not holds_parameters(torch.optim.SGD(trained[1:], 0.1), module)
    optimizer = torch.optim.SGD(module.parameters(), 0.1)
    module[1].weight = nn.Parameter(torch.zeros(2, 3))
    assert not holds_parameters(optimizer, module)


@every_kind
def test_has_its_shapes(kind):
    module = kind.module
    names = [name for name, _ in module.named_parameters()]

    assert has_its_shapes(module)
    for name in names:
        weight = getattr(module, name)
        for wrong in (torch.zeros(*weight.shape[:-1], weight.shape[-1] + 1), weight[:-1].clone()):
            setattr(module, name, nn.Parameter(wrong))
            try:
                assert not has_its_shapes(module)
            finally:
                setattr(module, name, weight)


# The loss


@pytest.mark.parametrize("N", [2, 4, 7])
def test_compares_one_to_one(N):
    target = torch.randn(N)

    assert compares_one_to_one(torch.randn(N, 1).squeeze(1), target)
    assert compares_one_to_one(torch.randn(N, 1), target[:, None])
    assert not compares_one_to_one(torch.randn(N, 1), target)
    assert not compares_one_to_one(torch.randn(1, N), target)
    with pytest.warns(UserWarning, match="target size"):
        mse_loss(torch.randn(N, 1), target)


WEIGHTS = torch.tensor([1.0, 2.0, 3.0])
RIGHT_LOSSES = {
    "mean": nn.CrossEntropyLoss(),
    "sum": nn.CrossEntropyLoss(reduction="sum"),
    "none": nn.CrossEntropyLoss(reduction="none"),
    "weights": nn.CrossEntropyLoss(weight=WEIGHTS),
    "ignored": nn.CrossEntropyLoss(ignore_index=0),
    "function": cross_entropy,
    "log softmax, then NLLLoss": lambda s, t: nn.NLLLoss()(s.log_softmax(dim=1), t),
    "one-hot": lambda s, t: cross_entropy(s, nn.functional.one_hot(t, 3).float()),
    "log softmax twice, which changes nothing": lambda s, t: cross_entropy(s.log_softmax(1), t),
    "margin": nn.MultiMarginLoss(),
}
WRONG_LOSSES = {
    "softmax first": lambda s, t: cross_entropy(s.softmax(dim=1), t),
    "softmax over the batch": lambda s, t: cross_entropy(s.softmax(dim=0), t),
    "sigmoid first": lambda s, t: cross_entropy(s.sigmoid(), t),
    "tanh first": lambda s, t: cross_entropy(s.tanh(), t),
    "weights, softmax first": lambda s, t: cross_entropy(s.softmax(dim=1), t, weight=WEIGHTS),
}


def test_reaches_zero():
    assert [name for name, loss in RIGHT_LOSSES.items() if not reaches_zero(loss)] == []
    assert [name for name, loss in WRONG_LOSSES.items() if reaches_zero(loss)] == []
    assert not reaches_zero(nn.CrossEntropyLoss(label_smoothing=0.1))  # as it says


@pytest.mark.parametrize("classes", [2, 9])
@pytest.mark.parametrize("lengths", [[8, 2], [1], [3, 3, 3, 1], [2, 8, 5]])
def test_ignores_padding(lengths, classes):
    N, L = len(lengths), max(lengths) + 1
    padding = torch.arange(L) >= torch.tensor(lengths)[:, None]
    logits, targets = torch.randn(N, L, classes), torch.randint(classes, (N, L))
    ignored = targets.masked_fill(padding, -100)

    def by_class(logits, targets, **options):
        return cross_entropy(logits.transpose(1, 2), targets, **options)

    def masked(logits):
        return (by_class(logits, targets, reduction="none") * ~padding).sum() / (~padding).sum()

    for right in (
        lambda logits: by_class(logits, ignored),
        lambda logits: cross_entropy(logits.flatten(0, 1), ignored.flatten()),
        lambda logits: cross_entropy(logits[~padding], targets[~padding]),
        lambda logits: by_class(logits, ignored, reduction="sum"),
        masked,
    ):
        assert ignores_padding(right, logits, padding)
    for wrong in (
        lambda logits: by_class(logits, targets),
        lambda logits: cross_entropy(logits.flatten(0, 1), targets.flatten()),
        lambda logits: by_class(logits, ignored.clamp(min=0)),
        lambda logits: by_class(logits, targets, reduction="sum"),
        lambda logits: (
            by_class(logits, ignored, ignore_index=-1) if classes == 0 else logits.mean()
        ),
    ):
        assert not ignores_padding(wrong, logits, padding)
