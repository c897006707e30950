"""What a verdict says: findings, checks run, checks skipped with the reason, and facts."""

import json
import math
import operator
import textwrap
from typing import Any, NamedTuple

from torch import Tensor

from rnn_figures.figures import Table
from rnn_figures.numbers import counted
from rnn_figures.palette import NAMES
from rnn_figures.weights import DIRECTIONS

CHECKS = {
    "finite input": "the input has neither NaN nor infinity",
    "finite state": "the initial state has neither",
    "finite weights": "the weights have neither",
    "finite gates": "every gate and state is finite",
    "finite result": "what the model returns has no NaN",
    "gate slope": "the sigmoids of the gates are not flat",
    "candidate slope": "the tanh of the candidate is not flat",
    "input gate": "the input gates open at some step",
    "forget gate": "the forget gates keep at some step",
    "output gate": "the output gates open at some step",
    "reach": "a step reads the one before it",
    "growth": "a gradient does not grow on its way back",
    "dead units": "the units move",
    "exchanged state": "no call starts with h and c exchanged",
    "unread layer": "the top layer is read, in each direction",
    "unread sequences": "each sequence of a batch is read",
}
"""The checks, in their order, with what each makes sure of."""

MOST_UNITS = 10
"""Units that a finding names; it counts them all."""


class Reach(NamedTuple):
    """How much an output depends on the input k steps before.

    Attributes:
        norms: r_k, the norm of ∂(v·h_T)/∂x_{T−k} for a random v, (lags, windows).
    """

    norms: Tensor

    @property
    def drop(self) -> float:
        """r₁/r₀, the median over the windows; 1.0 of a single step, which has no r₁."""
        return float((self.norms[1] / self.norms[0]).median()) if len(self.norms) > 1 else 1.0

    @property
    def growth(self) -> float:
        """The largest r_k/r₀, the median over the windows."""
        return float((self.norms / self.norms[0]).amax(0).median())

    @property
    def lag(self) -> int:
        """How many steps back hold 90 % of the sum of r_k, the median over the windows."""
        sums = self.norms.cumsum(0) / self.norms.sum(0)
        return int((sums < 0.9).sum(0).median())


class Finding(NamedTuple):
    """One thing found, with its evidence.

    Attributes:
        severity: "alarm" for a fault, "note" for what is worth knowing.
        check: Which check found it, a key of CHECKS; of a note, its subject.
        module: The layer's name in the model; "" for the model itself.
        layer: Layer of that module, from 0; None if it is about all.
        direction: 0 forward, 1 reverse; None if it is about both.
        gate: Letter of the quantity; "" if it is about none.
        units: The first ten units.
        num_units: How many there are.
        call: Which call of the module.
        sequence: Which sequence of the batch; None if it is about all.
        step: The first step where it is so, in the input's order; None if it is about no step.
        number: What was measured.
        threshold: From where on it is an alarm; None for a note.
        meaning: What it means, in a sentence.
        remedy: What to try.
        page: The page that explains it, below docs/.
    """

    severity: str
    check: str
    module: str
    meaning: str
    remedy: str
    page: str
    layer: int | None = None
    direction: int | None = None
    gate: str = ""
    units: tuple[int, ...] = ()
    num_units: int = 0
    call: int = 0
    sequence: int | None = None
    step: int | None = None
    number: float = 0.0
    threshold: float | None = None

    @property
    def where(self) -> str:
        """Module, layer, direction, gate, units, sequence and step, in words."""
        parts = [self.module or "the model itself"]
        if self.layer is not None:
            parts.append(f"layer {self.layer}")
        if self.direction is not None:
            parts.append(DIRECTIONS[self.direction])
        if self.gate:
            parts.append(f"{NAMES[self.gate]} {self.gate}")
        if self.units:
            more = f" … ({self.num_units})" if self.num_units > len(self.units) else ""
            plural = "s" if self.num_units > 1 else ""
            parts.append(f"unit{plural} {', '.join(map(str, self.units))}{more}")
        if self.call:
            parts.append(f"call {self.call}")
        if self.sequence is not None:
            parts.append(f"sequence {self.sequence}")
        if self.step is not None:
            parts.append(f"step {self.step}")
        return ", ".join(parts)

    def __str__(self) -> str:
        """Return the finding as one paragraph."""
        return f"{self.severity}: {self.check}: {self.where}: {self.meaning} {self.remedy}"


def note(
    module: str, subject: str, meaning: str, remedy: str, page: str, **evidence: Any
) -> Finding:
    """Return a note; what was measured as Finding has it."""
    return Finding("note", subject, module, meaning, remedy, page, **evidence)


def alarm(
    module: str, check: str, meaning: str, remedy: str, page: str, **evidence: Any
) -> Finding:
    """Return an alarm, beyond 0 unless there is another threshold."""
    own = {"threshold": 0.0, **evidence}
    return Finding("alarm", check, module, meaning, remedy, page, **own)


class Skipped(NamedTuple):
    """A check that was not run somewhere.

    Attributes:
        check: A key of CHECKS; "all", or "all others" than those that found something; or in words
            what was left out beside them.
        where: Module, layer and direction in words.
        reason: Why not.
    """

    check: str
    where: str
    reason: str


class Verdict(NamedTuple):
    """What one run says of a network.

    Attributes:
        findings: Alarms first, then notes.
        checks: Names of the checks that were run at least once, keys of CHECKS.
        skipped: Checks that were not run somewhere, with the reason.
        steps: Valid steps of all calls and sequences, padding out.
        size: The same in words: "8×160 steps", sequences times steps.
        facts: Measures of each layer beside the ranges of fresh and of trained ones; no alarm
            rests on them.
        reaches: How far back each layer reads, by its place in words.
    """

    findings: tuple[Finding, ...]
    checks: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    steps: int
    size: str
    facts: Table
    reaches: dict[str, Reach]

    @property
    def alarms(self) -> tuple[Finding, ...]:
        """The findings that are faults."""
        return tuple(finding for finding in self.findings if finding.severity == "alarm")

    @property
    def headline(self) -> str:
        """The verdict in one sentence."""
        checked = f"{len(self.checks)} checks on {self.size}"
        if not self.checks:
            return "Nothing could be checked."
        alarms, notes = len(self.alarms), len(self.findings) - len(self.alarms)
        if alarms:
            return f"{checked}, {counted(alarms, 'alarm')}."
        but = f" but {counted(notes, 'note')}" if notes else ""
        return f"{checked}, nothing found{but}."

    @property
    def unsaid(self) -> str:
        """Which layers and checks were left out, and why, in one sentence; "" if none was."""
        missing: dict[str, list[str]] = {}
        for skipped in self.skipped:
            name = skipped.check
            if name == "all":
                name = skipped.where
            elif name == "all others" or name in self.checks:
                continue
            names = missing.setdefault(skipped.reason.removeprefix(f"{skipped.where}: "), [])
            if name not in names:
                names.append(name)
        parts = [f"{', '.join(names)}: {reason}" for reason, names in missing.items()]
        return f"Not checked: {'; '.join(parts)}." if parts else ""

    def to_table(self) -> Table:
        """Return the findings as a table, a row each."""
        columns = ("severity", "check", "where", "number", "threshold", "meaning", "remedy", "page")
        return Table(
            tuple("try" if column == "remedy" else column for column in columns),
            list(map(operator.attrgetter(*columns), self.findings)),
            alt=" ".join([self.headline, *map(str, self.findings)]),
        )

    def to_json(self) -> str:
        """Return the verdict as JSON: headline, findings with their evidence, what was checked."""
        record = {
            "headline": self.headline,
            "steps": self.steps,
            "checks": self.checks,
            "skipped": [skipped._asdict() for skipped in self.skipped],
            "findings": [finding._asdict() | {"where": finding.where} for finding in self.findings],
        }
        return json.dumps(_finite(record), ensure_ascii=False, indent=1)

    def __repr__(self) -> str:
        """Return headline, findings and what was not checked, a paragraph each."""
        paragraphs = filter(None, [self.headline, *map(str, self.findings), self.unsaid])
        return "\n".join(textwrap.fill(each, 80, subsequent_indent="  ") for each in paragraphs)

    def _repr_markdown_(self) -> str:
        parts = [f"**{self.headline}**", self.unsaid]
        if self.findings:
            parts.insert(1, self.to_table().to_markdown())
        return "\n\n".join(filter(None, parts))


def _finite(value: Any) -> Any:
    """Return a record whose numbers JSON has: None where one is not finite."""
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def percent(share: float) -> str:
    """Return a share as a whole percentage.

    Examples:
        >>> percent(0.254)
        '25 %'
    """
    return f"{100 * share:.0f} %"
