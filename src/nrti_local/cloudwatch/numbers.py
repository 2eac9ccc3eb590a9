"""Parses numbers as CloudWatch does."""

from __future__ import annotations

import re

#: Python would take more, such as `nan` and `1_000`.
NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
