"""What came in place of a page, kept on disk: the first of each kind, to make a recording of it."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
from loguru import logger

from scrapers.errors import FetchError, FleetError, PayloadShapeError
from scrapers.fetching.answers import shown_url
from scrapers.records import PageRequest

KEPT_FOR = timedelta(hours=24)


class FailureBodies:
    """The folder `<folder>/<slug>/`, with `<outcome>.body` and `<outcome>.json` for each kind of failure.

    The first body of a kind stays until somebody removes it or it is older than 24 hours; later ones of the
    same kind are not written. The JSON has the keys of a recording's `.meta.json` (url, status, fetched_at)
    and `outcome`, `message`, `body_bytes` (before the cut to `max_bytes`).
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes

    def keep(
        self, bookmaker: str, request: PageRequest, error: FleetError, *, at: datetime | None = None
    ) -> Path | None:
        """Keep the body that `error` carries; where the body of this kind of failure lies.

        Args:
            at: when it came, aware UTC; now when left out.

        None when the error carries no body, or when the disk refuses: that is logged and costs no cycle.
        """
        body = error.body if isinstance(error, FetchError | PayloadShapeError) else b""
        if not body:
            return None
        at = at or datetime.now(UTC)
        kept = self._folder / bookmaker / f"{error.outcome}.body"
        try:
            if self._is_fresh(kept, at):
                return kept
            about = {
                "url": shown_url(request),
                "status": error.status if isinstance(error, FetchError) else None,
                "fetched_at": at.isoformat(),
                "scope": request.scope,
                "outcome": error.outcome,
                "message": str(error),
                "body_bytes": len(body),
            }
            kept.parent.mkdir(parents=True, exist_ok=True)
            _replace(kept, body[: self._max_bytes])
            _replace(kept.with_suffix(".json"), orjson.dumps(about, option=orjson.OPT_INDENT_2))
        except OSError as fault:
            logger.warning("the body of a failed page could not be kept in {}: {}", kept.parent, fault)
            return None
        return kept

    @staticmethod
    def _is_fresh(kept: Path, now: datetime) -> bool:
        try:
            about = orjson.loads(kept.with_suffix(".json").read_bytes())
            return kept.exists() and now - datetime.fromisoformat(about["fetched_at"]) < KEPT_FOR
        except FileNotFoundError:
            return False
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            return False  # half a pair, or edited by hand: the new one is worth more


def _replace(path: Path, content: bytes) -> None:
    half = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        half.write_bytes(content)
        os.replace(half, path)
    finally:
        half.unlink(missing_ok=True)
