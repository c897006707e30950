"""All whole models: those with one mistake each, and those without."""

from tests.whole_models.healthy import HEALTHY
from tests.whole_models.held import RIGHT, WRONG
from tests.whole_models.published import PUBLISHED
from tests.whole_models.wrongly_read import READ
from tests.whole_models.wrongly_run import RUN

SICK = READ | RUN | WRONG

WELL = HEALTHY | PUBLISHED | RIGHT
