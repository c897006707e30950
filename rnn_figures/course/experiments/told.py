"""How well the best units of all seeds tell each truth about a text, in a table."""

from collections.abc import Mapping, Sequence

import numpy as np

from rnn_figures.arguments import checked
from rnn_figures.figures import Table
from rnn_figures.numbers import decimals
from rnn_figures.proofs import Comparison, Proof, compare
from rnn_figures.training import EXPERIMENTS, trained, trained_runs
from rnn_figures.training.scores import Passages, auc, cell_states, strength

COLUMNS = ("truth", "best unit", "median unit", "fresh", "marks of elsewhere", "shuffled marks")


@checked
def told_table(name: str, read: Passages, truths: Mapping[str, str]) -> Table:
    """Return how well units tell each truth: AUC, high or low, over all seeds.

    The best unit of a network is chosen on other texts. The controls have the advantage of being
    chosen on this text: of a fresh network, and for marks that are of elsewhere or shuffled, the
    number is that of whichever unit is the highest.

    Args:
        name: Of the experiment.
        read: The text that the record's numbers are from.
        truths: Name of each truth, and its words.

    Returns:
        A row for each truth; each cell the median of all seeds, and from the lowest to the highest.
        The numbers are those of the record; where this Python has the same text, the networks whose
        weights are kept were measured again and compared.

    Raises:
        ValueError: there is no such experiment.
        ProofError: a network does not give what its record says.
    """
    runs = trained_runs(name)
    experiment = EXPERIMENTS[name]
    fresh = np.stack([_highest(name, seed, read) for seed in range(experiment.seeds)])
    rows = []
    for index, truth in enumerate(truths):
        of_truth = [run.measured["truths"][truth] for run in runs]
        cells = {
            "best unit": [float(strength(np.array(one["AUC"]))) for one in of_truth],
            "median unit": [one["median"] for one in of_truth],
            "fresh": fresh[:, index].tolist(),
            "marks of elsewhere": [one["elsewhere"] for one in of_truth],
            "shuffled marks": [one["shuffled"] for one in of_truth],
        }
        rows.append((truth, *(_spread(cells[column]) for column in COLUMNS[1:])))
    same = all(run.measured["text"] == read.digest for run in runs)
    words = "the seeds whose weights are kept, measured again: equal to the record"
    kept = experiment.kept or experiment.seeds
    return Table(
        COLUMNS,
        rows,
        alt=_alt(rows, list(truths.values()), len(runs), same=same),
        proof=Proof(words, *_compare(name, range(kept), read, list(truths))) if same else None,
    )


def _highest(name: str, seed: int, read: Passages) -> np.ndarray:
    """Return for each truth the highest strength of any unit before training."""
    fresh = EXPERIMENTS[name].network("LSTM", seed).eval()
    return strength(auc(cell_states(fresh, read.symbols), read.marks)).max(axis=0)


def _spread(values: Sequence[float]) -> str:
    """Write the median, and the lowest and the highest in brackets."""
    middle, low, high = (decimals(of(values), 2) for of in (np.median, min, max))
    return f"{middle} ({low}–{high})"


def _compare(
    name: str, seeds: Sequence[int], read: Passages, truths: Sequence[str]
) -> list[Comparison]:
    """Measure the kept networks again, and compare them with their records."""
    compared = []
    for run in trained_runs(name):
        if run.seed in seeds:
            units = [run.measured["truths"][truth]["unit"] for truth in truths]
            given = [run.measured["truths"][truth]["AUC"] for truth in truths]
            states = cell_states(trained(name, run.kind, run.seed), read.symbols)
            shown = auc(states[..., units], read.marks).diagonal()
            compared.append(compare(f"AUC of seed {run.seed}", shown, given, within=1e-3))
    return compared


def _alt(rows: Sequence[Sequence[str]], meanings: Sequence[str], seeds: int, *, same: bool) -> str:
    """Describe what the best units reach, and whether this Python has the text of the record."""
    pairs = zip(meanings, rows, strict=True)
    told = "; ".join(f"{meaning}: {row[1]}, fresh {row[3]}" for meaning, row in pairs)
    words = f"AUC of the best unit of {seeds} networks, median and range. {told}."
    other = " This Python's files are others than those of the record."
    return words if same else words + other
