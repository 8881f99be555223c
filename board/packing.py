"""gzip put together from segments: text that was deflated and check-summed once is joined as it stands.

A segment of a deflate stream that ends on a byte and refers to nothing before it can follow any other (RFC 1951);
the checksum of the whole follows from those of the segments and their lengths. ISA-L does both several times as
fast as zlib, and faster than the text could be written to a disk.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from isal import isal_zlib

LEVEL = 1
"""Of ISA-L. The text repeats itself so much that higher levels gain a hundredth."""

_HEAD = bytes(
    (0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255)
)  # no name, no time: equal documents are equal files (RFC 1952)


class Segment(NamedTuple):
    """Text as a part of a deflate stream. size, crc: length in bytes and CRC-32 of the text itself."""

    size: int
    crc: int
    deflated: bytes


def segment(text: bytes, *, last: bool = False) -> Segment:
    """Deflate some text; `last`: it ends the stream."""
    deflate = isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, -isal_zlib.MAX_WBITS)
    packed = deflate.compress(text) + deflate.flush(isal_zlib.Z_FINISH if last else isal_zlib.Z_FULL_FLUSH)
    return Segment(len(text), isal_zlib.crc32(text), packed)


def gzip_file(segments: Iterable[Segment]) -> list[bytes]:
    """A gzip file of one member, in pieces. The last segment must be one that ends the stream."""
    pieces, crc, size = [_HEAD], 0, 0
    for part in segments:
        pieces.append(part.deflated)
        crc = isal_zlib.crc32_combine(crc, part.crc, part.size)
        size += part.size
    pieces.append(crc.to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little"))
    return pieces
