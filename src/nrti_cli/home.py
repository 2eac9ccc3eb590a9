"""The directory that holds what nrti remembers: `$NRTI_HOME`, else the user's state directory."""

import os
from pathlib import Path

import platformdirs


def home() -> Path:
    """The directory; it is made by whoever writes to it first."""
    configured = os.environ.get("NRTI_HOME")
    return Path(configured).expanduser().absolute() if configured else platformdirs.user_state_path("nrti")
