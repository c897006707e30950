"""What is wrong with a network, or that nothing is: checks of one run, with their evidence.

records      what a Verdict says: findings, checks run, checks skipped, facts
parts        one layer in one direction over all its calls, and what is measured of it
finite       where a run is NaN or infinite first, and what had it
reach        how far back an output reads, by random projections
checks       the alarms, each with its threshold
states       how a state goes from call to call
handed_on    states that another call returned, and how they came
lost         layers of which nothing is heard
readers      what the model reads of a layer's answer
starts       how weights were started, and whether the run changed them
remarks      what is worth knowing and no fault
scored       what was seen of scores, losses and masks, in words
seen         all that was seen on a run, in words
around       notes on what stands around a layer
facts        measures that tell no sick network from a healthy one, beside their ranges
diagnosing   diagnose()
"""

from rnn_figures.verdict.diagnosing import diagnose, judge
from rnn_figures.verdict.records import Finding, Skipped, Verdict

__all__ = ["Finding", "Skipped", "Verdict", "diagnose", "judge"]
