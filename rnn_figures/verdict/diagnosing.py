"""Say what is wrong with a network, or that nothing is, from one run: diagnose."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from rnn_figures.arguments import checked
from rnn_figures.models import Run, called, run_model
from rnn_figures.verdict.around import around, of_modules
from rnn_figures.verdict.checks import check_part
from rnn_figures.verdict.facts import facts
from rnn_figures.verdict.finite import bad_result, not_finite
from rnn_figures.verdict.handed_on import handed_on
from rnn_figures.verdict.parts import Part, parts
from rnn_figures.verdict.reach import reach
from rnn_figures.verdict.readers import CHECKED as READ, readers
from rnn_figures.verdict.records import CHECKS, Finding, Skipped, Verdict
from rnn_figures.verdict.remarks import not_registered, remarks, untrained
from rnn_figures.verdict.states import drawn_at_random

NOT_CALLED = "the run did not call it, or in a thread of its own, or by torch's bare functions"

DROPOUT = "dropout between layers"

AROUND = "what is done around the layers"

LEFT_OUT = "left out of this run, since no second run draws the same masks"

RESULT = "finite result"

FINITE = ("finite input", "finite state", "finite weights", "finite gates")
"""The checks that need no evidence: one NaN is one too many."""


@checked
def diagnose(model: nn.Module, *args: Any, **kwargs: Any) -> Verdict:
    """Run a model once and say what is wrong with its recurrent layers, or that nothing is.

    An alarm rests on what told sick networks from healthy ones where both were measured: NaN or
    infinity, flat gates, gates stuck at zero in half the units, a reach that ends at once, growth,
    units that do not move; and on what is so for certain: a top layer, or all sequences but one,
    that the result does not depend on, h and c exchanged. What a healthy network may have too is a
    note. Below 100 valid steps little can be said of units, and it says so. The model runs with
    gradients, by which it is measured what is read of each layer, and without where it cannot.
    Dropout between a layer's own layers is left out. The model is left as `trace_all` leaves it.

    Args:
        model: Any module that has a recurrent layer or cell in it, or is one.
        *args: What the model takes.
        **kwargs: What the model takes by name.

    Returns:
        The Verdict; its `findings` are records, its `headline` is one sentence.

    Raises:
        ValueError: there is no recurrent layer in the model.
        Exception: whatever the model itself raises.

    Source:
        Thresholds were measured on trained, fresh and broken networks; `verdict.checks` has them.

    Examples:
        >>> x = torch.randn(100, 2, 5, generator=torch.Generator().manual_seed(0))
        >>> diagnose(nn.LSTM(5, 3), x * torch.nan).findings[0].where
        'the model itself, layer 0, forward, input gate i, units 0, 1, 2, sequence 0, step 0'
    """
    run = run_model(model, args, kwargs, readers=True)
    if run.error is not None:
        raise run.error
    return judge(run)


def judge(run: Run) -> Verdict:
    """Return the verdict on a run."""
    with torch.inference_mode(False), torch.no_grad():
        return _judged(run)


@dataclass
class _Draft:
    """A verdict while it is made.

    Attributes:
        findings: In the order in which they were made.
        skipped: Checks that were not run somewhere.
        done: Names of those that were run at least once.
        measured: The parts whose numbers are all finite.
    """

    findings: list[Finding] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    done: set[str] = field(default_factory=set)
    measured: list[Part] = field(default_factory=list)

    def take(self, checks: Sequence[str], where: str, result: list[Finding] | str) -> None:
        """Take what some checks gave: findings, or why they were not run."""
        if isinstance(result, str):
            self.skipped += [Skipped(check, where, result) for check in checks]
        else:
            self.done.update(checks)
            self.findings += result


def _judged(run: Run) -> Verdict:
    draft = _Draft()
    found = parts(run.calls)
    for name in dict.fromkeys(part.name for part in found):
        _judge_module(draft, [part for part in found if part.name == name], run)
    if found and run.results and not any(finding.check in FINITE for finding in draft.findings):
        bad = bad_result(run)
        draft.take([RESULT], "the model itself", [] if bad is None else [bad])
    draft.findings += of_modules(run)
    if run.untrained and found:
        draft.findings.append(untrained(found[0]))
    if run.random and found:
        draft.findings.append(drawn_at_random(found))
    draft.skipped += _not_run(run)
    return Verdict(
        # alarms first, and of those what is not finite
        findings=tuple(
            sorted(
                draft.findings,
                key=lambda f: (f.severity != "alarm", not f.check.startswith("finite")),
            )
        ),
        checks=tuple(check for check in CHECKS if check in draft.done),
        skipped=tuple(draft.skipped),
        steps=_steps(run),
        size=_size(run),
        facts=facts(draft.measured),
        reaches={part.where: found for part in draft.measured if (found := reach(part))},
    )


def _judge_module(draft: _Draft, own: list[Part], run: Run) -> None:
    """Run all checks of one module, given its parts."""
    name = own[0].name
    bad = not_finite(own)
    draft.take(FINITE, called(name), [] if bad is None else [bad])
    if bad is not None:
        draft.take(["all others"], called(name), "its numbers are not finite")
        return
    draft.measured += own
    for part in own:
        for check, result in check_part(part):
            draft.take([check], part.where, result)
    draft.findings += [*remarks(own, run), *around(own, run)]
    exchanged = list(handed_on(own[0], run.calls))
    draft.take(["exchanged state"] if len(own[0].calls) > 1 else [], called(name), exchanged)
    draft.take(READ, called(name), readers(own, run))
    if name in run.dropped:
        draft.take([DROPOUT], called(name), LEFT_OUT)
    if name in run.outside:
        draft.findings.append(not_registered(own[0]))


def _not_run(run: Run) -> Iterator[Skipped]:
    """Yield what no check was run on, and why."""
    for name, error in run.refused.items():
        yield Skipped("all", called(name), str(error))
    for name, reason in run.untraceable.items():
        yield Skipped("all", called(name), f"it {reason}")
    for reason in run.unwatched:
        yield Skipped(AROUND, "the model itself", reason)
    for name in run.silent:
        yield Skipped("all", called(name), NOT_CALLED)


def _steps(run: Run) -> int:
    return sum(int(call.trace.lengths.sum()) for call in run.calls)


def _size(run: Run) -> str:
    """Return how much was run, in words."""
    shapes = {(len(c.trace.lengths), int(c.trace.lengths.max())) for c in run.calls}
    even = all(int(c.trace.lengths.min()) == int(c.trace.lengths.max()) for c in run.calls)
    steps = f"{_steps(run)}"
    if len(shapes) == 1 and even:
        steps = "{}×{}".format(*shapes.pop())
    return f"{steps} steps" + (f" in {len(run.calls)} calls" if len(run.calls) > 1 else "")
