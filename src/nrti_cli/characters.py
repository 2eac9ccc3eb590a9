"""Makes text safe for a terminal: no control characters, no characters that the encoding lacks."""

import unicodedata

#: The name under which `degrade` is registered as an error handler of Python's codecs.
DEGRADE = "nrti.degrade"
_REPLACEMENT = "\ufffd"
_LAYOUT = "\n\t"
#: Of the same width, so that the columns of tables stay aligned.
_PLAIN = str.maketrans("─│…·—→", "-|~.->")


def printable(text: str) -> str:
    """Replaces control characters, which a terminal would execute; line breaks and tabs stay.

    Text that is shown may come from anywhere: a sensor's name, a model's error, a row of the lake.
    """
    if text.isprintable():
        return text
    return "".join(
        _REPLACEMENT if _commands(character) and character not in _LAYOUT else character for character in text
    )


def _commands(character: str) -> bool:
    """Whether it is a control or format character (`Cc`, `Cf`, …) or a line or paragraph separator."""
    kind = unicodedata.category(character)
    return kind[0] == "C" or kind in {"Zl", "Zp"}


def degrade(error: UnicodeError) -> tuple[str, int]:
    """Replaces characters that an encoding lacks, so that output never fails; for `codecs.register_error`.

    Raises:
        UnicodeError: it is not an encoding error.
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end].translate(_PLAIN)
    return "".join(character if character.isascii() else "?" for character in lacking), error.end
