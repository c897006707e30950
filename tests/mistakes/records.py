"""What mistakes say in each release of torch: one small file a release."""

import json
import re
from pathlib import Path

import torch

from tests.mistakes import message, mistakes_by_message

FOLDER = Path(__file__).parent / "records"
RELEASE = torch.__version__.partition("+")[0]


def recorded() -> dict[str, dict[str, str | None]]:
    """Return what mistakes say, by release, then by mistake; None if it says nothing."""
    files = sorted(FOLDER.glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in files}


def record() -> tuple[Path, dict[str, str | None]]:
    """Write the record of the installed release: one mistake for each message, and all of others.

    Returns:
        Its file, and what it holds.
    """
    first = {made[0] for made in mistakes_by_message().values()}
    codes = first.union(*recorded().values())
    said = {code: first_line(message(code)) for code in sorted(codes)}
    path = FOLDER / f"{RELEASE}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path, said


def first_line(said: str | None) -> str | None:
    """Return the first line of a message, without addresses in memory."""
    return said and re.sub(r"\b0x[0-9a-f]+", "0x0", said.splitlines()[0].rstrip())
