"""The time as the API speaks it."""

import time


def now() -> float:
    """Seconds since the epoch, with milliseconds: a timestamp of the JSON protocol."""
    return round(time.time(), 3)
