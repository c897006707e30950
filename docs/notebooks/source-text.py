# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Source text, as a notebook
#
# A network that reads Python code character by character; what single units of it tell, on code
# that you choose; and one that you train yourself.
# The weights come with the package, and what it was trained on comes with Python.

# %%
import torch

from rnn_figures import trained, trained_runs
from rnn_figures.course import coloured_text_plot
from rnn_figures.training import EXPERIMENTS
from rnn_figures.training.scores import auc, cell_states, passages, strength
from rnn_figures.training.source_text import TRUTHS, source, truths

torch.set_num_threads(1)
names = list(TRUTHS)

# %% [markdown]
# ## One unit, a text of yours
#
# Change the code, the truth (one of `names`), the unit (0 to 63) and the seed (0 or 1).

# %%
code = """def area(width, height=(2, 3)):
    # not exact (see below)
    return min(width * height[0], "four")
"""
truth = "brackets"
unit = trained_runs("source-text")[0].measured["truths"][truth]["unit"]

coloured_text_plot(
    trained("source-text", seed=0),
    code,
    unit,
    truth=truths(code)[:, names.index(truth)],
    meaning=TRUTHS[truth],
)

# %% [markdown]
# ## All units, on a file that no network was trained on
#
# Its first 4,000 characters. 0.5 says nothing, 1 tells without a mistake.
# Beside it the same network before training: what it reaches, training has not brought.

# %%
read = passages([source("tempfile")], truths, length=4000)
network = trained("source-text", seed=0)
fresh = EXPERIMENTS["source-text"].network("LSTM", 0).eval()
tells, before = (
    strength(auc(cell_states(one, read.symbols), read.marks)) for one in (network, fresh)
)
for column, name in enumerate(names):
    best = int(tells[:, column].argmax())
    print(
        f"{name:<9} unit {best:>2}: {tells[best, column]:.2f},"
        f" fresh {before[:, column].max():.2f}, median unit {sorted(tells[:, column])[32]:.2f}"
    )

# %% [markdown]
# Here the best unit is chosen on the very file that it is tried on, and so is the fresh one.
# The page chooses on other files, and has five seeds:

# %%
for run in trained_runs("source-text"):
    aucs = {name: one["AUC"] for name, one in run.measured["truths"].items()}
    print(run.seed, {name: round(max(value, 1 - value), 2) for name, value in aucs.items()})

# %% [markdown]
# ## Train one anew
#
# A few steps, in which it learns which characters are common.
# The shipped ones had more: `EXPERIMENTS["source-text"].steps`.
# `rnn-figures train source-text` trains all of them, in minutes.

# %%
experiment = EXPERIMENTS["source-text"]
mine = experiment.network("LSTM", seed=7)
for step, loss in enumerate(experiment.train(mine, seed=7, steps=31)):
    if step % 10 == 0:
        print(f"step {step:>2}: loss {loss:.2f}")

# %%
mine.eval()
chances = mine.chances("def f(a):\n    return ")[-1]
best = chances.topk(5).indices
{mine.answers[index]: round(chances[index].item(), 2) for index in best.tolist()}
