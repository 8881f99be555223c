"""What was learnt about a bookmaker's walls, kept on disk: which pages only answer inside the page."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from loguru import logger
from pydantic import BaseModel, ConfigDict, RootModel, ValidationError

from scrapers.fetching.recipes import Way

KEPT_S = 6 * 3600.0
"""After this plain HTTP is tried again: walls come and go, and a browser costs a hundred times as much."""


class _Learnt(BaseModel):
    model_config = ConfigDict(frozen=True)

    way: Way
    since: float


class _Lessons(RootModel[dict[str, _Learnt]]):
    pass


class WayFile:
    """Class of pages -> the way that it answers to, for as long as that is believed.

    clock  epoch s
    """

    def __init__(self, path: Path, *, kept_s: float = KEPT_S, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._kept_s = kept_s
        self._clock = clock
        self._learnt = self._load()

    def way(self, page_class: str) -> Way | None:
        """How to ask for pages of this class; None where plain HTTP is to be tried."""
        learnt = self._learnt.get(page_class)
        if learnt is None:
            return None
        # A time in the future is a clock that was set back: it would be believed for too long.
        if 0 <= self._clock() - learnt.since < self._kept_s:
            return learnt.way
        del self._learnt[page_class]
        return None

    def remember(self, page_class: str, way: Way) -> None:
        """This class was refused to plain HTTP and answered so."""
        self._learnt[page_class] = _Learnt(way=way, since=self._clock())
        half = self._path.with_name(f"{self._path.name}.{os.getpid()}.tmp")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            half.write_text(_Lessons(self._learnt).model_dump_json())
            os.replace(half, self._path)
        except OSError as error:
            logger.warning("what was learnt could not be kept in {}: {}", self._path, error)

    def _load(self) -> dict[str, _Learnt]:
        try:
            return _Lessons.model_validate_json(self._path.read_bytes()).root
        except FileNotFoundError:
            return {}
        except (OSError, ValidationError) as error:
            logger.warning("{} is not readable and will be replaced: {}", self._path, error)
            return {}
