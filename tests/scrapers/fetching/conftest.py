"""What the tests of fetching share."""

from __future__ import annotations

from pathlib import Path

import pytest

from scrapers.fetching.chromium import HOW_TO_INSTALL, find_chromium


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The real browser of this machine; skips where there is none."""
    found = find_chromium()
    if found is None:
        pytest.skip(f"no Chromium on this machine: {HOW_TO_INSTALL}")
    return found
