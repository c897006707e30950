"""The command line of the benchmarks: one command for each thing that is measured."""

import os

# Before torch is imported: on a busy machine a second thread can cost a factor of a hundred, and
# the profiler that counts memory would report its own start and stop between the rows.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ.setdefault("KINETO_LOG_LEVEL", "99")

import click

from benchmarks.interaction import interaction_command
from benchmarks.peers import peers_command
from benchmarks.search import search_command
from benchmarks.site import site_command
from benchmarks.trace import trace_command


@click.group(invoke_without_command=True)
@click.pass_context
def main(context: click.Context) -> None:
    """Measure what the package costs; without a command, measure all."""
    if context.invoked_subcommand is None:
        for command in main.commands.values():
            context.invoke(command)


main.add_command(trace_command, "trace")
main.add_command(peers_command, "peers")
main.add_command(site_command, "site")
main.add_command(interaction_command, "interaction")
main.add_command(search_command, "search")

if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
