"""Say what is wrong with a network, or that nothing is, from one run: diagnose."""

from typing import Any

import torch
from torch import nn

from rnn_figures.arguments import checked
from rnn_figures.models import Run, called, run_model
from rnn_figures.verdict.around import around
from rnn_figures.verdict.checks import check_part
from rnn_figures.verdict.facts import facts
from rnn_figures.verdict.finite import not_finite
from rnn_figures.verdict.parts import Part, parts
from rnn_figures.verdict.reach import reach
from rnn_figures.verdict.readers import CHECKED as READ, readers
from rnn_figures.verdict.records import CHECKS, Finding, Skipped, Verdict
from rnn_figures.verdict.remarks import not_registered, remarks, untrained
from rnn_figures.verdict.states import drawn_at_random, handed_on

NOT_CALLED = "the run did not call it, or in a thread of its own, or by torch's bare functions"

DROPOUT = "dropout between layers"

AROUND = "what is done around the layers"

LEFT_OUT = "left out of this run, since no second run draws the same masks"

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


def _judged(run: Run) -> Verdict:
    findings: list[Finding] = []
    skipped: list[Skipped] = []
    done: set[str] = set()
    measured: list[Part] = []
    found = parts(run.calls)
    for name in dict.fromkeys(part.name for part in found):
        own = [part for part in found if part.name == name]
        done.update(FINITE)
        bad = not_finite(own)
        if bad is not None:
            findings.append(bad)
            skipped.append(Skipped("all others", called(name), "its numbers are not finite"))
            continue
        measured += own
        for part in own:
            for check, result in check_part(part):
                if isinstance(result, str):
                    skipped.append(Skipped(check, part.where, result))
                else:
                    done.add(check)
                    findings += result
        done.update(("exchanged state",) if len(own[0].calls) > 1 else ())
        findings += remarks(own, run)
        findings += around(own, run)
        findings += handed_on(own[0], run.calls)
        read = readers(own, run.unread)
        if isinstance(read, str):
            skipped += [Skipped(check, called(name), read) for check in READ]
        else:
            done.update(READ)
            findings += read
        if name in run.dropped:
            skipped.append(Skipped(DROPOUT, called(name), LEFT_OUT))
        if name in run.outside:
            findings.append(not_registered(own[0]))
    if run.untrained and found:
        findings.append(untrained(found[0]))
    if run.random and found:
        findings.append(drawn_at_random(found))
    for name, error in run.refused.items():
        skipped.append(Skipped("all", called(name), str(error)))
    for name, reason in run.untraceable.items():
        skipped.append(Skipped("all", called(name), f"it {reason}"))
    skipped += [Skipped(AROUND, "the model itself", reason) for reason in run.unwatched]
    for name in run.silent:
        skipped.append(Skipped("all", called(name), NOT_CALLED))
    return Verdict(
        # alarms first, and of those what is not finite
        findings=tuple(
            sorted(findings, key=lambda f: (f.severity != "alarm", f.check not in FINITE))
        ),
        checks=tuple(check for check in CHECKS if check in done),
        skipped=tuple(skipped),
        steps=_steps(run),
        size=_size(run),
        facts=facts(measured),
        reaches={part.where: found for part in measured if (found := reach(part))},
    )


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
