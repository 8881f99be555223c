"""What is packed in parts unpacks to the whole, in whatever order the parts are put together."""

from __future__ import annotations

import gzip
import zlib

from hypothesis import given
from hypothesis import strategies as st

from board.packing import gzip_file, segment

texts = st.binary(max_size=300) | st.integers(1, 50).map(lambda times: b'{"bookmaker":"kto","price":2.1},' * times)


@given(st.lists(texts, max_size=6), texts)
def test_parts_are_one_gzip_member_of_the_whole(parts: list[bytes], last: bytes) -> None:
    kept = [segment(part) for part in parts]
    for ordered in (kept, kept[::-1]):
        whole = b"".join([*(parts if ordered is kept else parts[::-1]), last])
        file = b"".join(gzip_file([*ordered, segment(last, last=True)]))
        assert gzip.decompress(file) == whole, "checksum and length are checked by this"
        inflate = zlib.decompressobj(31)
        assert (inflate.decompress(file), inflate.eof, inflate.unused_data) == (whole, True, b"")
