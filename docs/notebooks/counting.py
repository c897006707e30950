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
# # Counting, as a notebook
#
# The networks of the page on counting, and one that you train yourself.
# The weights come with the package; nothing else is needed.

# %%
import torch

from rnn_figures import trace, trained, trained_runs
from rnn_figures.course import reading_plot, spread_plot, spread_table
from rnn_figures.training.counting import COUNTING, right

torch.set_num_threads(1)

# %% [markdown]
# ## One network, one string
#
# Change the string, the kind ("RNN", "GRU", "LSTM") and the seed.

# %%
network = trained("counting", "LSTM", seed=0)
network.best("$aaabbb")

# %%
reading_plot("counting", network, "$aaaaaabbbbbb", quantities="fch")

# %%
c = trace(network.layer, network.inputs("$aaaaaabbbbbb"))[0, 0].c[:, 0]
c.diff(dim=0)  # what each symbol does to the cell state

# %% [markdown]
# ## Where each stops

# %%
spread_plot("counting", "right up to n", trained_to=10)

# %%
spread_table("counting", "right up to n", "right of n = 1 to 250")

# %%
[(run.kind, run.seed, round(run.loss, 3)) for run in trained_runs("counting")]

# %% [markdown]
# ## Train one anew
#
# A few hundred steps, in which to see it begin. The shipped ones had more: `COUNTING.steps`.
# `rnn-figures train counting` trains all of them.

# %%
mine = COUNTING.network("LSTM", seed=7)
for step, loss in enumerate(COUNTING.train(mine, seed=7, steps=300)):
    if step % 60 == 0 or step == 299:
        found = right(mine, list(range(1, 31)))
        print(f"step {step:>3}: loss {loss:.3f}, right of n = 1 to 30: {sum(found)}")

# %%
reading_plot("counting", mine, "$aaaabbbb", quantities="c")
