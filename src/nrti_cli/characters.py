"""What a text may do to a terminal: nothing, and what becomes of a character that the terminal has not."""

import unicodedata

#: The name of `degrade` among Python's ways to treat what cannot be encoded.
DEGRADE = "nrti.degrade"
_REPLACEMENT = "\ufffd"
_LAYOUT = "\n\t"
#: Of the same width, so that tables stay in line.
_PLAIN = str.maketrans("─│…·—→", "-|~.->")


def printable(text: str) -> str:
    """The text without control characters, which a terminal would obey; lines and tabs stay.

    What is shown may be anybody's: a sensor's name, a model's error, a row of the lake.
    """
    if text.isprintable():
        return text
    return "".join(
        _REPLACEMENT if _commands(character) and character not in _LAYOUT else character for character in text
    )


def _commands(character: str) -> bool:
    """Whether it is a control or format character (`Cc`, `Cf`, …), or separates lines or paragraphs."""
    kind = unicodedata.category(character)
    return kind[0] == "C" or kind in {"Zl", "Zp"}


def degrade(error: UnicodeError) -> tuple[str, int]:
    """Replaces what an encoding lacks, for `codecs.register_error`: output does not fail for want of a glyph.

    Raises:
        UnicodeError: it is not about encoding.
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end].translate(_PLAIN)
    return "".join(character if character.isascii() else "?" for character in lacking), error.end
