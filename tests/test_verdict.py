"""diagnose: alarms for sick networks, none for healthy ones, and where a NaN came from."""

import json
import math
import pathlib
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

from rnn_figures import diagnose
from rnn_figures.course.rates import RATES, verdict_rates_table
from rnn_figures.models.layouts import exchanges_axes
from rnn_figures.numbers import digits
from rnn_figures.training import EXPERIMENTS, trained as load_trained
from rnn_figures.verdict.checks import LEAST_DROP, MOST_GROWTH
from rnn_figures.verdict.facts import RANGES
from rnn_figures.verdict.reach import ENDS
from rnn_figures.verdict.seen import SEEN
from rnn_figures.verdict.starts import LARGE
from tests.layers import HEALTHY, SICK, SIZES, alarms, biased, draw, scaled, without_memory
from tests.ranges import measured as measured_ranges, trained_networks
from tests.rates import measured
from tests.whole_models import Model
from tests.whole_models.zoos import SICK as SICK_MODELS, WELL as HEALTHY_MODELS


@pytest.mark.parametrize("name", HEALTHY)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_healthy_network_raises_no_alarm(name, size):
    torch.manual_seed(0)
    make, change = HEALTHY[name]
    model = make().eval()

    verdict = diagnose(model, change(draw(*size)).to(next(model.parameters()).dtype))

    assert verdict.alarms == ()
    assert "nothing found" in verdict.headline


@pytest.mark.slow
def test_the_rates_that_the_page_shows_are_measured_again():
    torch.set_num_threads(1)

    assert measured() == json.loads(RATES.read_text("utf-8"))


def assert_equal_ranges(found, expected):
    assert found.keys() == expected.keys()
    for of, each in found.items():
        assert each.keys() == expected[of].keys() <= {"fresh", "trained"}
        for which, ends in each.items():
            assert ends == pytest.approx(expected[of][which], rel=1e-3, abs=1e-6), (of, which)


@pytest.mark.slow
def test_the_ranges_beside_the_facts_are_measured_again():
    assert_equal_ranges(measured_ranges(), json.loads(RANGES.read_text("utf-8")))


def test_a_trained_network_is_within_the_ranges_beside_its_facts():
    network = load_trained("recall", "LSTM", 0).eval()
    ranges = json.loads(RANGES.read_text("utf-8"))

    facts = diagnose(network, next(EXPERIMENTS["recall"].batches(1000)).symbols).facts

    for _, _, _, measure, letter, value, *words in facts.rows:
        of = ranges[f"{measure} of {letter}"]
        assert of["trained"][0] * 0.999 <= value <= of["trained"][1] * 1.001
        both = of["fresh"], of["trained"]
        assert words == [f"{digits(least)} – {digits(most)}" for least, most in both]


def test_no_healthy_network_comes_near_a_threshold_of_the_reach():
    ranges = json.loads(RANGES.read_text("utf-8"))

    assert min(least for least, _ in ranges["r₁/r₀ of h"].values()) > 2 * LEAST_DROP
    assert max(most for _, most in ranges["largest r_k/r₀ of h"].values()) < MOST_GROWTH / 10


def test_no_trained_network_has_weights_that_are_called_large():
    blocks = [
        weight.detach().double()
        for network, _ in trained_networks()
        for name, weight in network.named_parameters()
        if "weight_hh" in name
    ]

    assert len(blocks) > 90
    assert max(float(block.square().sum(1).mean().sqrt()) for block in blocks) < LARGE / 1.4


def test_every_rate_that_the_page_shows_is_perfect():
    for kind in ("healthy", "sick", "models"):
        assert [row for row in verdict_rates_table(kind).rows if row[2] != row[3]] == []
    assert {row[0] for row in verdict_rates_table("healthy").rows} == set(HEALTHY)
    assert {row[0] for row in verdict_rates_table("sick").rows} == set(SICK)
    assert {row[0] for row in verdict_rates_table("models").rows} == set(HEALTHY_MODELS)
    assert {row[0] for row in verdict_rates_table("mistakes").rows} == set(SICK_MODELS)
    missed = [row[0] for row in verdict_rates_table("mistakes").rows if row[2] != row[3]]
    assert missed == [name for name, case in SICK_MODELS.items() if not case.due]


def test_what_was_seen_names_pages_that_are_there():
    docs = pathlib.Path(__file__).parents[1] / "docs"

    for check, (_, _, page) in SEEN.items():
        assert (docs / page).is_file(), check


def remember(kind: type[nn.LSTM | nn.GRU | nn.RNN]) -> tuple[nn.RNNBase, torch.Tensor]:
    """Train a layer, in a second or two, to give at each step the input of three steps before."""
    torch.manual_seed(0)
    layer, head = kind(4, 24), nn.Linear(24, 4)
    loss = torch.tensor(torch.inf)
    optimizer = torch.optim.Adam([*layer.parameters(), *head.parameters()], 1e-2)
    for _ in range(150):
        x = nn.functional.one_hot(torch.randint(4, (24, 32)), 4).float()
        loss = nn.functional.mse_loss(head(layer(x)[0])[3:], x[:-3])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss < 0.1
    return layer.eval(), nn.functional.one_hot(torch.randint(4, (100, 8)), 4).float()


@pytest.fixture(scope="module")
def trained() -> tuple[nn.RNNBase, torch.Tensor]:
    return remember(nn.LSTM)


def test_a_trained_network_raises_no_alarm(trained):
    verdict = diagnose(*trained)

    assert verdict.findings == ()
    assert verdict.headline == "15 checks on 8×100 steps, nothing found."
    assert verdict.unsaid == ""


@pytest.mark.slow
@pytest.mark.parametrize("kind", [nn.GRU, nn.RNN])
def test_other_trained_networks_raise_no_alarm(kind):
    assert diagnose(*remember(kind)).findings == ()


def test_inputs_out_of_scale_are_found(trained):
    layer, x = trained

    found = diagnose(layer, 300 * x).alarms

    assert {"gate slope", "candidate slope"} <= {finding.check for finding in found}
    first = found[0]
    assert (first.gate, first.layer, first.direction, first.threshold) == ("i", 0, 0, 0.25)
    assert 0.25 <= first.number <= 1
    assert len(first.units) == min(10, first.num_units)
    assert all("numbers from 0 to 300, alone moves" in finding.meaning for finding in found)
    assert all("Scale the input" in finding.remedy for finding in found)


def test_an_input_in_scale_is_no_cause():
    torch.manual_seed(0)
    layer = scaled(nn.GRU(12, 24, 2), 300.0)

    found = diagnose(layer, draw()).alarms

    assert {finding.layer for finding in found if finding.check == "gate slope"} == {0, 1}
    assert not any("Its input" in finding.meaning for finding in found)


def test_words_that_are_read_as_sizes_are_told_to_be_whole_numbers():
    words = torch.randint(1000, (50, 4, 1), generator=torch.Generator().manual_seed(0))
    torch.manual_seed(0)

    found = diagnose(nn.LSTM(1, 8), words.float()).alarms

    assert found
    assert all("whole numbers from" in finding.meaning for finding in found)
    assert all("nn.Embedding" in finding.remedy for finding in found)
    assert "Embedding" not in diagnose(nn.LSTM(1, 8), words + 0.5).alarms[0].remedy


@pytest.mark.parametrize("name", SICK)
@pytest.mark.parametrize("seed", range(3))
def test_a_sick_network_raises_exactly_its_alarms(name, seed):
    make, change, due = SICK[name]
    torch.manual_seed(seed)

    assert alarms(make().eval(), change(draw(seed=seed))) == due


def test_too_few_steps_say_little():
    torch.manual_seed(0)

    verdict = diagnose(without_memory(), draw(10, 1))

    assert verdict.alarms == ()
    assert "too little to say: 10 of 100 valid steps" in verdict.unsaid
    assert "forget gate" in verdict.unsaid
    assert verdict.headline == "7 checks on 1×10 steps, nothing found."


def test_the_headline_counts_the_notes():
    fresh = diagnose(nn.GRU(12, 24).eval(), draw())
    still = diagnose(nn.GRU(12, 24).eval(), torch.ones(160, 8, 12))

    assert fresh.headline == "10 checks on 8×160 steps, nothing found but 1 note."
    assert still.headline.endswith("nothing found but 2 notes.")


def test_what_is_not_finite_comes_first_then_alarms_then_notes():
    layers = nn.ModuleDict({"first": nn.LSTM(12, 12), "second": nn.LSTM(12, 12)})
    with torch.no_grad():
        layers["second"].get_parameter("weight_hh_l0")[0, 0] = torch.nan

    def forward(x):
        output, (h, c) = layers["first"](x)
        return layers["second"](layers["first"](output, (c, h))[0])[0]

    layers.forward = forward
    found = [(finding.severity, finding.check) for finding in diagnose(layers, draw()).findings]

    assert found[:2] == [("alarm", "finite weights"), ("alarm", "exchanged state")]
    assert ("note", "fresh layer") in found[2:]


def test_padding_is_no_evidence():
    torch.manual_seed(0)
    packed = pack_padded_sequence(draw(60, 2), [60, 30])

    assert "90 of 100 valid steps" in diagnose(without_memory(), packed).unsaid


def test_a_fresh_layer_is_called_fresh(trained):
    torch.manual_seed(0)

    notes = [finding.check for finding in diagnose(nn.GRU(12, 24, 2), draw()).findings]

    assert notes == ["fresh layer"]
    assert diagnose(*trained).findings == ()


def test_a_layer_with_one_weight_that_torch_cannot_have_drawn_is_not_fresh():
    torch.manual_seed(0)
    gru = nn.GRU(12, 24, 2)
    with torch.no_grad():
        for layer in range(2):
            getattr(gru, f"weight_ih_l{layer}")[3, 4] = 1.01 / math.sqrt(24)

    assert diagnose(gru, draw()).findings == ()


@pytest.mark.parametrize(
    ("sequences", "words"), [([5], "1 of 8 sequences has"), ([0, 5], "2 of 8 sequences have")]
)
def test_sequences_with_an_input_that_is_not_finite_are_counted(sequences, words):
    x = draw()
    x[7, sequences, 2] = math.inf

    said = " ".join(str(diagnose(nn.GRU(12, 5), x)).split())

    assert f"step 7, sequence {sequences[0]}, feature 2; {words} such numbers" in said


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_bad_input_is_found_where_it_is(value):
    x = draw(20, 3)
    x[7, 2, 4] = value
    model = nn.Sequential(nn.LSTM(12, 5, 2, bidirectional=True))

    (found,) = diagnose(model, x).alarms

    assert found.check == "finite input"
    word = "NaN" if math.isnan(value) else "infinite"
    assert f"The input had it: {word} at step 7, sequence 2, feature 4; 1 of 3" in found.meaning
    assert found.module == "0"
    if math.isnan(value):
        assert (found.sequence, found.step, found.gate) == (2, 7, "i")
        assert found.units == (0, 1, 2, 3, 4)
        assert "In the 7 steps before, c was in" in found.meaning


def test_a_bad_weight_is_found_where_it_is():
    gru = nn.GRU(12, 5, 2)
    with torch.no_grad():
        gru.get_parameter("weight_hh_l1")[7, 2] = torch.nan  # rows of z are 5 to 9

    (found,) = diagnose(gru, draw(20, 3)).alarms

    assert found.check == "finite weights"
    assert "A weight had it: weight_hh_l1[7, 2] is NaN: update gate z, unit 2." in found.meaning
    assert (found.layer, found.direction, found.gate, found.units) == (1, 0, "z", (2,))
    assert found.step == 0


def test_a_bad_state_is_found():
    state = torch.zeros(1, 3, 5), torch.zeros(1, 3, 5)
    state[1][0, 1, 2] = torch.nan

    (found,) = diagnose(nn.LSTM(12, 5), draw(20, 3), state).alarms

    assert found.check == "finite state"
    assert "c_0[0, 1, 2]" in found.meaning
    assert (found.sequence, found.units) == (1, (2,))


def test_a_bad_projection_is_of_h_and_not_of_a_gate():
    lstm = nn.LSTM(12, 5, proj_size=2)
    with torch.no_grad():
        lstm.get_parameter("weight_hr_l0")[1, 3] = torch.inf

    (found,) = diagnose(lstm, draw(20, 3)).alarms

    assert "weight_hr_l0[1, 3] is infinite: hidden state h, unit 1." in found.meaning


def test_an_infinite_c_leaves_h_finite_and_is_said_so():
    state = torch.zeros(1, 3, 5), torch.zeros(1, 3, 5)
    state[1][0, 1, 2] = torch.inf

    (found,) = diagnose(nn.LSTM(12, 5), draw(20, 3), state).alarms

    assert found.meaning.startswith("c is infinite here, and h is finite in this call.")
    assert found.number == 20  # c of that unit at every step


def test_a_bad_weight_that_no_gate_shows_is_counted():
    rnn = nn.RNN(12, 5)
    with torch.no_grad():
        rnn.get_parameter("weight_ih_l0")[3, 4:6] = torch.inf  # tanh takes it to -1 or 1
    x = draw(20, 3).abs()

    (found,) = diagnose(rnn, x).alarms

    assert found.meaning.endswith("hidden state h, unit 3; no gate shows it.")
    assert found.number == 2


@pytest.mark.parametrize("seed", [0, 1, 4])  # 1 and 4: where the kernel has NaN, float64 has 0
def test_what_overflows_is_found_where_it_arose(seed):
    torch.manual_seed(seed)
    rnn = scaled(nn.RNN(12, 24, nonlinearity="relu"), 30.0)

    (found,) = diagnose(rnn, draw(100, 3).abs()).alarms

    assert found.check == "finite gates"
    assert found.step is not None
    assert found.step > 5
    assert "it arose here" in found.meaning


def test_the_reverse_direction_meets_a_nan_at_its_own_first_step():
    gru = nn.GRU(12, 5, bidirectional=True)
    with torch.no_grad():
        gru.get_parameter("weight_hh_l0_reverse")[0, 0] = torch.nan

    (found,) = diagnose(gru, draw(20, 3)).alarms

    assert (found.direction, found.step) == (1, 19)


def test_padding_that_is_read_is_noted(trained):
    layer, _ = trained
    sequences = [draw(length, 1, 4)[:, 0] for length in (60, 40, 50)]
    padded = pad_sequence(sequences)

    notes = [finding.check for finding in diagnose(layer, padded).findings]
    packed = pack_padded_sequence(padded, [60, 40, 50], enforce_sorted=False)

    assert notes == ["padding read"]
    assert "padding read" not in {finding.check for finding in diagnose(layer, packed).findings}


def test_a_state_that_is_not_carried_is_noted():
    gru = nn.GRU(12, 5)
    model = nn.ModuleDict({"rnn": gru})
    model.forward = lambda x: [gru(step[None]) for step in x]

    assert "state not carried" in {found.check for found in diagnose(model, draw(5, 2)).findings}


def test_a_verdict_fits_a_terminal(trained):
    layer, x = trained

    lines = str(diagnose(layer, 300 * x)).splitlines()

    assert lines[0].startswith("14 checks on 8×100 steps, ")
    assert len(lines) > 5
    assert max(map(len, lines)) <= 80


def test_a_finding_is_a_record():
    record = diagnose(nn.GRU(12, 5), draw(20, 3) * torch.nan).findings[0]._asdict()

    assert record["severity"] == "alarm"
    assert record["page"].endswith(".md")
    assert record["remedy"]


def smooth(sequences: int, steps: int) -> torch.Tensor:
    """Return sequences that each run smoothly, (N, L, features), each from a phase of its own."""
    phases = 6 * torch.rand(sequences, 1, 12, generator=torch.Generator().manual_seed(3))
    return torch.sin(torch.linspace(0, 12, steps)[:, None] + phases)


def test_exchanged_axes_are_noted(trained):
    x = smooth(16, 100)

    wrong = [note.check for note in diagnose(nn.GRU(12, 24), x).findings]
    right = [note.check for note in diagnose(nn.GRU(12, 24, batch_first=True), x).findings]

    assert "axes exchanged" in wrong
    assert "axes exchanged" not in right


def test_a_batch_without_order_has_no_axes_exchanged(trained):
    layer, x = trained

    for given in (x, x[:, :, :4].cumsum(0)):
        assert "axes exchanged" not in {note.check for note in diagnose(layer, given).findings}


@pytest.mark.parametrize("bias", [-3.0, -50.0])
def test_a_relu_that_is_dead_by_any_bias_is_found(bias):
    torch.manual_seed(0)

    assert alarms(biased(nn.RNN, bias, nonlinearity="relu"), draw()) == {"dead units"}


@pytest.mark.parametrize("seed", range(5))
def test_a_relu_half_of_whose_units_are_dead_is_not_sick(seed):
    torch.manual_seed(seed)
    rnn = nn.RNN(12, 24, nonlinearity="relu")
    assert alarms(rnn, 1e-3 * draw()) == frozenset()
    nn.init.normal_(rnn.get_parameter("bias_ih_l0"), 0.0, 0.3)

    assert alarms(rnn, 1e-3 * draw()) == frozenset()


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_an_input_out_of_scale_is_the_one_finding(kind):
    for seed in range(3):
        torch.manual_seed(seed)
        layer = scaled(kind(12, 24), 2.0)

        assert alarms(layer, 1e4 * draw()) <= {"gate slope", "candidate slope"}


def test_tokens_that_end_in_repeats_are_no_padding():
    torch.manual_seed(0)
    tokens = nn.functional.one_hot(torch.randint(2, (60, 40)), 12).float()

    assert "padding read" not in {found.check for found in diagnose(nn.GRU(12, 5), tokens).findings}


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_units_that_start_alike_are_noted(kind):
    layer = kind(12, 5, num_layers=2)
    for weight in layer.parameters():
        nn.init.constant_(weight, 0.1)

    notes = [note for note in diagnose(layer, draw()).findings if note.check == "units alike"]

    assert [(note.layer, note.num_units) for note in notes] == [(0, 5), (1, 5)]


def test_one_pair_of_twins_is_no_note():
    layer = nn.GRU(12, 5)
    with torch.no_grad():
        for weight in layer.parameters():
            for gate in weight.split(5):
                gate[1] = gate[0]

    assert "units alike" not in {note.check for note in diagnose(layer, draw()).findings}


def remembering(model: Any, x: torch.Tensor) -> torch.Tensor:
    output, model.state = model.rnn(x, model.state)
    model.deeper = {"last": [model.state]}
    assert model.deeper["last"][0] is model.state
    return output


def test_a_state_that_a_model_keeps_hangs_on_no_graph_afterwards():
    model: Any = Model(remembering, rnn=nn.GRU(12, 5), state=None, deeper={})
    x = draw(20, 3)

    diagnose(model, x)

    assert not model.deeper["last"][0].requires_grad
    model(x).sum().backward()  # the graph of the verdict was freed: through it this would raise


def counting(model: Any, x: torch.Tensor) -> torch.Tensor:
    model.count += 1  # a leaf that needs a gradient: torch refuses it while gradients are on
    return model.rnn(x)[0]


def test_a_model_that_runs_without_gradients_only_is_judged_all_the_same():
    model = Model(counting, rnn=nn.GRU(12, 5), count=nn.Parameter(torch.zeros(())))

    verdict = diagnose(model, draw(20, 3))

    assert "unread layer" not in verdict.checks
    assert "it runs without gradients only: a leaf Variable" in verdict.unsaid
    assert model.count == 0


def test_words_have_no_gradient_and_it_is_said():
    verdict = diagnose(Model(lambda m, x: m.rnn(x)[0].argmax(-1), rnn=nn.GRU(12, 5)), draw(20, 3))

    assert "unread sequences: what it returns has no gradient" in verdict.unsaid


def test_random_numbers_in_training_are_no_note():
    model = Model(lambda m, x: m.drop(m.rnn(x)[0]), rnn=nn.GRU(12, 5), drop=nn.Dropout())

    for training in (True, False):
        verdict = diagnose(model.train(training), draw(20, 3))
        notes = {finding.check for finding in verdict.findings}
        assert "random numbers" not in notes


def test_numbers_of_a_drawn_state_that_no_step_reaches_are_counted():
    torch.manual_seed(0)
    drawn = []

    def start(m, x):
        drawn.append(torch.randn(1, x.shape[1], 5))
        return m.rnn(x, drawn[-1])[0]

    verdict = diagnose(Model(start, rnn=nn.GRU(12, 5)).eval(), draw(20, 3))

    (found,) = (finding for finding in verdict.findings if finding.check == "random numbers")
    beyond = {int((h.abs() > 1).sum()) for h in drawn}
    assert found.number in beyond
    assert not beyond & {15 - count for count in beyond}


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
def test_reach_is_the_gradient_through_the_whole_run(kind):
    torch.manual_seed(0)
    layer, x = kind(12, 5).double(), draw(12, 1).double()  # too short to forget
    start = 3 * torch.randn(1, 1, 5, dtype=torch.float64)
    hx = (start, 2 * start) if kind is nn.LSTM else start

    (found,) = diagnose(Model(lambda m, x: m.rnn(x, hx)[0], rnn=layer), x).reaches.values()

    ends = [round(share * 12) - 1 for share in ENDS]
    generator = torch.Generator().manual_seed(0)
    toward = torch.randn(len(ends), 5, generator=generator, dtype=torch.float64)
    for window, end in enumerate(ends):
        inputs = x.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(
            (layer(inputs, hx)[0][end, 0] * toward[window]).sum(), inputs
        )
        norms = gradient[: end + 1, 0].norm(dim=-1).flip(0)
        assert torch.allclose(found.norms[:, window], norms[: len(found.norms)], rtol=1e-9, atol=0)


def test_what_is_not_read_is_named():
    lstm = nn.LSTM(12, 5, num_layers=2, bidirectional=True)

    (alarm,) = diagnose(Model(lambda m, x: m.rnn(x)[1][0][-1], rnn=lstm), draw(20, 3)).alarms

    assert alarm.where == "rnn, layer 1, forward"
    assert "the forward direction of its top layer: of its 5 units" in alarm.meaning
    assert alarm.number == 5


def test_which_sequences_are_not_read_is_counted():
    model = Model(lambda m, x: m.rnn(x)[0][:, -1], rnn=nn.GRU(12, 5))

    (alarm,) = diagnose(model, draw(20, 4)).alarms

    assert alarm.number == 3
    assert (
        "Of 4 sequences the model reads one, sequence 3, at each of its 20 steps" in alarm.meaning
    )


@pytest.mark.parametrize(
    ("lengths", "calls", "size"),
    [
        ((3, 3), 1, "2×3 steps"),
        ((3, 2), 1, "5 steps"),
        ((3, 3), 2, "2×3 steps in 2 calls"),
        ((3, 2), 2, "10 steps in 2 calls"),
    ],
)
def test_a_headline_says_how_much_was_run(lengths, calls, size):
    packed = nn.utils.rnn.pack_sequence([torch.randn(length, 5) for length in lengths])

    def repeated(m, packed):
        return [m.rnn(packed) for _ in range(calls)]

    assert diagnose(Model(repeated, rnn=nn.GRU(5, 3)), packed).size == size


@pytest.mark.parametrize("steps", [3, 4])
def test_sequences_that_are_masked_are_no_alarm(steps):
    """Nor those that a relu shuts: the result still has a row for each."""
    mask = torch.tensor([0.0, 0, 0, 1])
    model = Model(lambda m, x: m.rnn(x)[0].mean((0, 2)) * mask, rnn=nn.GRU(12, 5))

    assert diagnose(model, draw(steps, 4)).alarms == ()


def test_a_few_units_that_are_read_at_one_step_may_be_chance():
    notes = {
        units: {
            finding.check
            for finding in diagnose(
                Model(lambda m, x: m.rnn(x)[0][0], rnn=nn.GRU(12, units)), draw(20, 4)
            ).findings
        }
        for units in (3, 4)
    }

    assert "forward read at its start" not in notes[3]
    assert "forward read at its start" in notes[4]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32], ids=str)
@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e4])
@pytest.mark.parametrize("rows", [(-2, -1), (-2,), (-1,)], ids=str)
def test_a_direction_is_unread_if_nobody_reads_it_whatever_the_numbers(rows, scale, dtype):
    def reader(m, x):
        h_n = m.rnn(x)[1][0]
        return torch.cat([h_n[row] for row in rows], dim=-1) * scale

    torch.manual_seed(0)
    verdict = diagnose(
        Model(reader, rnn=nn.LSTM(5, 8, bidirectional=True, dtype=dtype)),
        (scale * torch.randn(20, 6, 5)).to(dtype),
    )

    unread = [alarm.direction for alarm in verdict.alarms if alarm.check == "unread layer"]
    assert unread == ([] if len(rows) == 2 else [0 if rows == (-1,) else 1])


@pytest.mark.parametrize(("other", "unread"), [(-1, []), (-2, [1])])
def test_a_direction_that_another_call_is_read_for_is_not_unread(other, unread):
    def twice(m, x):
        return m.rnn(x)[1][-2] + m.rnn(-x)[1][other]

    verdict = diagnose(Model(twice, rnn=nn.GRU(5, 8, bidirectional=True)), torch.randn(20, 6, 5))

    alarms = [alarm for alarm in verdict.alarms if alarm.check == "unread layer"]
    assert [alarm.direction for alarm in alarms] == unread


def test_a_layer_in_training_with_dropout_is_judged_without_it():
    torch.manual_seed(0)
    lstm = nn.LSTM(5, 3, num_layers=2, dropout=0.5)

    verdict = diagnose(lstm, torch.randn(50, 4, 5))

    assert len(verdict.checks) > 10
    assert "dropout between layers: left out of this run" in verdict.unsaid
    assert lstm.dropout == 0.5


def test_where_nothing_could_be_checked_it_says_why():
    gru = nn.GRU(5, 3)
    gru.register_forward_hook(lambda module, args, given: (1.5 * given[0], given[1]))

    verdict = diagnose(gru, torch.randn(50, 4, 5))

    assert verdict.headline == "Nothing could be checked."
    assert "the trace does not describe this module" in verdict.unsaid


@pytest.mark.parametrize(
    ("before", "after", "exchanges"),
    [
        ((8, 5, 40), (8, 40, 5), True),
        ((8, 5, 40), (40, 8, 5), True),
        ((4, 24, 6, 7), (4, 42, 24), True),  # a map's channels, brought to the end
        ((5, 48), (2, 5, 24), True),  # layers out of the features of each row
        ((2, 6, 16), (6, 32, 1), True),  # directions into the features of each row
        ((8, 5, 40), (8, 200), False),
        ((40, 7), (5, 8, 7), False),
        ((320, 8), (8, 320), True),
        ((6, 1, 9), (1, 6, 9), False),
        ((4, 12, 6), (4, 6, 12), True),  # by sizes alone: two steps as one would look alike
        ((4, 12, 5), (4, 6, 10), False),
        ((6, 8, 3, 2), (6, 8, 6), False),
    ],
)
def test_a_view_that_exchanges_axes_is_known_by_its_sizes(before, after, exchanges):
    assert exchanges_axes(before, after) is exchanges


@pytest.mark.parametrize(
    "turned",
    [
        lambda output: torch.reshape(output, (4, -1)),
        lambda output: torch.reshape(input=output, shape=(4, -1)),
    ],
    ids=["by place", "by name"],
)
def test_a_view_is_seen_however_its_arguments_are_given(turned):
    model = Model(lambda m, x: turned(m.rnn(x)[0]), rnn=nn.GRU(5, 3))

    checks = {finding.check for finding in diagnose(model, torch.randn(20, 4, 5)).findings}

    assert "view for a transpose" in checks


def test_a_models_own_backward_hooks_do_not_run():
    model = Model(lambda m, x: m.head(m.rnn(x)[0]), rnn=nn.GRU(5, 3), head=nn.Linear(3, 2))
    ran = []
    model.get_submodule("head").register_full_backward_hook(lambda *_: ran.append("head"))
    model.register_full_backward_pre_hook(lambda *_: ran.append("model"))

    diagnose(model, torch.randn(20, 4, 5))

    assert ran == []
    model(torch.randn(20, 4, 5, requires_grad=True)).sum().backward()
    assert ran == ["model", "head"]


def test_what_another_call_reads_is_no_mistake_of_the_first():
    def run(m: Any, x: torch.Tensor) -> torch.Tensor:
        of_c = m.rnn(x)[1][1]  # alone this is noted
        return m.head(of_c[-1]) + m.head(m.rnn(x.flip(0))[0][-1])

    model = Model(run, rnn=nn.LSTM(5, 8), head=nn.Linear(8, 2))

    found = diagnose(model, torch.randn(30, 8, 5)).findings

    assert "cell state read" not in {finding.check for finding in found}


def test_a_result_that_is_the_same_at_each_step_is_no_fault_where_h_is_too():
    def tagged(m, x):
        return m.head(m.rnn(x, torch.linspace(0.1, 0.9, 24).reshape(1, 8, 3))[0])

    keeping = nn.RNN(5, 3, nonlinearity="relu", bias=False, batch_first=True)
    nn.init.zeros_(keeping.get_parameter("weight_ih_l0"))
    nn.init.eye_(keeping.get_parameter("weight_hh_l0"))
    x = torch.randn(8, 20, 5)

    result = Model(tagged, rnn=keeping, head=nn.Linear(3, 2))(x)
    verdict = diagnose(Model(tagged, rnn=keeping, head=nn.Linear(3, 2)), x)

    assert torch.equal(result[:, 1:], result[:, :-1])
    assert "same at each step" not in {finding.check for finding in verdict.findings}


RESULTS = {
    "complex": lambda output: torch.fft.rfft(output, dim=1),
    "float8": lambda output: output.to(torch.float8_e4m3fn),
    "sparse": lambda output: output.flatten(0, 1).to_sparse(),
    "nested": lambda output: torch.nested.nested_tensor([output[0], output[1, :3]]),
    "meta": lambda output: output.to("meta"),
}


@pytest.mark.parametrize("turn", RESULTS.values(), ids=RESULTS)
def test_a_result_that_is_no_plain_tensor_is_left_alone(turn):
    model = Model(lambda m, x: turn(m.rnn(x)[0]), rnn=nn.GRU(5, 5, batch_first=True))

    found = diagnose(model, torch.randn(3, 8, 5)).findings

    assert {finding.check for finding in found} == {"fresh layer"}


@pytest.mark.parametrize(("padding", "wrong"), [(-1, False), (19, False), (0, True)])
def test_an_index_of_padding_may_count_from_the_end(padding, wrong):
    def summed(m, ids):
        read = nn.functional.embedding(ids, m.words.weight, padding_idx=padding)
        return m.rnn(read)[0].sum((1, 2))

    ids = torch.randint(1, 19, (5, 9))
    for sequence, length in zip(ids, (9, 7, 6, 4, 3), strict=True):
        sequence[length:] = 19
    model = Model(summed, words=nn.Embedding(20, 5), rnn=nn.GRU(5, 6, batch_first=True))

    found = {finding.check for finding in diagnose(model, ids).findings}

    assert ("padding index" in found) == wrong
