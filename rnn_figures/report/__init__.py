"""A reader's own layer or model, explained in one file that needs nothing else.

explaining   explain(): the run, the file, what is raised
page         the file around a report, and its policy
verdicts     the first screen: what is wrong, or that nothing is
calls        the figures of one call: shapes, unrolled run, gates, weights
maps         all units of a large call as pictures
gradients    plots of how far back each layer reads, and of what a loss depends on
numbers      the numbers that a report carries, so that its reader can choose
chooser      the part in which its reader does
"""

from rnn_figures.report.explaining import explain

__all__ = ["explain"]
