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
# # Recall, as a notebook
#
# Name the first letter after eighteen others: what the forget bias does to a training.
# The weights come with the package; nothing else is needed.

# %%
import torch

from rnn_figures import gate_plot, trace, trained
from rnn_figures.course import decline_plot, spread_plot, spread_table
from rnn_figures.training.recall import RECALL

torch.set_num_threads(1)

# %% [markdown]
# ## One network, one string

# %%
text = "bxzzywxyywzxxwyzwyx?"
network = trained("recall", "LSTM, forget bias 3", seed=0)
dict(zip(network.answers, network.chances(text)[-1].tolist(), strict=True))

# %%
gate_plot(trace(network.layer, network.inputs(text)), symbols=list(text))

# %% [markdown]
# ## All of them

# %%
spread_plot("recall", "steps")

# %%
decline_plot("recall", "right after", trained_to=18)

# %%
spread_table("recall-constant", "steps", "right after 18", "right after 240")

# %% [markdown]
# ## Train two anew
#
# The same seed, the same data; one number differs at the start.

# %%
for kind in ("LSTM", "LSTM, forget bias 3"):
    mine = RECALL.network(kind, seed=7)
    losses = list(RECALL.train(mine, seed=7, steps=150))
    print(f"{kind:<20} loss {losses[0]:.2f} -> {losses[-1]:.2f} in {len(losses)} steps")
