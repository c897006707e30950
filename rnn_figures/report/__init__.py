"""A reader's own layer or model, explained in one file that needs nothing else.

explaining   explain(): the run, the file, what is raised
verdicts     the first screen: what is wrong, or that nothing is
calls        the figures of one call: shapes, unrolled run, gates, weights
maps         all units of a large call as pictures
reaches      how far back each layer reads, as a plot
"""

from rnn_figures.report.explaining import explain

__all__ = ["explain"]
