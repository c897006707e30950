# Each command creates .venv when it is missing or pyproject.toml has changed, then runs what
# README.md shows under "Without make". Nothing but Python with venv, and make, is needed.

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/installed
PEERS := .venv/peers-installed

# One thread: a tiny LSTM gains nothing from more and can lose a factor of a hundred.
export OMP_NUM_THREADS = 1
# Material's banner about MkDocs 2, which pyproject.toml already excludes.
export NO_MKDOCS_2_WARNING = 1

.PHONY: serve build test test-slow check figures bench clean

serve: $(STAMP)
	$(BIN)/mkdocs serve

build: $(STAMP)
	$(BIN)/mkdocs build --strict

test: $(STAMP)
	$(BIN)/python -m tests.browser.chromium
	$(BIN)/python -m pytest -m "not slow"

test-slow: $(STAMP) $(PEERS)
	$(BIN)/python -m tests.browser.chromium
	$(BIN)/python -m pytest -m slow

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright

figures: $(STAMP)
	$(BIN)/rnn-figures export figures

bench: $(STAMP)
	$(BIN)/python -m benchmarks

clean:
	rm -rf .venv .cache site

$(STAMP): pyproject.toml
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("expected Python 3.11 or newer, got " + sys.version.split()[0] + "; name another with: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev]"
	touch $@

$(PEERS): $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[peers]"
	touch $@
