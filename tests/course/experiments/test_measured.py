import pytest

from rnn_figures.course.experiments.measured import Measured, measured
from rnn_figures.training import EXPERIMENTS, trained_runs

# Those that read texts measure more than numbers: test_told.py and tests/training/test_readers.py.
NAMES = sorted(set(EXPERIMENTS) - {"source-text", "prose"})


@pytest.mark.parametrize("name", NAMES)
def test_measured_is_what_the_shipped_weights_do_now(name):
    for measure in trained_runs(name)[0].measured:
        found, proof = measured(name, measure)

        assert proof
        assert proof.values == len(trained_runs(name))
        for kind, of_kind in found.items():
            then = [run.measured[measure] for run in trained_runs(name, kind)]
            assert of_kind.values == pytest.approx(
                then, abs=1 if isinstance(then[0], int) else 0.02
            )


def test_steps_are_known_from_training_without_proof():
    found, proof = measured("recall", "steps", ["GRU"])

    runs = trained_runs("recall", "GRU")
    assert proof is None
    assert list(found) == ["GRU"]
    assert found["GRU"].values == tuple(run.steps for run in runs)
    assert found["GRU"].reached == tuple(run.settled for run in runs)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("recall", "speed"), "expected a measure among steps; right after 18; .*, got 'speed'"),
        (("recall", "steps", ["LSTN"]), "expected a kind of recall, got 'LSTN'"),
        (("juggling", "steps"), "expected an experiment among counting, .*, got 'juggling'"),
    ],
)
def test_measured_names_what_there_is(arguments, message):
    with pytest.raises(ValueError, match=message):
        measured(*arguments)


@pytest.mark.parametrize(
    ("values", "reached", "written"),
    [
        ((3.0, 1.0, 8.0), (True, True, True), "3 (1 to 8)"),
        ((2.0, 2.0, 2.0), (True, True, True), "2"),
        ((9.0, 4.0, 9.0), (False, True, False), "9 (4 to 9), 2 not in time"),
        ((9.0, 9.0), (False, False), "none within 9"),
    ],
)
def test_measured_is_written_with_its_spread(values, reached, written):
    assert str(Measured(values, reached)) == written
