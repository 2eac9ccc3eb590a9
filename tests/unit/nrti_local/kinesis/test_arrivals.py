from __future__ import annotations

import threading

from ministack.core.concurrency import esm_wake

from nrti_local.kinesis.arrivals import Arrivals


def test_a_record_wakes_the_event_source_mappings_and_the_listener() -> None:
    heard = threading.Event()
    arrivals = Arrivals()
    esm_wake.clear()

    arrivals.announce()
    assert esm_wake.is_set()

    arrivals.listen(heard.set)
    arrivals.announce()
    assert heard.is_set()
