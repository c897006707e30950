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
# # Prose, as a notebook
#
# The network that reads English; what single units of it tell, on a text that you choose; what it
# loses without one of them; and one that you train yourself.
# The weights come with the package, and what it was trained on comes with Python.

# %%
import torch

from rnn_figures import trained, trained_runs
from rnn_figures.course import coloured_text_plot
from rnn_figures.training import EXPERIMENTS
from rnn_figures.training.prose import HELD_OUT, TRUTHS, topic, truths
from rnn_figures.training.scores import added_losses, auc, cell_states, passages, strength

torch.set_num_threads(1)
names = list(TRUTHS)

# %% [markdown]
# ## One unit, a text of yours
#
# Change the text, the truth (one of `names`), the unit (0 to 63) and the seed (0 or 1).

# %%
text = """He said "no more" (or so it seemed).
Then "the others" left.
"""
truth = "quotes"
unit = trained_runs("prose")[0].measured["truths"][truth]["unit"]

coloured_text_plot(
    trained("prose", seed=0),
    text,
    unit,
    truth=truths(text)[:, names.index(truth)],
    meaning=TRUTHS[truth],
)

# %% [markdown]
# ## All units, on a topic that no network was trained on
#
# Its first 4,000 characters. 0.5 says nothing, 1 tells without a mistake.
# Beside it the same network before training: what it reaches, training has not brought.

# %%
read = passages([topic(HELD_OUT[0])], truths, length=4000)
network = trained("prose", seed=0)
fresh = EXPERIMENTS["prose"].network("LSTM", 0).eval()
tells, before = (
    strength(auc(cell_states(one, read.symbols), read.marks)) for one in (network, fresh)
)
for column, name in enumerate(names):
    best = int(tells[:, column].argmax())
    print(
        f"{name:<11} unit {best:>2}: {tells[best, column]:.2f},"
        f" fresh {before[:, column].max():.2f}, median unit {sorted(tells[:, column])[32]:.2f}"
    )

# %% [markdown]
# ## Without it
#
# What is added to the loss without the unit for quotes, inside quotes and outside: in the two
# networks whose weights are kept. It tells in both, and is used in one.

# %%
for run in trained_runs("prose")[:2]:
    unit = run.measured["truths"]["quotes"]["unit"]
    network = trained("prose", seed=run.seed)
    inside, outside = added_losses(network, [unit], read, "unread")[0, names.index("quotes")]
    print(f"seed {run.seed}, unit {unit}: inside {inside:+.3f}, outside {outside:+.3f}")

# %% [markdown]
# ## Train one anew
#
# A few steps, in which it learns which characters are common.
# The shipped ones had more: `EXPERIMENTS["prose"].steps`.
# `rnn-figures train prose` trains all of them, in minutes.

# %%
experiment = EXPERIMENTS["prose"]
mine = experiment.network("LSTM", seed=7)
for step, loss in enumerate(experiment.train(mine, seed=7, steps=31)):
    if step % 10 == 0:
        print(f"step {step:>2}: loss {loss:.2f}")

# %%
mine.eval()
chances = mine.chances("The name of th")[-1]
best = chances.topk(5).indices
{mine.answers[index]: round(chances[index].item(), 2) for index in best.tolist()}
