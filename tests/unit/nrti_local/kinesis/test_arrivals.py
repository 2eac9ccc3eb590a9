from __future__ import annotations

import threading

from nrti_local.kinesis.arrivals import Arrivals


def test_a_record_wakes_the_event_source_mappings_and_whoever_wants_to_know() -> None:
    event, told = threading.Event(), threading.Event()
    arrivals = Arrivals().beside(event)

    arrivals.set()
    assert event.is_set()

    arrivals.tell(told.set)
    arrivals.set()
    assert told.is_set()
