"""Read a finished diagram back, so that a proof compares what is shown, not what was intended.

A diagram's numbers pass through a loop, an index and a format on their way into its boxes; what
stands in the boxes in the end is read from the finished drawing.
"""

import html
import re
from collections.abc import Mapping

from rnn_figures.figures import Diagram
from rnn_figures.proofs import Comparison, Proof, compare

NODE = re.compile(
    r'^\t"?(?P<name>[^"]+?)"? \[label=(?:<(?P<markup>.*?)>(?= \w+=)|"(?P<text>.*?)"(?= \w+=)|'
    r"(?P<word>\S*))(?P<attributes>.*)$",
    re.DOTALL,
)
"""A node of a drawing in dot; arrows have no label."""


def texts(diagram: Diagram) -> dict[str, str]:
    r"""Return what stands in each box, by its name after the diagram's; lines end with a newline.

    Examples:
        >>> from rnn_figures.diagrams.canvas import Canvas, words
        >>> from rnn_figures.figures import Table
        >>> canvas = Canvas("one", alt="A box.", data=Table(["n"], [(0,)]))
        >>> _ = canvas.box("x", [words("0.50"), words("1")], at=(0, 0), size=(9, 9), colour="ink")
        >>> texts(canvas)
        {'x': '0.50\n1'}
    """
    return {name: _plain(node) for name, node in nodes(diagram).items()}


def compare_texts(diagram: Diagram, expected: Mapping[str, str]) -> Comparison:
    """Compare what stands in boxes of a finished drawing with what should, by the boxes' names."""
    found = texts(diagram)
    shown = {name: found.get(name, "no such box") for name in expected}
    return compare("the texts", shown, dict(expected))


def prove_shown(diagram: Diagram, expected: Mapping[str, str], *others: Comparison) -> None:
    """Add to a diagram's proof what stands in its finished boxes, by their names, and the others.

    Raises:
        ProofError: a box has another text.
    """
    assert diagram.proof is not None  # what was meant was compared first
    compared = compare_texts(diagram, expected), *others
    diagram.proof = Proof(diagram.proof.words, diagram.proof, *compared)


def nodes(diagram: Diagram) -> dict[str, re.Match[str]]:
    """Return the lines of the nodes, by name after the diagram's."""
    found = (NODE.match(line) for line in diagram.body)
    return {node["name"].removeprefix(f"{diagram.name}-"): node for node in found if node}


def _plain(node: re.Match[str]) -> str:
    """Return a label without its markup."""
    if node["markup"] is None:
        return re.sub(r"\\[nlr]", "\n", node["text"] or node["word"] or "").strip("\n")
    text = re.sub(r"</tr>(?!</table>)|<br/>", "\n", node["markup"])
    return html.unescape(re.sub(r"<[^>]*>", "", text))
