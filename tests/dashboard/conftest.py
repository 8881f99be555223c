"""The pages over HTTP, on a real database, for the operator."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from dashboard.config import DashboardConfig
from store.postgres import PostgresBackend
from tests.support.dashboard import ServedPages, served_pages
from tests.support.operator import TOKEN, Operator


@pytest.fixture
def config(tmp_path: Path) -> DashboardConfig:
    """A dashboard on loopback with its folders under `tmp_path`."""
    (tmp_path / "public").mkdir(exist_ok=True)
    return DashboardConfig(
        admin_token=TOKEN,
        published=tmp_path / "public",
        data_dir=tmp_path / "var",
        logs={name: tmp_path / f"{name}-out.log" for name in ("scraper-alpha", "scraper-seq-light")},
        source="simulator",
    )


@pytest.fixture
def pages(backend: PostgresBackend, config: DashboardConfig) -> Iterator[ServedPages]:
    """The pages, served."""
    with served_pages(backend, config) as served:
        yield served


@pytest.fixture
def client(pages: ServedPages) -> httpx.Client:
    """A reader without a login."""
    return pages.client


@pytest.fixture
def operator(client: httpx.Client) -> Operator:
    """A logged-in person. `client` is logged in too."""
    return Operator(client)
