"""What the command line does, a module for each kind of command.

errors      what a wrong use says, and the exit codes
parameters  files, folders and seeds that commands take
layers      shapes, draw: a layer named by its sizes
models      a model, its checkpoint and its inputs, as a command names them
explaining  explain: the report on a model, and its findings as records
comparing   compare: what moved between two checkpoints
exporting   export, diff: the figures of the site
training    train: the networks of an experiment

Each is imported for `--help` too, so torch is imported inside the functions that need it.
"""
