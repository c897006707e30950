"""What came of one run of a model."""

from dataclasses import dataclass, field

from torch import Tensor

from rnn_figures.models.snapshots import Call
from rnn_figures.models.watching import Seen


@dataclass
class Run:
    """What came of one run of a model.

    Attributes:
        names: The recurrent layers and cells that the model has or calls.
        outside: Those that it calls and that are none of its submodules.
        calls: The traced calls, in order.
        refused: By name, the error of the first call of a layer that could not be traced.
        untraceable: By name, what looks recurrent and is none of torch's layers, and why.
        notes: What else is to be known, in sentences.
        unread: Why what the model reads of its layers was not measured; "" if it was.
        frozen: Layers none of whose weights is trained, while other weights of the model are.
        dropout: By name, the dropout of layers that have one.
        dropped: Layers between whose own layers it acts, left out for this run.
        aliases: By name, the other names that the model has the same layer under.
        shared: By name, the other names that another module with weights has beside it.
        equal: By name, other trained layers that have the same numbers for weights.
        changed: Layers of whose trained weights the run changed some.
        vocabularies: How many vectors each embedding of the model has.
        untrained: Whether none of the model's weights is trained, though it is in training mode.
        seen: What is odd in what the model does to tensors around its layers.
        scores: What it gave to a cross-entropy of its own, copies, classes last.
        unwatched: What of that was not watched, and why.
        results: The first dense tensors of what the model returned, copies.
        unused: By name, the shape of each tensor that the model was given and nothing took.
        lost: Modules whose weights took part, and from which no way leads to what was returned.
        unlearned: What the model keeps, and uses as weights, that is no parameter and no buffer.
        by_hand: Layers whose weights a function of torch's took outside of any call of theirs.
        mixed: Samples, and their sequences, if a result of one reads others'; None if not.
        zeros: Trained weights, but for biases, that are 0 in each number.
        held: Of these, where there are several, those on which no gradient comes back.
        copied: Pairs of an embedding and another module whose weights are the same numbers.
        kept: By layer, under which name the model keeps the state that it starts from, and has one
            now that hangs on the graph of this run.
        random: Whether the run drew random numbers of torch's though no module is in training.
        error: What the model's forward raised; None as a rule.
        failed: What the layer whose call raised was given, in words; "" if none raised.
    """

    names: list[str]
    outside: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    refused: dict[str, Exception] = field(default_factory=dict)
    untraceable: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    unread: str = ""
    frozen: list[str] = field(default_factory=list)
    dropout: dict[str, float] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)
    aliases: dict[str, list[str]] = field(default_factory=dict)
    shared: dict[str, list[str]] = field(default_factory=dict)
    equal: dict[str, list[str]] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    vocabularies: frozenset[int] = frozenset()
    untrained: bool = False
    seen: list[Seen] = field(default_factory=list)
    scores: list[Tensor] = field(default_factory=list)
    unwatched: list[str] = field(default_factory=list)
    results: list[Tensor] = field(default_factory=list)
    unused: dict[str, tuple[int, ...]] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    unlearned: list[str] = field(default_factory=list)
    by_hand: list[str] = field(default_factory=list)
    mixed: tuple[int, int] | None = None
    zeros: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    copied: list[tuple[str, str]] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)
    random: bool = False
    error: Exception | None = None
    failed: str = ""

    @property
    def silent(self) -> list[str]:
        """Names of the layers that the run did not call."""
        heard = {call.name for call in self.calls} | self.refused.keys()
        return [name for name in self.names if name not in heard]
