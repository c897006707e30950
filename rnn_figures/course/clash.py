"""Draw two shapes one above the other, the axes that clash marked."""

from collections.abc import Sequence

from rnn_figures.arguments import checked
from rnn_figures.diagrams.canvas import Canvas, words
from rnn_figures.diagrams.matrix import Matrix
from rnn_figures.figures import Diagram, Table

SIGN = 15
"""Points of the sign between two sizes that clash."""


@checked
def clash_diagram(
    expected: Sequence[int],
    given: Sequence[int],
    *,
    axes: Sequence[str],
    names: tuple[str, str] = ("expected", "given"),
) -> Diagram:
    """Draw the shape that was expected above the one that was given, clashing axes ringed.

    Args:
        expected: The shape of a tensor that fits; read it from a live one.
        given: The shape of the tensor that does not.
        axes: A name for each axis of `expected`, such as "L", "N", "H_in".
        names: What to call the two rows.

    Returns:
        The Diagram. Shapes with different numbers of axes are aligned at their last axis, which
        is the features' in every input of a recurrent layer.

    Raises:
        ValueError: the shapes are equal, or `axes` does not name each axis of `expected`.
    """
    if len(axes) != len(expected):
        raise ValueError(
            f"expected a name for each of {len(expected)} axes, got {', '.join(axes)}; "
            "name the axes of the expected shape"
        )
    if tuple(expected) == tuple(given):
        raise ValueError(f"expected two shapes that differ, got {tuple(given)} twice")
    columns = max(len(expected), len(given))
    sizes = [[None] * (columns - len(shape)) + list(shape) for shape in (expected, given)]
    letters = [None] * (columns - len(expected)) + list(axes)
    rows = [
        (letter, wanted, got, wanted == got)
        for letter, wanted, got in zip(letters, *sizes, strict=True)
    ]
    canvas = Canvas(
        "clash",
        alt=_alt(tuple(expected), tuple(given), rows, names),
        data=Table(["axis", *names, "equal"], rows, alt="Two shapes, axis by axis."),
    )
    _draw(canvas, rows, names)
    return canvas


def _draw(canvas: Canvas, rows: list[tuple], names: tuple[str, str]) -> None:
    """Draw both shapes, what is missing as an empty box, and whether each axis is equal."""
    boxes = Matrix(canvas, "{row}-{column}", (2, len(rows)), cell=(96.0, 40.0), gap=(8.0, 24.0))
    for row, name in enumerate(names):
        canvas.write(f"name-{row}", words(name), at=boxes[row, 0].left, gap=14, width=70)
    for column, (letter, *shape, equal) in enumerate(rows):
        above, below = boxes[0, column].bottom, boxes[1, column].top
        sign = words("=", colour="faint") if equal else words("≠", size=SIGN, bold=True)
        between = (above.x, (above.y + below.y) / 2)
        canvas.write(f"sign-{column}", sign, at=between, width=20, align="center")
        for row, size in enumerate(shape):
            absent = "missing" if row else "no such axis"
            number = words(str(size), bold=True) if size is not None else words(absent)
            look = "dashed" if size is None else "plain" if equal else "ringed"
            colour = "faint" if equal or size is None else "ink"
            axis = letter or ("one too many" if size is not None else "")
            name = [words(axis, colour="faint")] if axis else []
            boxes.fill(row, column, [*name, number], colour=colour, look=look)


def _alt(expected: tuple, given: tuple, rows: list[tuple], names: tuple[str, str]) -> str:
    """Describe both shapes and every axis that clashes."""
    clashes = [
        f"{letter or 'an axis'} is {got if got is not None else 'missing'}"
        + (f" where {wanted} is needed" if wanted is not None else ", one axis too many")
        for letter, wanted, got, equal in rows
        if not equal
    ]
    return f"{names[0].capitalize()} {expected}, {names[1]} {given}: {'; '.join(clashes)}."
