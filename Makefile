# Each command creates .venv when it is missing or pyproject.toml has changed, then runs what
# README.md shows under "Without make". Nothing but Python with venv, and make, is needed.

PYTHON ?= python3
STAMP := .venv/installed
PEERS := .venv/peers-installed

# The commands below are README.md's, as in an activated environment.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# One thread: a tiny LSTM gains nothing from more and can lose a factor of a hundred.
export OMP_NUM_THREADS = 1
# Tests and builds start many Pythons, and each would compile the package anew.
export PYTHONDONTWRITEBYTECODE =
# Material's banner about MkDocs 2, which pyproject.toml already excludes.
export NO_MKDOCS_2_WARNING = 1

# One page: make page PAGE=docs/anatomy/lstm.md; its pictures: make look PAGE=... ID=lstm-counter
PAGE ?=
ID ?=

.PHONY: serve page look build test test-slow test-real check figures bench clean

serve: $(STAMP)
	mkdocs serve

page: $(STAMP)
	python -m tests.page $(PAGE)

look: $(STAMP)
	python -m tests.browser.chromium
	python -m tests.browser.look $(PAGE) $(ID)

build: $(STAMP)
	mkdocs build --strict

test: $(STAMP)
	python -m tests.browser.chromium
	python -m pytest -m "not slow" -n auto --dist worksteal

test-slow: $(STAMP) $(PEERS)
	python -m tests.browser.chromium
	python -m pytest -m slow

test-real: $(STAMP)
	python -m pip install --quiet --disable-pip-version-check -e ".[real]"
	python -m pytest -m real

check: $(STAMP)
	ruff format --check .
	ruff check .
	pyright

figures: $(STAMP)
	rnn-figures export figures

bench: $(STAMP)
	python -m benchmarks

clean:
	rm -rf .venv .cache site figures

$(STAMP): pyproject.toml
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("expected Python 3.11 or newer, got " + sys.version.split()[0] + "; name another with: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -e ".[dev]"
	touch $@

$(PEERS): $(STAMP)
	python -m pip install --quiet --disable-pip-version-check -e ".[peers]"
	touch $@
