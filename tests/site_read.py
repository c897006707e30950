"""The package, read as each build reads it: imported once, in the process that builds fork from."""

from rnn_figures.site.running.digests import read_package

read_package()
