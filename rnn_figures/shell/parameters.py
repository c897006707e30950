"""What commands take: files and folders, to read and to write, and seeds."""

import functools
import os
import pathlib

import click


class _Folder(click.Path):
    """A folder to write to: it has a name."""

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> pathlib.Path:
        """Return the folder."""
        if not str(value):
            self.fail("expected the name of a folder, got ''", param, ctx)
        return pathlib.Path(str(super().convert(value, param, ctx)))


TO_WRITE = _Folder(file_okay=False)
"""A folder that is written to, and made where it is missing."""

FOLDER = click.Path(exists=True, file_okay=False, path_type=pathlib.Path)
"""A folder that is read."""

CHECKPOINT = click.Path(exists=True, dir_okay=False, path_type=pathlib.Path)
"""A file that torch.save wrote."""

FILE = click.Path(dir_okay=False, path_type=pathlib.Path)

output = functools.partial(click.option, "-o", "--output", "path", type=FILE)
"""The option that names the file to write."""

SEED = click.IntRange(-(2**63), 2**64 - 1)
"""What torch takes as a seed."""

seed = functools.partial(click.option, "--seed", default=0, type=SEED, show_default=True)
