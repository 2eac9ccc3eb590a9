"""All scenarios of the state machines."""

from tests.unit.scenarios.events import EVENTS
from tests.unit.scenarios.labels import LABELS
from tests.unit.scenarios.shadows import SHADOWS

SCENARIOS = EVENTS | SHADOWS | LABELS
