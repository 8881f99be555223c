"""Kinds of jobs and their schedules, as declared."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.queue.kinds import JobKind, by_name
from jobs.queue.schedules import next_time
from scrapers.errors import DeclarationError
from standalone.settings import Settings
from standalone.shared_resources import SharedResources
from standalone.workers.fixtures_job import DAILY, fixtures_cron
from standalone.workers.job_kinds import declared_kinds
from tests.support.job_worker import echo


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Import"},
        {"name": ""},
        {"queue": "a b"},
        {"retries": -1},
        {"timeout_s": 0},
        {"cron": "soon"},
        {"cron": "* * * * * *"},
        {"cron": "61 * * * *"},
        {"cron": "0 0 31 2 *"},
    ],
)
def test_a_wrong_declaration_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(DeclarationError):
        JobKind(**{"name": "import", "handler": echo, **wrong})  # type: ignore[arg-type]


def test_no_two_kinds_of_one_name() -> None:
    kind = JobKind("import", echo)
    assert by_name([kind]) == {"import": kind}
    with pytest.raises(DeclarationError):
        by_name([kind, kind])


@given(st.floats(0, 4e9), st.sampled_from(["15 7 * * *", "*/5 * * * *", "0 0 1 1 *", "30 12 * * 1-5"]))
def test_the_next_time_is_a_whole_minute_in_the_future(after: float, cron: str) -> None:
    following = next_time(cron, after)
    assert following > after
    assert following % 60 == 0


def test_schedules_are_in_utc() -> None:
    after = datetime(2026, 11, 22, 7, 15, tzinfo=UTC).timestamp()
    assert next_time("15 7 * * *", after) == datetime(2026, 11, 23, 7, 15, tzinfo=UTC).timestamp()


def settings(**values: object) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[arg-type,call-arg]


def test_fixtures_are_imported_daily_where_the_provider_can_be_asked() -> None:
    assert fixtures_cron(settings()) is None
    assert fixtures_cron(settings(odds_source="live")) is None
    assert fixtures_cron(settings(odds_source="live", sportmonks_token="x")) == DAILY
    assert fixtures_cron(settings(fixtures_cron="0 1 * * *")) == "0 1 * * *"


def test_the_fleets_kinds_are_sound() -> None:
    kinds = by_name(declared_kinds(SharedResources(settings())))
    assert "import_fixtures" in kinds
