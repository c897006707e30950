"""What was seen on a run, in words: of scores, losses and masks."""

from typing import NamedTuple


class Words(NamedTuple):
    """What is said of something that was seen.

    Attributes:
        meaning: With a place for each of the shapes that were seen.
        remedy: What to try.
        page: The page that explains it, below docs/.
    """

    meaning: str
    remedy: str
    page: str


SCORED = {
    "softmax twice": Words(
        "a softmax, or a cross-entropy, which has one in it, is given numbers that are a softmax "
        "already: no class can come near 1 any more, and the loss stays up.",
        "Leave out the first: cross_entropy and log_softmax take scores as a Linear gives them.",
        "answers/silent-mistakes.md",
    ),
    "sigmoid twice": Words(
        "binary_cross_entropy_with_logits, which has a sigmoid in it, is given what came of a "
        "sigmoid: between 0 and 1 it takes for scores, and the loss stays up.",
        "Give it the scores as a Linear gives them; take the sigmoid where probabilities are read.",
        "answers/silent-mistakes.md",
    ),
    "no log softmax": Words(
        "nll_loss and ctc_loss take logarithms of a softmax, and their exponentials do not sum to "
        "1 here: the loss can fall without an end.",
        "log_softmax(dim=-1) first, or cross_entropy of the scores.",
        "answers/silent-mistakes.md",
    ),
    "softmax of one": Words(
        "a softmax along an axis with one entry, of {}: each number is 1, whatever is learned, "
        "and no gradient comes back.",
        "One score for yes or no: a sigmoid. Weights of attention, (N, L, 1): softmax(dim=1), "
        "along the steps.",
        "answers/silent-mistakes.md",
    ),
    "same weights each time": Words(
        "a softmax is taken {} times of {}, and gives the same each time: in a loop, what it asks "
        "for does not change with the step.",
        "The query of attention is the state of this step, not that of the encoder. Where it is "
        "meant, take the softmax once, before the loop.",
        "answers/silent-mistakes.md",
    ),
    "scores dropped": Words(
        "a dropout stands between the scores and their loss, {}: in training classes are set to 0 "
        "at random, also the right one.",
        "Put the dropout before the last Linear.",
        "configurations/dropout.md",
    ),
    "each beside all": Words(
        "{} and {} are subtracted, which makes {}: each prediction is held to all targets.",
        "Give both the same axes: prediction.squeeze(-1), or target.unsqueeze(-1).",
        "answers/silent-mistakes.md",
    ),
    "padding index": Words(
        "the sequences end in the word {} as often as they like, and the embedding has "
        "padding_idx={}: the padding gets a vector that is trained, and another word has none.",
        "nn.Embedding(..., padding_idx=) is the index that the batch is padded with.",
        "sequences/packed.md",
    ),
    "target read": Words(
        "the score of a step depends on the very word that it is to give, {} steps on from the "
        "one that it reads: that is copied, and nothing is predicted.",
        "Read words[:, :-1], and score them by words[:, 1:]. Before the layer no convolution may "
        "see the next step: pad it on the left alone.",
        "answers/text-and-data.md",
    ),
    "not of numbers": Words(
        "~ of whole numbers 0 and 1 turns all their bits round: neither becomes 0, and as a mask "
        "both are True.",
        "mask.bool() first, or mask == 0.",
        "answers/silent-mistakes.md",
    ),
    "mask of the past": Words(
        "the mask of an attention hides the steps before each step, and shows it those to come.",
        "torch.ones(L, L).triu(1).bool() hides what is to come: in attn_mask True, or -inf, is "
        "what is hidden. Right for a model that writes from the end to the start.",
        "answers/text-and-data.md",
    ),
    "mask thrown away": Words(
        "masked_fill returns a new tensor, here {}, and nothing reads it: what it was called on "
        "is as it was.",
        "scores = scores.masked_fill(...), or masked_fill_ with its underscore.",
        "answers/silent-mistakes.md",
    ),
    "mask turned round": Words(
        "a mask hides the words, each of them, and shows the padding, which is the word {}: True "
        "is what is hidden.",
        "~mask; a key_padding_mask is ids == the padding.",
        "answers/silent-mistakes.md",
    ),
    "padding scored": Words(
        "the targets end in the word {}, each sequence as often as it likes, and cross_entropy "
        "leaves out {} alone: to say the padding is learned too, and counts as right.",
        "ignore_index= the word that pads.",
        "answers/silent-mistakes.md",
    ),
    "softmax of nothing": Words(
        "a softmax of {1} has nothing but −inf to share among in {0} of its rows: that is 0 / 0, "
        "and NaN goes on from there.",
        "A row that is masked throughout, such as an empty sequence, needs a way of its own: "
        "leave it out, or mask with -1e9 and set its result to 0.",
        "sequences/packed.md",
    ),
    "blank among targets": Words(
        "ctc_loss takes class {} for the blank, and it is among the targets, {} times: no path "
        "can say it.",
        "Count the classes of the targets from 1 with blank=0; or blank=, the last class.",
        "answers/silent-mistakes.md",
    ),
    "query that cancels": Words(
        "a softmax is taken {} times of {}, of other scores each time, and gives the same: they "
        "differ by one number for all of a row, which a softmax takes off, so that what asks has "
        "no say.",
        "A tanh between the sum and its scores, v(tanh(W_h h + W_s s)), or a product of h and "
        "s: then what each gets depends on both.",
        "answers/text-and-data.md",
    ),
    "log softmax along another axis": Words(
        "nll_loss is given what a log softmax of {} made along axis {}, and not along the "
        "classes: the shares of the classes of a row do not sum to 1.",
        "log_softmax(dim=-1) where the classes are last, or cross_entropy of the scores.",
        "answers/silent-mistakes.md",
    ),
    "cross-entropy of one": Words(
        "the scores, {}, are of one class: a softmax of one number is 1, whatever it is, so "
        "that the loss and its gradient are 0.",
        "For yes or no of one score: binary_cross_entropy_with_logits. For classes: as many "
        "scores as there are.",
        "answers/silent-mistakes.md",
    ),
    "zeros scored": Words(
        "of the {1} rows of scores that a loss takes {0} are 0 in each class, as a tensor of "
        "zeros is that nothing was written to: their part of the loss is log(classes), and no "
        "training lowers it.",
        "Leave them out, in scores and targets: outputs[1:] and targets[1:] where the first is "
        "a start.",
        "answers/silent-mistakes.md",
    ),
    "class left out": Words(
        "ignore_index is {}, a class with scores of its own, and it stands between other "
        "targets in {} sequences, where there is no padding: the loss never asks for it.",
        "Pad the targets with -100, which is what a loss leaves out unless it is told another. "
        "Right where the class means that nothing is known.",
        "answers/silent-mistakes.md",
    ),
    "text longer than its frames": Words(
        "{} of {} texts need more frames than they have, one of them {} for {}: ctc_loss takes "
        "one for each character, and one more between two that are alike. No path is left, and "
        "the loss is inf, or 0 with zero_infinity.",
        "Pool less along the width, or the time, before the layer; leave such pairs out.",
        "answers/speech-and-agents.md",
    ),
    "rate for its logarithm": Words(
        "poisson_nll_loss takes its input for the logarithm of the rate, and is given what "
        "cannot be below 0: it fits exp of it, and no rate below 1 can be said.",
        "log_input=False, or the scores of a Linear as they are.",
        "answers/silent-mistakes.md",
    ),
    "share for its logarithm": Words(
        "kl_div takes logarithms of shares first, and is given the shares: it is no divergence "
        "then, and falls below 0.",
        "log_softmax for the input; shares for the target.",
        "answers/silent-mistakes.md",
    ),
    "logarithm for a share": Words(
        "kl_div takes shares for its target, and is given their logarithms.",
        "log_target=True, or softmax for the target.",
        "answers/silent-mistakes.md",
    ),
    "one for all": Words(
        "one number, made of all that the model read, is compared with {} targets: each "
        "sequence gets the same prediction.",
        "norm, mean and sum take an axis: dim=-1 leaves a number for each sequence.",
        "answers/silent-mistakes.md",
    ),
    "likelihood returned": Words(
        "the one number that the model returns grows with the likelihood that log_prob gives: "
        "who makes it less makes what was seen less likely.",
        "A loss is its negative: -dist.log_prob(x).mean(). Right where the training takes the "
        "negative.",
        "answers/forecasting.md",
    ),
    "advantage with a gradient": Words(
        "the logarithm of a likelihood is multiplied by a difference, of what is given and what is "
        "learned, that has a gradient: what is to weigh the choices is moved by their loss too.",
        "(returns - value).detach() in the loss of the policy; the value has a loss of its own.",
        "answers/speech-and-agents.md",
    ),
    "variance for its root": Words(
        "noise is scaled by exp(v), and a sum has v - exp(v), as the divergence of a normal "
        "distribution has whose variance is exp(v): its root is exp(v / 2).",
        "mu + torch.exp(0.5 * logvar) * torch.randn_like(mu).",
        "answers/silent-mistakes.md",
    ),
    "targets in another order": Words(
        "targets and scores are rows of sequences and steps in another order, one of them with "
        "the steps first: each score is held to a word of another sequence.",
        "Flatten both alike: targets.T.reshape(-1) where the scores have the steps first.",
        "sequences/batch-first.md",
    ),
    "hidden by too little": Words(
        "masked_fill hides scores by {}, and the softmax after it gives them a share all the same.",
        "-torch.inf, or -1e9: what is to be hidden has to be far below the other scores, and 0 "
        "is among them.",
        "answers/silent-mistakes.md",
    ),
    "masked after its softmax": Words(
        "a mask takes from the shares of a softmax, and what is left is not shared out anew: it "
        "sums to {} where it is least.",
        "Hide the scores before the softmax, scores.masked_fill(~mask, -torch.inf), or divide "
        "by what is left. Right for a gate whose best entries alone are let through.",
        "sequences/packed.md",
    ),
    "mask a step too long": Words(
        "places that are counted from 0 are compared with lengths up to the length itself: of "
        "each shorter sequence a step of padding counts as one of its own.",
        "torch.arange(L) < lengths[:, None] is True at the steps, and >= at the padding.",
        "sequences/packed.md",
    ),
}
"""By check."""
