"""Styles, scripts and icons: read once, compressed once, kept by browsers until they change."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from dashboard.errors import NotFound

FOLDER = Path(__file__).resolve().parent / "static"
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
FOR_GOOD = "public, max-age=31536000, immutable"
"""For an address that names the content's hash."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file. `packed` is its gzip form, `version` a hash of its content."""

    body: bytes
    packed: bytes
    content_type: str
    version: str


class Assets:
    """Every file under `static/` that pages refer to, by its path there."""

    def __init__(self) -> None:
        self._assets = {
            path.relative_to(FOLDER).as_posix(): _read(path)
            for path in sorted(FOLDER.rglob("*"))
            if path.suffix in TYPES
        }

    def address(self, name: str) -> str:
        """Where a page finds it. KeyError: there is none."""
        return f"/static/{name}?v={self._assets[name].version}"

    async def serve(self, request: Request) -> Response:
        """The route `/static/{name:path}`. Raises NotFound."""
        asset = self._assets.get(request.path_params["name"])
        if asset is None:
            raise NotFound
        etag = f'"{asset.version}"'
        named = request.query_params.get("v") == asset.version
        headers = {"etag": etag, "cache-control": FOR_GOOD if named else "no-cache", "vary": "accept-encoding"}
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["content-encoding"] = "gzip"
            return Response(asset.packed, media_type=asset.content_type, headers=headers)
        return Response(asset.body, media_type=asset.content_type, headers=headers)


@cache
def load_assets() -> Assets:
    """All of them, read when first needed."""
    return Assets()


def _read(path: Path) -> Asset:
    body = path.read_bytes()
    version = hashlib.sha256(body).hexdigest()[:12]
    return Asset(body, gzip.compress(body, 9, mtime=0), TYPES[path.suffix], version)
