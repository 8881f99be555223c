"""Reading a response body of unknown size in bounded memory."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator

ACCEPT_ENCODING = "gzip, deflate"
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_RAW_DEFLATE = -zlib.MAX_WBITS


class UndecodableBodyError(Exception):
    """The bytes are not what their Content-Encoding says, or end before they should."""


class BodyReader:
    """Collects a body, decompressed, up to `limit` bytes.

    httpx decompresses each piece whole before anybody can look at its size, so a small compressed answer
    may grow a thousandfold in memory. Here no piece grows past the limit.

    kept_of_cut  how much is given of a body that is longer than `limit`; the rest of it is freed at once
    """

    def __init__(self, encoding: str, limit: int, kept_of_cut: int | None = None) -> None:
        self.encoding = encoding.strip().lower()
        self.cut = False
        """Whether the body is longer than the limit; the rest was not read."""
        self._limit = limit
        self._kept_of_cut = limit if kept_of_cut is None else kept_of_cut
        self._collected = bytearray()
        self._inflater: zlib._Decompress | None = None
        if self.encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise UndecodableBodyError(f"Content-Encoding {encoding!r}, asked for {ACCEPT_ENCODING}")

    async def read(self, pieces: AsyncIterator[bytes]) -> bytes:
        """The body, at most `limit` bytes of it (`kept_of_cut` if it is longer); raises UndecodableBodyError."""
        async for piece in pieces:
            self._take(piece)
            if self.cut:
                del self._collected[self._kept_of_cut :]
                break
        if not self.cut and self._inflater is not None and not self._inflater.eof:
            raise UndecodableBodyError(f"the {self.encoding} body ends before its time")
        return bytes(self._collected)

    def _take(self, piece: bytes) -> None:
        if self.encoding in ("", "identity"):
            self._add(piece)
            return
        while piece and not self.cut:
            if self._inflater is None:
                # Some servers say deflate and send it without the zlib header.
                raw = self.encoding == "deflate" and piece[0] & 0x0F != 8
                self._inflater = zlib.decompressobj(_RAW_DEFLATE if raw else _GZIP_OR_ZLIB)
            elif self._inflater.eof:
                # A gzip body may be several gzip files one after the other.
                piece = self._next_file(piece)
                if not piece:
                    return
                self._inflater = zlib.decompressobj(_GZIP_OR_ZLIB)
            room = self._limit - len(self._collected) + 1
            try:
                self._add(self._inflater.decompress(piece, room))
            except zlib.error as error:
                raise UndecodableBodyError(f"the body is not {self.encoding}: {error}") from error
            piece = self._inflater.unconsumed_tail or self._next_file(self._inflater.unused_data)

    @staticmethod
    def _next_file(rest: bytes) -> bytes:
        # What follows a finished stream and is no gzip file is padding, as gzip itself treats it.
        return rest if rest[:2] == b"\x1f\x8b" else b""

    def _add(self, piece: bytes) -> None:
        room = self._limit - len(self._collected)
        if len(piece) > room:
            self.cut = True
            piece = piece[:room]
        self._collected += piece
