"""Two models of one structure beside each other, such as two checkpoints: what moved.

records    what a comparison says: a Change of each quantity, a Moved of all
comparing  compare()
drawing    the changes as a plot and as one file
"""

from rnn_figures.checkpoints.comparing import compare
from rnn_figures.checkpoints.records import Change, Moved

__all__ = ["Change", "Moved", "compare"]
