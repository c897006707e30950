"""The first screen of a report: what is wrong, or that nothing is, and what was not checked."""

import html
from collections.abc import Iterator

from rnn_figures.html.frame import table_html
from rnn_figures.numbers import digits
from rnn_figures.verdict.records import CHECKS, Finding, Verdict


def verdict_html(verdict: Verdict) -> str:
    """Return the verdict as HTML: headline, findings, what was not checked, and the facts."""
    return "\n".join(_parts(verdict))


def _parts(verdict: Verdict) -> Iterator[str]:
    state = "alarm" if verdict.alarms else "clear"
    yield f'<section class="verdict verdict--{state}" id="verdict" aria-label="Verdict">'
    yield f'<p class="verdict__headline">{html.escape(verdict.headline)}</p>'
    if verdict.findings:
        yield "<ol>"
        yield from map(_finding, verdict.findings)
        yield "</ol>"
    if verdict.unsaid:
        yield f"<p>{html.escape(verdict.unsaid)}</p>"
    done = "".join(f"<li>{check}: {CHECKS[check]}</li>" for check in verdict.checks)
    yield _details(f"{len(verdict.checks)} checks run", f"<ul>{done}</ul>")
    if verdict.skipped:
        left = "".join(
            f"<li>{html.escape(f'{one.check}, {one.where}: {one.reason}')}</li>"
            for one in verdict.skipped
        )
        yield _details(f"{len(verdict.skipped)} checks skipped", f"<ul>{left}</ul>")
    if len(verdict.facts):
        yield _details("Facts, which are no faults", table_html(verdict.facts))
    yield "</section>"


def _finding(finding: Finding) -> str:
    number = ""
    if finding.threshold is not None:
        number = f" Measured {digits(finding.number)}, threshold {digits(finding.threshold)}."
    words = f"{finding.meaning}{number}"
    return (
        f'<li class="verdict__{finding.severity}"><strong>{finding.severity}: '
        f"{html.escape(finding.check)}</strong>, {html.escape(finding.where)}. "
        f"{html.escape(words)} <em>Try:</em> {html.escape(finding.remedy)} "
        f"<em>Page:</em> <code>{finding.page}</code></li>"
    )


def _details(summary: str, content: str) -> str:
    return f"<details><summary>{summary}</summary>{content}</details>"
