"""The process that runs fences: `python -m rnn_figures.site.running`, started by `process`.

Requests come in and results go out as pickles. It ends as soon as the build does, also in the
middle of a fence, and so ties its life to the build's before it imports torch.
"""

import faulthandler
import os
import queue
import signal
import threading
from typing import BinaryIO

from rnn_figures.site.running.records import Request, received, send


def main() -> None:
    """Answer requests until there are none."""
    incoming, outgoing = private_streams()
    requests = queue.SimpleQueue[Request]()
    threading.Thread(target=_receive, args=(incoming, requests), daemon=True).start()
    from rnn_figures.site.running import worker  # takes seconds: torch

    opened = worker.prepare()
    send(outgoing, "ready")
    while True:
        for reply in worker.answer(requests.get(), opened):
            send(outgoing, reply)


def private_streams() -> tuple[BinaryIO, BinaryIO]:
    """Keep the pipes to the build for ourselves: whatever prints from now on prints nowhere."""
    incoming = os.fdopen(os.dup(0), "rb")
    outgoing = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    faulthandler.enable()  # says in which line of the page a segmentation fault was
    return incoming, outgoing


def _receive(incoming: BinaryIO, requests: queue.SimpleQueue[Request]) -> None:
    """Pass every request on; once the build is gone, end this process and its children."""
    for request in received(incoming):
        requests.put(request)
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    main()
