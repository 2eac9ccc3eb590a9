"""The current time in the form of the API."""

import time


def now() -> float:
    """Seconds since the epoch, with milliseconds: a timestamp of the JSON protocol."""
    return round(time.time(), 3)
