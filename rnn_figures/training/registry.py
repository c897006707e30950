"""All experiments, by the name that `rnn-figures train` takes."""

from rnn_figures.training.brackets import BRACKETS
from rnn_figures.training.counting import COUNTING
from rnn_figures.training.experiment import Experiment
from rnn_figures.training.prose import PROSE
from rnn_figures.training.recall import RECALL, RECALL_CONSTANT
from rnn_figures.training.source_text import SOURCE_TEXT
from rnn_figures.training.watched import WATCHED

EXPERIMENTS: dict[str, Experiment] = {
    experiment.name: experiment
    for experiment in (COUNTING, BRACKETS, RECALL, RECALL_CONSTANT, SOURCE_TEXT, PROSE, WATCHED)
}
