"""What was seen on a run, in words: of rows, steps, states and numbers, and with it of scores."""

from rnn_figures.verdict.scored import SCORED, Words

SEEN = {
    **SCORED,
    "bounds exchanged": Words(
        "clamp has {} as its least and {} as its most: each number becomes the second, whatever "
        "it was, and no gradient comes back.",
        "The smaller bound comes first: clamp(min, max).",
        "answers/silent-mistakes.md",
    ),
    "argmax of one": Words(
        "an argmax along axis {1} of {0}, which has one entry: it is 0 each time.",
        "argmax(-1), along the classes.",
        "answers/silent-mistakes.md",
    ),
    "sine of whole turns": Words(
        "a sine of numbers that are all whole turns, 2 pi times a whole number: it is 0 each time.",
        "An hour of a day is a part of a turn: sin(2 * pi * hour / 24).",
        "answers/text-and-data.md",
    ),
    "numbers rounded": Words(
        "whole numbers become {}, in which neighbours of the largest are {} apart: numbers nearer "
        "than that become one, or differ by it.",
        "Subtract the first time, in int64 or float64, before the type is changed.",
        "answers/text-and-data.md",
    ),
    "nothing left of a division": Words(
        "a whole-number division by {} leaves 0 of nearly all numbers, which were many.",
        "x / 255 keeps them; x // 255 does not.",
        "answers/text-and-data.md",
    ),
    "written over": Words(
        "scatter writes several numbers to one place, {} times: one of them stays, and torch does "
        "not say which.",
        "scatter_add, where shares of the same word are to be summed.",
        "answers/silent-mistakes.md",
    ),
    "norm of one": Words(
        "a layer norm of one number, of {}: it is its own mean, so that what comes out is the "
        "bias, whatever came in.",
        "No norm behind a single score; before it, over the features.",
        "answers/silent-mistakes.md",
    ),
    "NaN made": Words(
        "{} numbers become NaN here, of numbers that were none: 0 / 0, 0 · inf, inf − inf, or the "
        "logarithm or root of a number below 0.",
        "Look for a count that can be 0, such as the steps of an empty sequence: "
        "count.clamp(min=1).",
        "answers/silent-mistakes.md",
    ),
    "view for a transpose": Words(
        "a view or reshape takes {} for {}. It keeps the numbers in their order and exchanges no "
        "axes: a row of the result has numbers of several rows.",
        "transpose or permute first, then reshape. It is right where neighbours are to be joined, "
        "or a row to be parted.",
        "sequences/batch-first.md",
    ),
    "rows left sorted": Words(
        "the batch is sorted by length, and what the model returns is left in that order: its "
        "rows are not those of what the model was given, or of the labels.",
        "Index the result with order.argsort(), or let torch do both: pack_padded_sequence(..., "
        "enforce_sorted=False).",
        "sequences/packed.md",
    ),
    "pieces from zeros": Words(
        "outputs of several of its calls are joined along the steps, and each call starts from "
        "zeros: the first steps of a piece know nothing of the one before.",
        "Hand the state on: output, state = rnn(piece, state).",
        "sequences/step-by-step.md",
    ),
    "reverse not flipped back": Words(
        "its output is joined to that of a layer which reads the same steps the other way, as it "
        "is: step t has read up to t, and the other from the end up to L − 1 − t.",
        "Flip the output of the layer that reads the last step first, then join.",
        "configurations/bidirectional.md",
    ),
    "padding unpacked": Words(
        "what the model returns depends on what stands behind a sequence's last step, in an "
        "output that was unpacked: zeros, to which no step leads.",
        "Weights of attention: scores.masked_fill(~mask, -torch.inf) before the softmax, with a "
        "mask that is True at steps. A maximum: the same, of the output. The last state: h_n, or "
        "the output at lengths - 1. A mean: the sum over lengths. A loss: without the steps of "
        "padding.",
        "sequences/packed.md",
    ),
    "norm over steps": Words(
        "a batch norm of torch's takes axis 1 for channels, and {} has steps, or sequences, "
        "there: each of them is scaled by itself, over all features.",
        "norm(x.transpose(1, 2)).transpose(1, 2) with batch_first=True, or nn.LayerNorm, which "
        "takes the last axis.",
        "sequences/batch-first.md",
    ),
    "inputs joined along the steps": Words(
        "its input is tensors of {} and {} joined along the steps: it reads all of the first, and "
        "then the second.",
        "Right for pieces of one sequence. What belongs to the same steps is joined by dim=-1.",
        "sequences/batch-first.md",
    ),
    "steps shuffled": Words(
        "the steps are put in an order that torch.randperm draws: what it reads has no order to "
        "learn from.",
        "Draw the order of sequences, on the axis of the batch, or leave it to the DataLoader.",
        "sequences/batch-first.md",
    ),
    "batch squeezed": Words(
        "squeeze() names no axis: of a batch of one sequence it takes that axis too, and of {} is "
        "left {}.",
        "Name the axis: squeeze(-1) for one score of each sequence, h_n[-1] for a state. Right "
        "where a later line gives the axis back.",
        "answers/silent-mistakes.md",
    ),
    "sequences flipped": Words(
        "flip turns the axis of sequences round, and not that of steps: it reads other sequences, "
        "in the order of the others.",
        "With batch_first=True steps are axis 1: x.flip(1), and the output flipped back so.",
        "sequences/batch-first.md",
    ),
    "pooled along the units": Words(
        "torch's pools and convolutions run along the last axis, and of its output, {}, that is "
        "units: neighbours among them mean nothing.",
        "Put the steps last, and back: pool(output.transpose(1, 2)).transpose(1, 2).",
        "sequences/batch-first.md",
    ),
    "rows sorted again": Words(
        "what is read of it is put in the order that its batch was packed in, and torch has put "
        "it back already: its rows are not those of what the model was given.",
        "Leave the index out: pack_padded_sequence(..., enforce_sorted=False) gives output and "
        "h_n in the order of the input.",
        "sequences/packed.md",
    ),
    "rolled over rows": Words(
        "roll without dims takes a tensor of {} for one row: what falls off the end of a sequence "
        "comes in at the start of the next.",
        "Give it the axis of steps, torch.roll(x, 1, dims=1); or put a first word before x[:, "
        ":-1].",
        "answers/silent-mistakes.md",
    ),
    "directions interleaved": Words(
        "a view takes {} for {}: the two directions lie one after the other among the units, and "
        "it joins neighbours of one direction.",
        "The direction comes before the unit: output.view(N, L, 2, H); sum(2) adds the two.",
        "configurations/bidirectional.md",
    ),
    "sequences left out": Words(
        "pack_padded_sequence has {} lengths for the {} sequences of {}: it takes as many as "
        "there are lengths, and leaves out the rest without an error, where enforce_sorted is "
        "False.",
        "A length for each sequence; and batch_first=True where the batch is (N, L, H): else the "
        "steps are taken for sequences.",
        "answers/silent-mistakes.md",
    ),
    "states joined along the batch": Words(
        "{} and {}, rows of one state, are joined along axis 0, which counts sequences: {} has "
        "several rows for each of them.",
        "torch.cat((h_n[-2], h_n[-1]), dim=-1) is one row for each sequence, of both directions.",
        "configurations/bidirectional.md",
    ),
    "length along steps": Words(
        "normalize or cosine_similarity takes lengths of vectors along axis {1} of {0}, which "
        "counts steps or sequences: what a step gives depends on the others.",
        "dim=-1: the axis is 1 unless it is told.",
        "sequences/batch-first.md",
    ),
    "order lost": Words(
        "its packed batch has the sizes of one that torch had sorted, and knows no order: what it "
        "returns stays sorted by length, and its rows are not those of the batch.",
        "packed._replace(data=...) keeps sorted_indices and unsorted_indices.",
        "sequences/packed.md",
    ),
    "rows repeated together": Words(
        "{0} rows that repeat({1}, 1) laid one after the other, all of them {1} times, are cut "
        "into {0} times {1}: each sequence gets rows of others.",
        "x.unsqueeze(1).expand(-1, L, -1), or repeat_interleave.",
        "answers/silent-mistakes.md",
    ),
    "places in the batch": Words(
        "an embedding reads the numbers 0, 1, 2, …, as many as the batch has sequences, {}, and "
        "not as it has steps, {}: a vector for each place in the batch.",
        "torch.arange(x.size(1)) with batch_first=True counts the steps. Right where each place "
        "is a thing of its own, such as a station.",
        "sequences/batch-first.md",
    ),
    "steps dropped": Words(
        "a dropout of whole channels takes axis 1 of {} for them: it sets all numbers of a step "
        "to 0 at once, and no feature throughout.",
        "Right where whole words are to be dropped. A feature at all steps: "
        "dropout(x.transpose(1, 2)).transpose(1, 2) with batch_first=True.",
        "configurations/dropout.md",
    ),
    "frequencies for steps": Words(
        "its input, {}, has the shape that stft gave, (N, frequencies, frames): it walks over the "
        "frequencies, and the frames in time are its features.",
        "spectrum.transpose(1, 2) with batch_first=True: then a step is a frame.",
        "sequences/batch-first.md",
    ),
    "accumulated over sequences": Words(
        "a sum or product that runs on along axis {1} of {0}: that counts sequences, and each "
        "gets a part of those before it in the batch.",
        "Along the steps: cumsum(1) or cumprod(1) of (N, L).",
        "sequences/batch-first.md",
    ),
    "steps by hand differ": Words(
        "steps that are computed by hand with its weights lead to another h than the layer's own "
        "would, each of them, by up to {}.",
        "In torch's GRU h = (1 - z) * n + z * h, and n = tanh(W x + b + r * (W h + b)); in an "
        "LSTM tanh(c) is what o lets through. Right for a step that is meant to be another, such "
        "as one with zoneout.",
        "anatomy/weights.md",
    ),
    "gates in another order": Words(
        "a step that is computed by hand with its weights takes their rows in another order than "
        "torch: they are i, f, g, o; g alone goes through tanh, and is multiplied by i.",
        "i, f, g, o = gates.chunk(4, -1); c = f * c + i * g with σ, σ, tanh and σ of them.",
        "anatomy/weights.md",
    ),
    "target among the input": Words(
        "what a prediction is held to stands in the layer's own input, {}, and the prediction "
        "depends on it: it is copied, and nothing is foretold.",
        "End the window before what is to be foretold: x[:, :-1] is read, x[:, 1:] the target, "
        "and no reverse direction reads it. An autoencoder, or an encoder of one, does read what "
        "is to be written again.",
        "answers/forecasting.md",
    ),
    "towers apart": Words(
        "what {} give is compared: two of one form, each with weights of its own. Of two inputs "
        "that are the same they give other numbers.",
        "A siamese network reads both by one layer: encode(one) and encode(other). Right where "
        "the two are different things, such as a question and an answer.",
        "answers/silent-mistakes.md",
    ),
    "gate unread": Words(
        "a tensor is parted in four at each step, as an LSTM's gates are, and the {} part is "
        "taken by no function, or what σ or tanh made of it: what made it is not trained.",
        "c = f * c + i * g and h = o * tanh(c) take each of i, f, g and o once.",
        "anatomy/lstm.md",
    ),
    "gates of another kind": Words(
        "of four parts of a tensor, which are multiplied at each step as an LSTM's gates are, {} "
        "go through tanh, and the others through σ.",
        "In an LSTM i, f and o go through σ, and g alone through tanh. Right for a cell that is "
        "meant to be another.",
        "anatomy/lstm.md",
    ),
    "gate of nothing": Words(
        "of four parts of a tensor, three go through σ, as an LSTM's gates do, and the {} part is "
        "multiplied by nothing: a gate lets through a share of what it multiplies.",
        "c = f * c + i * g, and h = o * tanh(c). Right for a cell that is meant to be another.",
        "anatomy/lstm.md",
    ),
    "candidate by no gate": Words(
        "of four parts of a tensor, three go through σ, as an LSTM's gates do, and none of them "
        "is multiplied by the one that goes through tanh.",
        "In an LSTM c = f * c + i * g: i lets through what g has. Right for a cell that is meant "
        "to be another.",
        "anatomy/lstm.md",
    ),
    "state not sorted": Words(
        "the batch is sorted by length, and the initial state is not put in that order: each "
        "sequence starts from the state of another.",
        "state[:, order] too, or let torch do both: pack_padded_sequence(..., "
        "enforce_sorted=False).",
        "sequences/packed.md",
    ),
    "numbers wrapped round": Words(
        "{} of {} numbers leave {}, and come in again at its other end: 3 - 4 is 255 in uint8.",
        "Change the type first: x.float(), then subtract.",
        "answers/text-and-data.md",
    ),
    "nothing left of parts": Words(
        "{} of {} numbers are parts of 1, which become 0 as whole numbers: nothing is left of "
        "what they say.",
        "Multiply by how many there are to be before the type is changed: (x * bins).long(); "
        "x.round() for the nearest.",
        "answers/text-and-data.md",
    ),
    "differences of sequences": Words(
        "its input, {}, is of differences along axis {}, which counts sequences: each is less "
        "the one before it in the batch, and not less its own last step.",
        "x.diff(dim=1) with batch_first=True, or x[:, 1:] - x[:, :-1].",
        "sequences/batch-first.md",
    ),
    "zeros counted out": Words(
        "the lengths count the steps that are not 0, and in {} of {} sequences zeros stand between "
        "those: as many steps at the end are cut off.",
        "A length is where a sequence ends: the place of its last step, or what the data set says.",
        "sequences/packed.md",
    ),
    "scaled by what is to come": Words(
        "its input and the target are parts of {} steps that are less their own mean: the {} that "
        "it reads are scaled by those that are to be foretold.",
        "Mean and deviation of what it reads alone, for both: x[:, :past].mean(1, keepdim=True).",
        "answers/forecasting.md",
    ),
    "steps for features": Words(
        "a view makes one sequence of {}: axis 0 counts its steps, and what axis 1 counts is "
        "features of each.",
        "Right for one course of several features. A batch of courses of one number each, "
        "(N, L, 1), needs no view with batch_first=True.",
        "sequences/batch-first.md",
    ),
    "step for a place": Words(
        "it reads places at first, and then the very step that is added to the last of them here, "
        "which is of another size: what it has learned of places says nothing of steps.",
        "Feed the sum on, or differences from the start: x[:, 1:] - x[:, :-1].",
        "answers/forecasting.md",
    ),
    "one sequence read": Words(
        "Of {0} sequences that it reads at each of {2} steps the model reads one, sequence {1}, "
        "at each: it takes sequences for steps.",
        "A loop over x walks along axis 0; over the steps of (N, L, H) it is x.unbind(1), and "
        "torch.stack(states, 1) lays them out so again.",
        "sequences/step-by-step.md",
    ),
}
"""By check: of scores, losses and masks, then of other numbers, of rows, steps and states."""
