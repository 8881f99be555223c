"""`/feed/<name>`: the published files, for the site and for scripts that read odds from here."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from dashboard.errors import NotFound
from dashboard.site import site_of

NAME = re.compile(r"[a-z0-9][a-z0-9_-]*\.json")
CHUNK_BYTES = 1 << 18
HEADERS = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "etag",
    "cache-control": "no-cache",
    "vary": "accept-encoding",
}


async def published_file(request: Request) -> Response:
    """One file, its compressed twin where the reader takes gzip; 304 when the reader has it. Raises NotFound."""
    name, folder = request.path_params["name"], site_of(request).config.published
    if folder is None or not NAME.fullmatch(name):
        raise NotFound
    packed = "gzip" in request.headers.get("accept-encoding", "")
    opened = (packed and _open(folder / f"{name}.gz")) or _open(folder / name)
    if not opened:
        raise NotFound
    file, is_packed = opened
    # The file under this descriptor stays whole, whatever replaces it under its name meanwhile.
    state = os.fstat(file)
    etag = f'"{state.st_ino:x}-{state.st_mtime_ns:x}-{state.st_size:x}{"-gz" if is_packed else ""}"'
    headers = HEADERS | {"etag": etag}
    if etag in request.headers.get("if-none-match", ""):
        os.close(file)
        return Response(status_code=304, headers=headers)
    headers["content-length"] = str(state.st_size)
    if is_packed:
        headers["content-encoding"] = "gzip"
    if request.method == "HEAD":
        os.close(file)
        return Response(headers=headers, media_type="application/json")
    return StreamingResponse(_chunks(file), headers=headers, media_type="application/json")


def _open(path: Path) -> tuple[int, bool] | None:
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC), path.suffix == ".gz"
    except FileNotFoundError:
        return None


async def _chunks(file: int) -> AsyncIterator[bytes]:
    try:
        while chunk := await asyncio.to_thread(os.read, file, CHUNK_BYTES):
            yield chunk
    finally:
        os.close(file)
