"""A plot to copy: values on axes; a bar chart is a plot. Its test is test_plot_example.py.

Yours goes to rnn_figures/plots/ if it takes any module, to rnn_figures/course/ if it belongs to
one lesson.
"""

from rnn_figures.arguments import checked
from rnn_figures.figures import Plot, Table
from rnn_figures.palette import COLOURS
from rnn_figures.plots.reading import prove_shown
from rnn_figures.plots.style import new_plot, plot_style
from rnn_figures.proofs import Proof, compare
from rnn_figures.traces.tracing import Trace


@checked  # refuses what is of another kind than the annotations ask for
def last_state_plot(trace: Trace) -> Plot:
    """Plot h_n as bars, one for each unit.

    Args:
        trace: The run of one layer in one direction; its first sequence is drawn.

    Returns:
        The plot; `data` has a row for each unit.

    Raises:
        ProofError: a bar is not as high as the module's h_n.
    """
    h = trace[0, 0].h[-1, 0].tolist()  # (H_out,)
    with plot_style():  # the same look whatever the settings of the caller's notebook
        plot = new_plot(2.0)  # inches high
        axes = plot.add_subplot()
        # gid "q-h-…" makes it light up with every other h of the page; colours by name only.
        bars = axes.bar(range(len(h)), h, width=0.6, color=COLOURS["h"])
        for unit, bar in enumerate(bars):
            bar.set_gid(f"q-h-unit{unit}")
        axes.axhline(0, color=COLOURS["faint"], linewidth=0.9)
        axes.set_ylim(-1, 1)  # what a tanh can be, so that two plots can be compared
        axes.set_xticks(range(len(h)))
        axes.set_xlabel("unit")
        axes.set_title("h_n[0]")

    # These three are left to you; without them a figure says nothing to who cannot see it.
    plot.alt = f"Bars of h_n[0]: {', '.join(f'unit {u} {v:.2f}' for u, v in enumerate(h))}."
    plot.data = Table(("unit", "h_n[0]"), list(enumerate(h)))
    heights = [bar.get_height() for bar in bars]
    plot.proof = Proof("equal to h_n", compare("bars", heights, trace.h_n[0, 0]))
    prove_shown(plot)  # what is drawn and written, read back and held to the table
    return plot
