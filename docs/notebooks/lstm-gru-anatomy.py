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
# # LSTM GRU anatomy, as a notebook
#
# Piotr Migdał's notebook of 2019, in its order, run while this page was built.
# New here: the seed, so that your numbers are these; the assertions, where the notebook let you
# compare by eye; and a figure at the end of each section, drawn from the module above it.
#
# The figures come from this site's package. Without it every other cell runs: only torch is needed.

# %%
import torch
from torch import nn

from rnn_figures import gate_plot, state_plot, trace, unrolled_diagram

torch.set_num_threads(1)
_ = torch.manual_seed(0)
# %% [markdown]
# ## LSTM
#
# More in the documentation of `torch.nn.LSTM`.

# %%
lstm = nn.LSTM(5, 3)

# %%
# L = 8 (length)
# N = 1 (batch size)
# H_in = 5 (input size)
x = torch.randn(8, 1, 5, generator=torch.Generator().manual_seed(0))

# %%
x

# %%
output, (hidden, cell) = lstm(x)

# %%
output

# %%
hidden

# %%
cell

# %%
output[-1] == hidden

# %%
unrolled_diagram(trace(lstm, x[:4]))

# %% [markdown]
# ## Step by step
#
# The state that the first call returns is all that the second call needs.

# %%
output1, (hidden1, cell1) = lstm(x[:4])
output2, (hidden2, cell2) = lstm(x[4:], (hidden1, cell1))

# %%
output1

# %%
output2

# %%
assert torch.allclose(output[:4], output1)
assert torch.allclose(output[4:], output2)

# %% [markdown]
# ## Iteration
#
# One step a call. `x[i:i+1]` keeps the step's axis.

# %%
lstm

# %%
hidden = torch.tensor([[[0.0, 0.0, 0.0]]])
cell = torch.tensor([[[0.0, 0.0, 0.0]]])
for i, token in enumerate(x):
    step_output, (hidden, cell) = lstm(x[i : i + 1], (hidden, cell))
    print(step_output)
    assert torch.allclose(step_output[0], output[i])

# %% [markdown]
# Everything that the loop passes on, and the gates that decide it:

# %%
gate_plot(trace(lstm, x))

# %% [markdown]
# ## GRU
#
# More in the documentation of `torch.nn.GRU`.

# %%
gru = nn.GRU(5, 3)

# %%
# note that instead of (hidden, cell) there is only hidden
output, hidden = gru(x)

# %%
output

# %%
hidden

# %%
unrolled_diagram(trace(gru, x[:4]))

# %% [markdown]
# ## Bidirectional LSTM

# %%
bilstm = nn.LSTM(5, 3, bidirectional=True)

# %%
output, (hidden, cell) = bilstm(x)

# %%
output.size()

# %%
hidden.size()

# %%
cell.size()

# %%
output

# %%
hidden

# %% [markdown]
# The forward half ends at the last step, the reverse half at the first.

# %%
assert torch.equal(output[-1, :, :3], hidden[0])
assert torch.equal(output[0, :, 3:], hidden[1])

# %%
unrolled_diagram(trace(bilstm, x[:4]))

# %% [markdown]
# ## Many-layered LSTM

# %%
multilstm = nn.LSTM(5, 3, num_layers=2, bidirectional=True)

# %%
output, (hidden, cell) = multilstm(x)

# %%
output.size()

# %%
hidden.size()

# %%
cell.size()

# %%
output

# %%
hidden

# %% [markdown]
# Rows 2 and 3 of `hidden` are the top layer's; rows 0 and 1 are in `output` nowhere.

# %%
assert torch.equal(output[-1, :, :3], hidden[2])
assert torch.equal(output[0, :, 3:], hidden[3])

# %%
unrolled_diagram(trace(multilstm, x[:4]))

# %%
state_plot(trace(multilstm, x), layer=1, direction=1)
