"""These tests need the extra `real`: they run only where its marker is asked for."""

import pathlib

import pytest


def pytest_collection_modifyitems(config, items):
    here = str(pathlib.Path(__file__).parent)
    own = [item for item in items if str(item.path).startswith(here)]
    for item in own:
        item.add_marker(pytest.mark.real)
    if own and "real" not in (config.getoption("markexpr") or ""):
        config.hook.pytest_deselected(items=own)
        items[:] = [item for item in items if item not in own]
