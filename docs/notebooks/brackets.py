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
# # Brackets, as a notebook
#
# An exact counter set by hand, trained ones beside it, and one that you train yourself.
# The weights come with the package; nothing else is needed.

# %%
import torch

from rnn_figures import comparison_plot, trace, trained
from rnn_figures.course import decline_plot, reading_plot, spread_table
from rnn_figures.training.brackets import BRACKETS, by_hand, measure, nests

torch.set_num_threads(1)

# %% [markdown]
# ## By hand

# %%
exact = by_hand()
exact.layer.weight_ih_l0, exact.layer.bias_ih_l0

# %%
measure(exact)

# %% [markdown]
# ## Trained

# %%
network = trained("brackets", "LSTM, one unit", seed=0)
reading_plot("brackets", network, "(()((()))())(()((())()))")

# %%
deep = "(" * 12 + ")" * 12
curves = {}
for name, one in (("by hand", exact), ("trained", network)):
    c = trace(one.layer, one.inputs(deep))[0, 0].c[:, 0, 0]
    curves[name] = c / (c[1] - c[0])
comparison_plot(curves, quantity="c")

# %%
decline_plot("brackets", "right at length", trained_to=24)

# %%
spread_table("brackets", "right up to depth", "right at length 24", "right at length 200")

# %% [markdown]
# ## Train one anew
#
# A few hundred steps. The shipped ones had more: `BRACKETS.steps`.

# %%
mine = BRACKETS.network("LSTM, one unit", seed=7)
for step, loss in enumerate(BRACKETS.train(mine, seed=7, steps=300)):
    if step % 60 == 0 or step == 299:
        print(f"step {step:>3}: loss {loss:.3f}, right depths of 1 to 20: {sum(nests(mine, 20))}")
