"""The names of the reference page, read from the stubs: there, and nowhere else, are they listed.

On a page, `::: rnn_figures.plots` stands for every public name that lives in rnn_figures/plots. A
public name goes to the line that says most exactly where it lives.
"""

import re

from rnn_figures.site.running.names import public_names

HOME = re.compile(r"^::: (rnn_figures\.[a-z_.]+)$", re.MULTILINE)
"""A line of the page: a module or a folder of the package."""


def listed(markdown: str) -> str:
    """Return a page with each line `::: module` replaced by a line for each public name in it."""
    lines: dict[str, list[str]] = {home: [] for home in HOME.findall(markdown)}
    if not lines:
        return markdown
    for name, module in public_names().items():
        full = f"rnn_figures.{module}.{name}"
        fitting = [home for home in lines if full.startswith(f"{home}.")]
        if fitting:
            lines[max(fitting, key=len)].append(f"::: {full}")
    return HOME.sub(lambda line: "\n\n".join(lines[line[1]]), markdown)
