"""The words that no text of the project has: a plainer one says the same."""

from __future__ import annotations

import re
from pathlib import Path

_WORDS = Path(__file__).with_name("avoided_words.txt")
#: One of them, as a word of its own.
AVOIDED = re.compile(rf"\b(?:{'|'.join(_WORDS.read_text().split())})\b", re.IGNORECASE)
