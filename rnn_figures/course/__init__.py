"""Pictures of one lesson each, built from tables, diagrams and plots.

What draws any module is imported from `rnn_figures`; what belongs to one lesson, from here. The
names are in `__init__.pyi`, each loaded on first use.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
