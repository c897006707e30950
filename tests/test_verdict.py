"""diagnose: alarms for sick networks, none for healthy ones, and where a NaN came from."""

import math

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

from rnn_figures import diagnose, set_forget_bias

SIZES = ((10, 1), (100, 4), (160, 8))


def alarms(model, *args) -> set[str]:
    """Return the checks that raised an alarm."""
    return {finding.check for finding in diagnose(model, *args).alarms}


def draw(steps=160, sequences=8, features=12, seed=1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(steps, sequences, features, generator=generator)


def scaled(model: nn.Module, by: float) -> nn.Module:
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(by)
    return model


def orthogonal(model: nn.RNNBase) -> nn.RNNBase:
    """Return a layer started as Keras starts one."""
    for name, parameter in model.named_parameters():
        if "weight_hh" in name:
            for block in parameter.data.split(model.hidden_size):
                nn.init.orthogonal_(block)
        elif "weight" in name:
            nn.init.xavier_uniform_(parameter)
        else:
            nn.init.zeros_(parameter)
    return model


def chrono(steps: int) -> nn.LSTM:
    """Return an LSTM whose biases let it remember for up to so many steps."""
    lstm = nn.LSTM(12, 24)
    with torch.no_grad():
        lstm.get_parameter("bias_hh_l0").zero_()
        keep = torch.log(torch.empty(24).uniform_(1, steps - 1))
        lstm.get_parameter("bias_ih_l0")[:24] = -keep
        lstm.get_parameter("bias_ih_l0")[24:48] = keep
    return lstm


HEALTHY = {
    "LSTM": lambda: nn.LSTM(12, 24),
    "GRU, two layers, both directions": lambda: nn.GRU(12, 16, 2, bidirectional=True),
    "RNN": lambda: nn.RNN(12, 24),
    "relu": lambda: nn.RNN(12, 24, nonlinearity="relu"),
    "projected": lambda: nn.LSTM(12, 24, proj_size=6),
    "deep and wide": lambda: nn.LSTM(12, 128, 4),
    "no biases": lambda: nn.GRU(12, 24, bias=False),
    "forget bias 1": lambda: set_forget_bias(nn.LSTM(12, 24), 1.0),
    "forget bias 5": lambda: set_forget_bias(nn.LSTM(12, 24), 5.0),
    "chrono": lambda: chrono(100),
    "orthogonal LSTM": lambda: orthogonal(nn.LSTM(12, 24)),
    "orthogonal GRU": lambda: orthogonal(nn.GRU(12, 24)),
    "orthogonal RNN": lambda: orthogonal(nn.RNN(12, 24)),
    "larger LSTM": lambda: scaled(nn.LSTM(12, 24, bidirectional=True), 3.0),
    "larger GRU": lambda: scaled(nn.GRU(12, 24), 3.0),
    "bfloat16": lambda: nn.LSTM(12, 24, dtype=torch.bfloat16),
    "float64": lambda: nn.GRU(12, 24, dtype=torch.float64),
}


@pytest.mark.parametrize("name", HEALTHY)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_healthy_network_raises_no_alarm(name, size):
    torch.manual_seed(0)
    model = HEALTHY[name]()

    verdict = diagnose(model, draw(*size).to(next(model.parameters()).dtype))

    assert verdict.alarms == ()
    assert "nothing found" in verdict.headline


@pytest.mark.slow
@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_network_raises_none_for_any_seed(name):
    for seed in range(20):
        torch.manual_seed(seed)
        model = HEALTHY[name]()
        for size in SIZES:
            x = draw(*size, seed=seed + 100).to(next(model.parameters()).dtype)
            assert alarms(model, x) == set(), (seed, size)


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
    assert verdict.headline == "12 checks on 8×100 steps, nothing found."
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


def without_memory() -> nn.LSTM:
    lstm = set_forget_bias(nn.LSTM(12, 24), -10.0)
    nn.init.zeros_(lstm.get_parameter("weight_hh_l0"))
    return lstm


def exploding() -> nn.Module:
    return scaled(nn.RNN(12, 64), 10.0)


def dead_relu() -> nn.RNN:
    rnn = nn.RNN(12, 24, nonlinearity="relu")
    nn.init.constant_(rnn.get_parameter("bias_ih_l0"), -6.0)
    return rnn


def shut(letter: str) -> nn.LSTM:
    lstm = nn.LSTM(12, 24)
    start = "ifgo".index(letter) * 24
    with torch.no_grad():
        lstm.get_parameter("bias_ih_l0")[start : start + 24] = -8.0
    return lstm


SICK = {
    "nothing kept": (without_memory, {"forget gate", "reach"}),
    "dead relu": (dead_relu, {"dead units"}),
    "weights ×10": (exploding, {"growth"}),
    "input gate shut": (lambda: shut("i"), {"input gate"}),
    "output gate shut": (lambda: shut("o"), {"output gate"}),
}


@pytest.mark.parametrize("name", SICK)
@pytest.mark.parametrize("seed", range(3))
def test_a_sick_network_raises_exactly_its_alarms(name, seed):
    make, expected = SICK[name]
    torch.manual_seed(seed)

    assert alarms(make(), draw(seed=seed)) == expected


def test_too_few_steps_say_little():
    torch.manual_seed(0)

    verdict = diagnose(without_memory(), draw(10, 1))

    assert verdict.alarms == ()
    assert "too little to say: 10 of 100 valid steps" in verdict.unsaid
    assert "forget gate" in verdict.unsaid
    assert verdict.headline == "4 checks on 1×10 steps, nothing found."


def test_padding_is_no_evidence():
    torch.manual_seed(0)
    packed = pack_padded_sequence(draw(60, 2), [60, 30])

    assert "90 of 100 valid steps" in diagnose(without_memory(), packed).unsaid


def test_a_fresh_layer_is_called_fresh(trained):
    torch.manual_seed(0)

    notes = [finding.check for finding in diagnose(nn.GRU(12, 24, 2), draw()).findings]

    assert notes == ["fresh layer"]
    assert diagnose(*trained).findings == ()


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
    assert "A weight had it: weight_hh_l1[7, 2] is NaN: gate z, unit 2." in found.meaning
    assert (found.layer, found.direction, found.gate, found.units) == (1, 0, "z", (2,))
    assert found.step == 0


def test_a_bad_state_is_found():
    state = torch.zeros(1, 3, 5), torch.zeros(1, 3, 5)
    state[1][0, 1, 2] = torch.nan

    (found,) = diagnose(nn.LSTM(12, 5), draw(20, 3), state).alarms

    assert found.check == "finite state"
    assert "c_0[0, 1, 2]" in found.meaning
    assert (found.sequence, found.units) == (1, (2,))


def test_what_overflows_is_found_where_it_arose():
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


def test_a_finding_is_a_record():
    record = diagnose(nn.GRU(12, 5), draw(20, 3) * torch.nan).findings[0]._asdict()

    assert record["severity"] == "alarm"
    assert record["page"].endswith(".md")
    assert record["remedy"]
