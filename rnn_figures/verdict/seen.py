"""What was seen on a run, in words."""

SEEN = {
    "view for a transpose": (
        (
            "a view or reshape takes {} for {}. It keeps the numbers in their order and exchanges "
            "no axes: a row of the result has numbers of several rows."
        ),
        (
            "transpose or permute first, then reshape. It is right where neighbours are to be "
            "joined, or a row to be parted."
        ),
        "sequences/batch-first.md",
    ),
    "rows left sorted": (
        (
            "the batch is sorted by length, and what the model returns is left in that order: its "
            "rows are not those of what the model was given, or of the labels."
        ),
        (
            "Index the result with order.argsort(), or let torch do both: "
            "pack_padded_sequence(..., enforce_sorted=False)."
        ),
        "sequences/packed.md",
    ),
    "pieces from zeros": (
        (
            "outputs of several of its calls are joined along the steps, and each call starts from "
            "zeros: the first steps of a piece know nothing of the one before."
        ),
        "Hand the state on: output, state = rnn(piece, state).",
        "sequences/step-by-step.md",
    ),
    "reverse not flipped back": (
        (
            "its output is joined to that of a layer which reads the same steps the other way, as "
            "it is: step t has read up to t, and the other from the end up to L − 1 − t."
        ),
        "Flip the output of the layer that reads the last step first, then join.",
        "configurations/bidirectional.md",
    ),
    "padding unpacked": (
        (
            "what the model returns depends on what stands behind a sequence's last step, in an "
            "output that was unpacked: zeros, to which no step leads."
        ),
        (
            "Weights of attention: scores.masked_fill(~mask, -torch.inf) before the softmax, with "
            "a mask that is True at steps. A maximum: the same, of the output. The last state: "
            "h_n, or the output at lengths - 1. A mean: the sum over lengths. A loss: without the "
            "steps of padding."
        ),
        "sequences/packed.md",
    ),
    "norm over steps": (
        (
            "a batch norm of torch's takes axis 1 for channels, and {} has steps, or sequences, "
            "there: each of them is scaled by itself, over all features."
        ),
        (
            "norm(x.transpose(1, 2)).transpose(1, 2) with batch_first=True, or nn.LayerNorm, which "
            "takes the last axis."
        ),
        "sequences/batch-first.md",
    ),
    "inputs joined along the steps": (
        (
            "its input is tensors of {} and {} joined along the steps: it reads all of the first, "
            "and then the second."
        ),
        "Right for pieces of one sequence. What belongs to the same steps is joined by dim=-1.",
        "sequences/batch-first.md",
    ),
    "steps shuffled": (
        (
            "the steps are put in an order that torch.randperm draws: what it reads has no order "
            "to learn from."
        ),
        "Draw the order of sequences, on the axis of the batch, or leave it to the DataLoader.",
        "sequences/batch-first.md",
    ),
    "softmax twice": (
        (
            "a softmax, or a cross-entropy, which has one in it, is given numbers that are a "
            "softmax already: no class can come near 1 any more, and the loss stays up."
        ),
        "Leave out the first: cross_entropy and log_softmax take scores as a Linear gives them.",
        "answers/silent-mistakes.md",
    ),
    "sigmoid twice": (
        (
            "binary_cross_entropy_with_logits, which has a sigmoid in it, is given what came of a "
            "sigmoid: between 0 and 1 it takes for scores, and the loss stays up."
        ),
        "Give it the scores as a Linear gives them; take the sigmoid where probabilities are read.",
        "answers/silent-mistakes.md",
    ),
    "no log softmax": (
        (
            "nll_loss and ctc_loss take logarithms of a softmax, and their exponentials do not sum "
            "to 1 here: the loss can fall without an end."
        ),
        "log_softmax(dim=-1) first, or cross_entropy of the scores.",
        "answers/silent-mistakes.md",
    ),
    "softmax of one": (
        (
            "a softmax along an axis with one entry, of {}: each number is 1, whatever is learned, "
            "and no gradient comes back."
        ),
        (
            "One score for yes or no: a sigmoid. Weights of attention, (N, L, 1): softmax(dim=1), "
            "along the steps."
        ),
        "answers/silent-mistakes.md",
    ),
    "same weights each time": (
        (
            "a softmax is taken {} times of {}, and gives the same each time: in a loop, what it "
            "asks for does not change with the step."
        ),
        (
            "The query of attention is the state of this step, not that of the encoder. Where it "
            "is meant, take the softmax once, before the loop."
        ),
        "answers/silent-mistakes.md",
    ),
    "scores dropped": (
        (
            "a dropout stands between the scores and their loss, {}: in training classes are set "
            "to 0 at random, also the right one."
        ),
        "Put the dropout before the last Linear.",
        "configurations/dropout.md",
    ),
    "each beside all": (
        "{} and {} are subtracted, which makes {}: each prediction is held to all targets.",
        "Give both the same axes: prediction.squeeze(-1), or target.unsqueeze(-1).",
        "answers/silent-mistakes.md",
    ),
    "padding index": (
        (
            "the sequences end in the word {} as often as they like, and the embedding has "
            "padding_idx={}: the padding gets a vector that is trained, and another word has none."
        ),
        "nn.Embedding(..., padding_idx=) is the index that the batch is padded with.",
        "sequences/packed.md",
    ),
    "target read": (
        (
            "the score of a step depends on the very word that it is to give, {} steps on from the "
            "one that it reads: that is copied, and nothing is predicted."
        ),
        (
            "Read words[:, :-1], and score them by words[:, 1:]. Before the layer no convolution "
            "may see the next step: pad it on the left alone."
        ),
        "answers/text-and-data.md",
    ),
    "sequences flipped": (
        (
            "flip turns the axis of sequences round, and not that of steps: it reads other "
            "sequences, in the order of the others."
        ),
        "With batch_first=True steps are axis 1: x.flip(1), and the output flipped back so.",
        "sequences/batch-first.md",
    ),
    "pooled along the units": (
        (
            "torch's pools and convolutions run along the last axis, and of its output, {}, that "
            "is units: neighbours among them mean nothing."
        ),
        "Put the steps last, and back: pool(output.transpose(1, 2)).transpose(1, 2).",
        "sequences/batch-first.md",
    ),
    "rows sorted again": (
        (
            "what is read of it is put in the order that its batch was packed in, and torch has "
            "put it back already: its rows are not those of what the model was given."
        ),
        (
            "Leave the index out: pack_padded_sequence(..., enforce_sorted=False) gives output and "
            "h_n in the order of the input."
        ),
        "sequences/packed.md",
    ),
    "rolled over rows": (
        (
            "roll without dims takes a tensor of {} for one row: what falls off the end of a "
            "sequence comes in at the start of the next."
        ),
        (
            "Give it the axis of steps, torch.roll(x, 1, dims=1); or put a first word before "
            "x[:, :-1]."
        ),
        "answers/silent-mistakes.md",
    ),
    "bounds exchanged": (
        (
            "clamp has {} as its least and {} as its most: each number becomes the second, "
            "whatever it was, and no gradient comes back."
        ),
        "The smaller bound comes first: clamp(min, max).",
        "answers/silent-mistakes.md",
    ),
    "directions interleaved": (
        (
            "a view takes {} for {}: the two directions lie one after the other among the units, "
            "and it joins neighbours of one direction."
        ),
        "The direction comes before the unit: output.view(N, L, 2, H); sum(2) adds the two.",
        "configurations/bidirectional.md",
    ),
    "sequences left out": (
        (
            "pack_padded_sequence has {} lengths for the {} sequences of {}: it takes as many as "
            "there are lengths, and leaves out the rest without an error, where enforce_sorted is "
            "False."
        ),
        (
            "A length for each sequence; and batch_first=True where the batch is (N, L, H): else "
            "the steps are taken for sequences."
        ),
        "answers/silent-mistakes.md",
    ),
    "states joined along the batch": (
        (
            "{} and {}, rows of one state, are joined along axis 0, which counts sequences: {} has "
            "several rows for each of them."
        ),
        "torch.cat((h_n[-2], h_n[-1]), dim=-1) is one row for each sequence, of both directions.",
        "configurations/bidirectional.md",
    ),
    "unit length along steps": (
        (
            "normalize makes vectors of length 1 along axis {1} of {0}, which counts steps or "
            "sequences: what a step gives depends on the others."
        ),
        "normalize(x, dim=-1): the axis is 1 unless it is told.",
        "sequences/batch-first.md",
    ),
    "padding scored": (
        (
            "the targets end in the word {}, each sequence as often as it likes, and cross_entropy "
            "leaves out {} alone: to say the padding is learned too, and counts as right."
        ),
        "ignore_index= the word that pads.",
        "answers/silent-mistakes.md",
    ),
    "steps dropped": (
        (
            "a dropout of whole channels takes axis 1 of {} for them: it sets all numbers of a "
            "step to 0 at once, or of a sequence, and no feature throughout."
        ),
        (
            "Right where whole words are to be dropped. A feature at all steps: "
            "dropout(x.transpose(1, 2)).transpose(1, 2) with batch_first=True."
        ),
        "configurations/dropout.md",
    ),
    "frequencies for steps": (
        (
            "its input, {}, has the shape that stft gave, (N, frequencies, frames): it walks over "
            "the frequencies, and the frames in time are its features."
        ),
        "spectrum.transpose(1, 2) with batch_first=True: then a step is a frame.",
        "sequences/batch-first.md",
    ),
    "norm of one": (
        (
            "a layer norm of one number, of {}: it is its own mean, so that what comes out is the "
            "bias, whatever came in."
        ),
        "No norm behind a single score; before it, over the features.",
        "answers/silent-mistakes.md",
    ),
    "NaN made": (
        "{} numbers become NaN here, of numbers that were none: 0 / 0, 0 · inf or inf − inf.",
        (
            "Look for a count that can be 0, such as the steps of an empty sequence: "
            "count.clamp(min=1)."
        ),
        "answers/silent-mistakes.md",
    ),
    "softmax of nothing": (
        (
            "a softmax of {1} has nothing but −inf to share among in {0} of its rows: that is "
            "0 / 0, and NaN goes on from there."
        ),
        (
            "A row that is masked throughout, such as an empty sequence, needs a way of its own: "
            "leave it out, or mask with -1e9 and set its result to 0."
        ),
        "sequences/packed.md",
    ),
    "accumulated over sequences": (
        (
            "a sum or product that runs on along axis {1} of {0}: that counts sequences, and each "
            "gets a part of those before it in the batch."
        ),
        "Along the steps: cumsum(1) or cumprod(1) of (N, L).",
        "sequences/batch-first.md",
    ),
    "blank among targets": (
        (
            "ctc_loss takes class {} for the blank, and it is among the targets, {} times: no path "
            "can say it."
        ),
        "Count the classes of the targets from 1 with blank=0; or blank=, the last class.",
        "answers/silent-mistakes.md",
    ),
    "gates in another order": (
        (
            "a step that is computed by hand with its weights takes their rows in another order "
            "than torch: they are i, f, g, o; g alone goes through tanh, and is multiplied by i."
        ),
        "i, f, g, o = gates.chunk(4, -1); c = f * c + i * g with σ, σ, tanh and σ of them.",
        "anatomy/weights.md",
    ),
    "state not sorted": (
        (
            "the batch is sorted by length, and the initial state is not put in that order: each "
            "sequence starts from the state of another."
        ),
        (
            "state[:, order] too, or let torch do both: pack_padded_sequence(..., "
            "enforce_sorted=False)."
        ),
        "sequences/packed.md",
    ),
}
"""By check: the meaning, with the shapes that were seen, the remedy and the page."""
