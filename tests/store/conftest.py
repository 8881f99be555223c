"""What the tests of the catalogue's functions share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from store.postgres import PostgresBackend
from tests.support.clubs import Clubs, open_clubs


@pytest.fixture
def clubs(backend: PostgresBackend, database_url: str) -> Iterator[Clubs]:
    """Four houses on a fresh database, and what a person does to the clubs that they list."""
    with open_clubs(backend, database_url) as clubs:
        yield clubs
