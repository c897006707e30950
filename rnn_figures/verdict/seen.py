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
}
"""By check: the meaning, with the shapes that were seen, the remedy and the page."""
