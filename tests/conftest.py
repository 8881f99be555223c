"""What every test may use."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["tests.support.postgres", "tests.support.postgrest"]

# How long something takes is measured in bench/. The same tree gives the same verdict every time; what chance finds
# is looked for with `pytest --hypothesis-profile=explore`.
settings.register_profile("fleet", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, derandomize=False, max_examples=1000)
settings.load_profile("fleet")

ONE_AFTER_THE_OTHER = {"test_alerts", "test_faults", "test_make", "test_modes"}
"""Of tests/fleet: those that say something about time, or start a whole fleet."""

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-expected",
        action="store_true",
        help="write what the parsers say now into the recordings' expectations",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each file of tests/fleet stays with one worker, and some of them together, one after the other.

    Groups are begun before all other tests, so both workers end at about the same time.
    """
    for item in items:
        if item.path.parent.name == "fleet":
            together = item.path.stem in ONE_AFTER_THE_OTHER
            item.add_marker(pytest.mark.xdist_group("fleet" if together else item.path.stem))


@pytest.fixture
def update_expected(request: pytest.FixtureRequest) -> bool:
    """Whether expectations are to be rewritten instead of compared."""
    return bool(request.config.getoption("--update-expected"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference material beside the repository; skips where there is none."""
    if not SHARED.is_dir():
        pytest.skip("no reference material beside the repository")
    return SHARED
