"""How numbers are written, once for all pictures, tables and sentences.

- `number`: inside a drawing, in a box, at an arrow or a join: two decimals, as wide as its box.
- `digits`: on an axis and in a sentence: three significant digits, or as many as asked.
- `decimals`: beside the points of one line, where neighbours must be comparable.
- `size`: a difference or a gradient inside a drawing, where a small number must not look like 0.
- `power`: the ticks of a logarithmic axis.
- `cell_text`: in a table: four significant digits.
- `counted`: how many there are of something, in a sentence; `plural`: only the noun.
- `agreement`: how far apart two things are that count as equal, at the end of a sentence.

Pictures and sentences have a true minus sign; `cell_text` and `agreement` have the hyphen that
Python prints, as what is copied into code.
"""

import math
from typing import SupportsFloat


def number(value: SupportsFloat) -> str:
    """Write a number for a picture: two decimals, a true minus, whole numbers as they are.

    Examples:
        >>> number(-0.7616), number(2.0), number(-0.001), number(123.4)
        ('−0.76', '2', '0.00', '123')
    """
    value = float(value)
    if not math.isfinite(value):
        return _true_minus(f"{value:g}")
    size = abs(value)
    if value == round(value) and size < 1e4:
        return _true_minus(f"{value:.0f}")
    if size >= 1e4:
        return _true_minus(f"{value:.0e}")
    return _true_minus(f"{value:.{2 if size < 10 else 1 if size < 100 else 0}f}")


def digits(value: SupportsFloat, count: int = 3) -> str:
    """Write a number with `count` significant digits, for axes and sentences.

    Examples:
        >>> digits(-0.12345), digits(1.0), digits(0.0456, 2), digits(float("nan"))
        ('−0.123', '1', '0.046', 'not a number')
    """
    value = float(value)
    return "not a number" if math.isnan(value) else _true_minus(f"{value:.{count}g}")


def decimals(value: SupportsFloat, count: int) -> str:
    """Write a number with `count` decimals, a whole one without: 1 is exact, 1.00 is near it.

    Examples:
        >>> decimals(1.0, 2), decimals(0.9993, 2), decimals(-0.305, 3), decimals(math.nan, 2)
        ('1', '1.00', '−0.305', 'nan')
    """
    value = float(value)
    if not math.isfinite(value):
        return _true_minus(f"{value:g}")
    return _true_minus(f"{value:.0f}" if value == round(value) else f"{value:.{count}f}")


def size(value: float) -> str:
    """Write a size for a picture: small ones with their power of ten, so that none looks like 0.

    Examples:
        >>> size(0.0), size(0.123), size(3e-8)
        ('0', '0.12', '3e−08')
    """
    return number(value) if value == 0 or value >= 0.005 else _true_minus(f"{value:.0e}")


def power(exponent: int) -> str:
    """Write a power of ten: in full up to a hundred thousand.

    Examples:
        >>> power(0), power(3), power(10), power(-20)
        ('1', '1000', '1e10', '1e−20')
    """
    return str(10**exponent) if 0 <= exponent <= 5 else f"1e{exponent}".replace("-", "−")


def cell_text(value: float) -> str:
    """Write a number for a cell of a table: four significant digits.

    Examples:
        >>> cell_text(-0.123456)
        '-0.1235'
    """
    return f"{value:.4g}"


def counted(number: int, noun: str) -> str:
    """Write how many there are of something.

    Examples:
        >>> counted(1, "step"), counted(8, "step")
        ('1 step', '8 steps')
    """
    return f"{number} {plural(noun, number)}"


def plural(noun: str, number: int) -> str:
    """Write a noun as it is of so many.

    Examples:
        >>> plural("unit", 1), plural("unit", 2)
        ('unit', 'units')
    """
    return noun if number == 1 else f"{noun}s"


def agreement(difference: float) -> str:
    """Write how far apart two things are that count as equal.

    Examples:
        >>> agreement(0.0), agreement(5.96e-8)
        ('exactly', 'to 6e-08')
    """
    return "exactly" if difference == 0 else f"to {difference:.0e}"


def _true_minus(text: str) -> str:
    """Return a number's text with a true minus sign, and none before a zero."""
    return text.replace("-", "−") if math.isnan(float(text)) or float(text) else text.lstrip("-")
