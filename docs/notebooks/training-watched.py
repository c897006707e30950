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
# # A training watched, as a notebook
#
# Two networks that learn to count, as they were after each of some numbers of steps; and one whose
# training you watch yourself.
# The weights come with the package; nothing else is needed.

# %%
import torch

from rnn_figures import trace, trained
from rnn_figures.course import reading_plot, watched_plot
from rnn_figures.training.watched import SEEN, STEPS, WATCHED, loss

torch.set_num_threads(1)
kinds = WATCHED.kinds
print("weights were kept after:", *SEEN, STEPS)

# %% [markdown]
# ## After so many steps
#
# Change the steps (one of `SEEN`, or `STEPS`), the seed (0 to 4) and the string.

# %%
seed = 3
networks = {kind: trained("watched", kind, seed) for kind in kinds}
watched_plot(networks, 30, "$aaaaaaaabbbbbbbb")

# %%
watched_plot(networks, STEPS, "$aaaaaaaabbbbbbbb")

# %% [markdown]
# ## All ten
#
# After how many steps the loss is low, seed by seed.

# %%
for kind in kinds:
    five = [trained("watched", kind, seed) for seed in range(WATCHED.seeds)]
    low = [next(steps for steps in SEEN if loss(one.after(steps)) < 0.25) for one in five]
    print(f"{kind:<19} loss below 0.25 after {low}")

# %% [markdown]
# ## Train one anew, and watch it
#
# 200 steps; the shipped ones had 1,500. The network is looked at between its steps: its loss, and
# how far c of the unit that moves most goes for an a and for a b.

# %%
mine = WATCHED.network("LSTM, forget bias 0", seed=7)
text = "$aaaaaaaabbbbbbbb"
for step, before in enumerate(WATCHED.train(mine, seed=7, steps=201)):
    if step % 40 == 0:
        c = trace(mine.layer, mine.inputs(text))[0, 0].c[:, 0]
        unit = (c.amax(dim=0) - c.amin(dim=0)).argmax()
        moves = c[:, unit].diff()
        a, b = moves[1:8].mean(), moves[9:].mean()
        print(f"step {step:>3}: loss {before:.2f}, a {a:+.2f}, b {b:+.2f}")

# %%
reading_plot("counting", mine.eval(), "$aaaabbbb", quantities="fc")
