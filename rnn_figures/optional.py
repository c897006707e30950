"""Libraries that a reader may have, and that nothing here needs: pandas, xarray."""

import importlib
from typing import Any


def imported(name: str) -> Any:
    """Return a library that may not be installed; else ImportError, which names the pip command."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        if error.name != name:  # it is there, and one of its own parts is not
            raise
        raise ImportError(
            f"expected {name}, which is not installed; install it with: pip install {name}",
            name=name,
        ) from None
