"""Record what mistakes say in this release of torch: `python -m tests.mistakes`.

It needs torch and numpy, nothing else of the project, so that it runs with any release:

    python -m venv other && other/bin/python -m pip install torch==2.4.1
    other/bin/python -m tests.mistakes

The records lie in tests/mistakes/records, one a release. The cards take the older words from them
(rnn_figures/site/markdown/releases.py), and tests/site/test_cards.py looks that all are there.
"""

import sys

from tests.mistakes.records import record, recorded


def main() -> None:
    """Write this release's record, and say where its words differ from another's."""
    before = recorded()
    path, said = record()
    sys.stdout.write(f"{len(said)} messages in {path}\n")
    for release, others in before.items():
        changed = [code for code in said.keys() & others.keys() if said[code] != others[code]]
        sys.stdout.write(f"{len(changed)} read otherwise in {release}\n")


if __name__ == "__main__":
    main()
