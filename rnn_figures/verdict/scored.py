"""What was seen on a run, in words: of scores, losses, masks and other numbers."""

OF_NUMBERS = {
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
    "bounds exchanged": (
        (
            "clamp has {} as its least and {} as its most: each number becomes the second, "
            "whatever it was, and no gradient comes back."
        ),
        "The smaller bound comes first: clamp(min, max).",
        "answers/silent-mistakes.md",
    ),
    "argmax of one": (
        "an argmax along axis {1} of {0}, which has one entry: it is 0 each time.",
        "argmax(-1), along the classes.",
        "answers/silent-mistakes.md",
    ),
    "sine of whole turns": (
        "a sine of numbers that are all whole turns, 2 pi times a whole number: it is 0 each time.",
        "An hour of a day is a part of a turn: sin(2 * pi * hour / 24).",
        "answers/text-and-data.md",
    ),
    "numbers rounded": (
        (
            "whole numbers become {}, in which neighbours of the largest are {} apart: numbers "
            "nearer than that become one, or differ by it."
        ),
        "Subtract the first time, in int64 or float64, before the type is changed.",
        "answers/text-and-data.md",
    ),
    "nothing left of a division": (
        "a whole-number division by {} leaves 0 of nearly all numbers, which were many.",
        "x / 255 keeps them; x // 255 does not.",
        "answers/text-and-data.md",
    ),
    "written over": (
        (
            "scatter writes several numbers to one place, {} times: one of them stays, and torch "
            "does not say which."
        ),
        "scatter_add, where shares of the same word are to be summed.",
        "answers/silent-mistakes.md",
    ),
    "not of numbers": (
        (
            "~ of whole numbers 0 and 1 turns all their bits round: neither becomes 0, and as a "
            "mask both are True."
        ),
        "mask.bool() first, or mask == 0.",
        "answers/silent-mistakes.md",
    ),
    "mask of the past": (
        ("the mask of an attention hides the steps before each step, and shows it those to come."),
        (
            "torch.ones(L, L).triu(1).bool() hides what is to come: in attn_mask True, or -inf, is "
            "what is hidden. Right for a model that writes from the end to the start."
        ),
        "answers/text-and-data.md",
    ),
    "mask thrown away": (
        (
            "masked_fill returns a new tensor, here {}, and nothing reads it: what it was called "
            "on is as it was."
        ),
        "scores = scores.masked_fill(...), or masked_fill_ with its underscore.",
        "answers/silent-mistakes.md",
    ),
    "mask turned round": (
        (
            "a mask hides the words, each of them, and shows the padding, which is the word {}: "
            "True is what is hidden."
        ),
        "~mask; a key_padding_mask is ids == the padding.",
        "answers/silent-mistakes.md",
    ),
    "padding scored": (
        (
            "the targets end in the word {}, each sequence as often as it likes, and cross_entropy "
            "leaves out {} alone: to say the padding is learned too, and counts as right."
        ),
        "ignore_index= the word that pads.",
        "answers/silent-mistakes.md",
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
        (
            "{} numbers become NaN here, of numbers that were none: 0 / 0, 0 · inf, inf − inf, or "
            "the logarithm or root of a number below 0."
        ),
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
    "blank among targets": (
        (
            "ctc_loss takes class {} for the blank, and it is among the targets, {} times: no path "
            "can say it."
        ),
        "Count the classes of the targets from 1 with blank=0; or blank=, the last class.",
        "answers/silent-mistakes.md",
    ),
}
"""By check: the meaning, with the shapes that were seen, the remedy and the page."""
