"""Figures of PyTorch's recurrent layers, each computed from a live module and checked against it.

What is imported lies flat; a folder says what it holds. Imports go down this list only, and the
three drawing families never import each other:

    palette          one colour and one letter per quantity
    arguments        what a caller gave, checked against a function's annotations
    options          the values of every option that changes a figure
    numbers          how numbers are written in pictures, tables and sentences
    machine          what a machine may refuse: a library, a program, a file to write
    proofs           what a figure was checked against: a Proof, made by comparing
    notebook         a drawing in the colours of a notebook's theme, or in a file
    figures          what a figure is: Table, Diagram, Plot
    configurations   every configuration of nn.LSTM, nn.GRU and nn.RNN, as live modules
    cells            one step of each cell, gates kept
    weights/         names, order and slices of every weight; Keras; ONNX
    traces/          run a module once and recover every gate of every step, checked
    training/        small networks trained: experiments, weights kept, what was measured
    stacks           some layers of a module as a module of their own
    models/          every call of every recurrent layer and cell in a model
    gradients        how far back a gradient reaches
    dropout          the masks that dropout between layers draws
    gate_rows        which rows of a weight are which gate, proved
    verdict/         what is wrong with a network, or that nothing is
    tables/ | diagrams/ | plots/   drawings of any module or trace
    course/          pictures of one lesson each, built from the three
    html/            a figure in its frame
    report/          a reader's own layer or model, explained in one file
    checkpoints/     two models beside each other: what moved
    site/            docs/ -> site: the MkDocs plugin, the atlas, the search, the export
    shell/           what the command line does
    __main__         the command line

The public names are in `__init__.pyi`, written there once, and loaded on first use: importing the
package imports no torch. The pictures of one lesson are imported from `rnn_figures.course`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

__version__ = "0.1.0"
