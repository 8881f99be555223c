"""The pages as a browser asks for them, over a real database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from dashboard.config import DashboardConfig
from store.backend import Backend
from tests.support.cycles import House
from tests.support.dashboard import ServedPages, served_pages


@pytest.fixture
def houses(backend: Backend) -> dict[str, House]:
    """Three bookmakers of two families."""
    return {slug: House(backend, slug) for slug in ("alpha", "beta", "gamma")}


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """The folder of published documents; empty."""
    folder = tmp_path / "public"
    folder.mkdir()
    return folder


@pytest.fixture
def pages(backend: Backend, published: Path) -> Iterator[ServedPages]:
    """The pages, for readers on the machine itself."""
    with served_pages(backend, DashboardConfig(published=published, source="simulator")) as pages:
        yield pages


@pytest.fixture
def client(pages: ServedPages) -> httpx.Client:
    """A reader without a login."""
    return pages.client
