"""A table to copy: text and numbers in cells. Its test is test_table_example.py.

Yours goes to rnn_figures/tables/ if it takes any module, to rnn_figures/course/ if it belongs to
one lesson.
"""

from rnn_figures.arguments import checked
from rnn_figures.figures import Table
from rnn_figures.proofs import compare_column
from rnn_figures.traces.tracing import Trace


@checked  # refuses what is of another kind than the annotations ask for
def last_h_table(trace: Trace) -> Table:
    """List the last h of the top layer beside h_n[0]: with one layer they are the same.

    Args:
        trace: The run of one layer in one direction; its first sequence is shown.

    Returns:
        The table, with a row for each unit.

    Raises:
        ProofError: the two differ, as they do with more layers.
    """
    last, h_n = trace[-1, 0].h[-1, 0], trace.h_n[0, 0]  # (H_out,) each

    # Words for those who cannot see the figure, computed from what it shows.
    alt = f"The last h and h_n[0], unit by unit: {len(h_n)} units, each the same twice."

    rows = [
        (unit, value, final)
        for unit, (value, final) in enumerate(zip(last.tolist(), h_n.tolist(), strict=True))
    ]
    table = Table(("unit", "h[-1]", "h_n[0]"), rows, alt=alt)

    # What the finished table holds, then what the module gave: they raise where the two differ,
    # and only a Proof brings the tick. Without `within`, numbers must be the same to the last bit.
    last_is_h_n = compare_column(table, "h[-1]", h_n)
    return table.proved("the last h is h_n[0]", last_is_h_n, compare_column(table, "h_n[0]", h_n))
