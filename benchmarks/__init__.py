"""What the package costs, measured: run `python -m benchmarks` or one of its commands.

One thread, everything of a comparison in one process and in turns, medians.
"""
