"""Check what a caller gave against a function's annotations; say in a sentence what is wrong.

`checked` makes a public function refuse what is of another kind, before a line of it runs; nothing
is taken for something else in silence: True is no whole number, 1.5 no step, a class no module.
Numbers of other libraries pass, and arrive as Python's own.

Ours, not a library's: those that check annotations at run time say where a nested value failed, on
several lines, not what to do; and some change what they are given.

hints     what to do about it
kinds     what an annotation asks for, in words, and what fits it
checking  functions that check their arguments by their annotations
"""

from rnn_figures.arguments.checking import argument, at_least, checked
from rnn_figures.arguments.hints import is_recurrent
from rnn_figures.arguments.kinds import came

__all__ = ["argument", "at_least", "came", "checked", "is_recurrent"]
