"""What the tests of fetching share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from scrapers.fetching.chromium import HOW_TO_INSTALL, find_chromium

from .browsing import browsers


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The real browser of this machine; skips where there is none."""
    found = find_chromium()
    if found is None:
        pytest.skip(f"no Chromium on this machine: {HOW_TO_INSTALL}")
    return found


@pytest.fixture
def folder(tmp_path: Path, chromium: Path) -> Iterator[Path]:
    """The browsers' folder; afterwards no process, no profile and no child may be left."""
    folder = tmp_path / "browsers"
    before = set(psutil.Process().children())  # the suite's database server, for one
    yield folder
    assert browsers(folder) == []
    assert {path.name for path in folder.glob("*")} <= {"place-0.lock"}
    left = [
        descendant
        for child in set(psutil.Process().children()) - before
        for descendant in [child, *child.children(recursive=True)]
        if descendant.status() != psutil.STATUS_ZOMBIE
    ]
    assert left == []
