"""The files of the site that are on no page and that no worker draws.

Imports no torch.
"""

import subprocess
import sys

from rnn_figures.site import colours, typed
from rnn_figures.site.running.cache import CACHE
from rnn_figures.site.running.digests import digest
from rnn_figures.site.running.names import PACKAGE

WEIGHTS = PACKAGE / "training" / "shipped"
"""Trained networks, which a page's script fetches when a reader types something."""

LINK_PICTURE = "assets/link.png"
"""The picture that a link to the site shows; overrides/main.html names it."""


def assets() -> dict[str, str | bytes]:
    """Return style sheets, drawings and trained weights, by their place in the site."""
    made: dict[str, str | bytes] = {
        "assets/palette.css": colours.style_sheet(),
        "assets/figure.css": (PACKAGE / "html" / "figure.css").read_text("utf-8"),
    }
    made |= {f"assets/weights/{path.name}": path.read_bytes() for path in sorted(WEIGHTS.iterdir())}
    return made | {f"{typed.FOLDER}/{name}": drawing for name, drawing in typed.files().items()}


def link_picture() -> bytes:
    """Return the picture for links, drawn in a process of its own when the package has changed."""
    kept = CACHE.parent / "pictures" / f"{digest()[:16]}.png"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "rnn_figures.site.link_picture", str(kept)]
        subprocess.run(command, check=True)
    return kept.read_bytes()
