"""Detects the format of an input by its first bytes, and decodes compression and text encodings."""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Iterator
from enum import Enum
from itertools import chain

from nrti_cli.tables.faults import unfit

PARQUET = b"PAR1"
_GZIP = b"\x1f\x8b"
#: Bytes of compressed data that are decompressed at a time; they may expand to many more.
_MOST_UNPACKED = 1 << 20
#: Byte order marks, the longer ones first; the result is UTF-8.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: The longest of all magic numbers.
_LONGEST_MARK = 8
#: Files that are not tables of text, by their magic number: what they are, and what to do.
_REFUSED = (
    (b"\xd0\xcf\x11\xe0", "an Excel workbook", "save it as CSV"),
    (b"PK\x03\x04", "a zip archive", "unpack it"),
    (b"BZh91AY&", "compressed by bzip2", "decompress it, or compress it with gzip"),
    (b"\xfd7zXZ\x00", "compressed by xz", "decompress it, or compress it with gzip"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd", "decompress it, or compress it with gzip"),
    (b"ARROW1", "an Arrow file", "save it as parquet or CSV"),
    (b"\x89HDF", "an HDF5 file", "save it as parquet or CSV"),
    (b"\x93NUMPY", "an array of NumPy", "save it as parquet or CSV"),
    (b"%PDF", "a PDF document", "save its table as CSV"),
)
#: Formats that are zip archives, by the names of their parts, the first ones that programs write.
_ZIPPED = (
    ((b"[Content_Types].xml", b"docProps/", b"xl/"), "an Excel workbook", "save it as CSV"),
    ((b".npy",), "an archive of NumPy", "save its arrays as parquet or CSV"),
)


class Kind(Enum):
    """The formats of a table."""

    CSV = "CSV"
    JSON_LINES = "JSON lines"
    JSON_ARRAY = "a JSON array"
    PARQUET = "parquet"


def recognised(shown: str, chunks: Iterator[bytes]) -> tuple[Kind, Iterator[bytes]]:
    """The format of an input, and its bytes: decompressed, and text as UTF-8 without a byte order mark.

    Only as much is read as necessary, so that a line of a pipe can be used before the next one arrives.

    Raises:
        NrtiError: it is empty, or not a table.
    """
    start, chunks = _start(chunks)
    if start.startswith(_GZIP):
        start, chunks = _start(_decompressed(shown, chunks))
    if not start:
        raise unfit(shown, "is empty", "use a file of CSV, JSON lines or parquet")
    if start.startswith(PARQUET):
        return Kind.PARQUET, chunks
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return _kind_of_text(shown, _decoded(shown, chunks, mark, encoding))
    _refuse_binary(shown, start)
    return _kind_of_text(shown, chunks)


def _start(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first bytes, enough for any magic number, and an iterator over all bytes."""
    start = b""
    while len(start) < _LONGEST_MARK and b"\n" not in start and (chunk := next(chunks, b"")):
        start += chunk
    return start, chain([start] if start else [], chunks)


def _kind_of_text(shown: str, chunks: Iterator[bytes]) -> tuple[Kind, Iterator[bytes]]:
    start = b""
    while not start.strip() and (chunk := next(chunks, b"")):
        start += chunk
    if not start.strip():
        raise unfit(shown, "is empty", "use a file of CSV, JSON lines or parquet")
    kind = {b"{": Kind.JSON_LINES, b"[": Kind.JSON_ARRAY}.get(start.lstrip()[:1], Kind.CSV)
    return kind, chain([start], chunks)


def _refuse_binary(shown: str, start: bytes) -> None:
    for parts, what, hint in _ZIPPED if start.startswith(b"PK\x03\x04") else ():
        if any(part in start for part in parts):
            raise unfit(shown, f"is {what}", hint)
    for beginning, what, hint in _REFUSED:
        if start.startswith(beginning):
            raise unfit(shown, f"is {what}", hint)
    if b"\0" in start:
        raise unfit(shown, "is not text (it has NUL bytes)", "save it as CSV in UTF-8, or as parquet")


def _decompressed(shown: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The content of a gzip file, which may have several members."""
    unpack = zlib.decompressobj(wbits=31)
    try:
        for chunk in chunks:
            packed = chunk
            while packed:
                yield from filter(None, [unpack.decompress(packed, _MOST_UNPACKED)])
                packed = unpack.unconsumed_tail
                if unpack.eof and (packed := unpack.unused_data.lstrip(b"\0")):
                    unpack = zlib.decompressobj(wbits=31)
    except zlib.error as error:
        raise unfit(shown, "is compressed by gzip and damaged", "compress it again") from error
    if not unpack.eof:
        raise unfit(shown, "is compressed by gzip and truncated", "compress it again")


def _decoded(shown: str, chunks: Iterator[bytes], mark: bytes, encoding: str) -> Iterator[bytes]:
    """Text as UTF-8, without its byte order mark."""
    first = next(chunks)[len(mark) :]
    if encoding == "utf-8":
        yield from filter(None, chain([first], chunks))
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk in chain([first], chunks):
            yield from filter(None, [decoder.decode(chunk).encode()])
        decoder.decode(b"", final=True)
    except UnicodeError as error:
        name = encoding[: encoding.rindex("-")].upper()
        raise unfit(shown, f"has the mark of {name}, but is not valid {name}", "save it as UTF-8") from error
