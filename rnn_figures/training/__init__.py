"""Small networks, trained: what each was asked, how it was trained, and its weights, kept.

    networks     what is trained: symbols in, a recurrent layer, scores out
    experiment   one question: its data, its networks, its training, its measure
    counting | brackets | recall | watched   experiments on strings that are made
    characters   how a text is read
    scores       what single units tell about a text
    source_text | prose   experiments on texts that every reader has
    registry     all experiments, by name
    stored       weights and what is known of their training, in files
    running      train all networks of an experiment, as `rnn-figures train` does

The weights that come with the package are in `shipped/`. Nothing here draws.
"""

from rnn_figures.training.experiment import Batch, Experiment
from rnn_figures.training.networks import Network
from rnn_figures.training.registry import EXPERIMENTS
from rnn_figures.training.stored import TrainedRun, trained, trained_runs

__all__ = [
    "EXPERIMENTS",
    "Batch",
    "Experiment",
    "Network",
    "TrainedRun",
    "trained",
    "trained_runs",
]
