"""Run any model once, and trace every call of every recurrent layer and cell in it.

found        which layers of a model are recurrent, and which only look so
graphs       what the graph of a run shows of a call, and of the states that a model keeps
readers      what a model reads of its layers' answers, by gradients
raised       what to do about an error of torch's in a run
refusals     why a call cannot be recorded or traced, in a sentence
recorded     one call of a layer, as it was recorded
recording    what each layer was given and returned, in this thread, without a hook in the model
layouts      what shapes and numbers say of a tensor
unused       what a run was given, or computed, for nothing
watchers     what those have in common that look at torch's functions in a run:
  by_hand    steps that a model computes itself, with a layer's weights
  inputs     how the input of a layer was made
  losses     what losses are given that cannot say what they are to
  masks      what it hides
  mixing     what may mix sequences, or samples of several
  numerics   what becomes of numbers on the way
  orders     rows that a model puts in another order, and back
  outputs    views, and outputs that are joined
  scoring    what it gives to its softmaxes and losses
  targets    what a loss holds a prediction to, in the input
  towers     layers of one form whose answers are compared
  unpacking  outputs that are unpacked, and their padding
watching     all of these, while a model runs
joining      calls that go on from each other, one step at a time, as one call
snapshots    a layer with the weights of one call, and the trace of that call
untouched    a model that is left as it was
outcome      what came of one run
running      trace_all()
"""

from rnn_figures.models.found import called, place, short_place
from rnn_figures.models.layouts import ends_of, is_softmax
from rnn_figures.models.readers import Reads
from rnn_figures.models.running import Run, Traces, run_model, trace_all
from rnn_figures.models.snapshots import Call, answering
from rnn_figures.models.watchers import Seen

__all__ = [
    "Call",
    "Reads",
    "Run",
    "Seen",
    "Traces",
    "answering",
    "called",
    "ends_of",
    "is_softmax",
    "place",
    "run_model",
    "short_place",
    "trace_all",
]
