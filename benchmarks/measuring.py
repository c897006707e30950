"""The time that a call takes of its thread, and the memory that its tensors take."""

import itertools
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from torch.profiler import ProfilerActivity, profile

Returned = TypeVar("Returned")


def seconds(call: Callable[[], object]) -> float:
    """Time one call; what it returned is freed after the clock has stopped."""
    start = time.thread_time()
    result = call()
    taken = time.thread_time() - start
    del result
    return taken


def memory(call: Callable[[], Returned]) -> tuple[Returned, list[int]]:
    """Return what a call returns, and the bytes of its tensors after each one that came or went."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        result = call()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "trace.json")
        profiler.export_chrome_trace(str(path))
        events = json.loads(path.read_text())["traceEvents"]
    changes = [event["args"] for event in events if event.get("name") == "[memory]"]
    changes.sort(key=lambda change: change["Ev Idx"])
    return result, list(itertools.accumulate(change["Bytes"] for change in changes))
