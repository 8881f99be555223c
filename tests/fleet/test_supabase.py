"""The whole path over Supabase's API alone: supabase-py in the scraper, and the feed in Supabase Storage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import orjson
import pytest

from tests.support.postgres import TestServer
from tests.support.postgrest import Project, key_of
from tests.support.scraping import Workplace, until, workplace

pytestmark = pytest.mark.fleet


@pytest.fixture
def place(postgres_server: TestServer, tmp_path: Path) -> Iterator[Workplace]:
    with workplace(postgres_server, tmp_path) as place:
        yield place


def test_from_a_page_to_a_published_feed(place: Workplace, supabase_project: Project) -> None:
    url = supabase_project.url_of(place.url)
    supabase = {
        "DATABASE_URL": "",
        "SUPABASE_URL": url,
        "SUPABASE_SERVICE_ROLE_KEY": key_of("service_role"),
    }
    published = f"{url}/storage/v1/object/public/odds/odds.json"
    with (
        place.scraper("kto", interval=2, **supabase) as kto,
        place.scraper("br4bet_nba", interval=2, **supabase) as nba,
        place.start("run_json_generator.py", **supabase) as generator,
    ):
        for slug in ("kto", "br4bet_nba"):
            until(
                lambda slug=slug: len(place.cycles(slug)) >= 3,
                what=lambda: (kto.messages(), nba.messages()),
            )
            status = place.status(slug)
            assert (status["computed_status"], status["outcome"]) == ("ok", "ok")
            assert status["odds_inserted"] > 0

        def shared_matches() -> list[object]:
            answer = httpx.get(published, trust_env=False)
            if answer.status_code != 200:
                return []
            assert answer.headers["cache-control"] == "max-age=0"
            return [
                match
                for match in orjson.loads(answer.content)["matches"]
                if {"kto", "br4bet_nba"}
                <= {
                    price["bookmaker"]
                    for market in match["markets"]
                    for selection in market["selections"]
                    for price in selection["prices"]
                }
            ]

        assert until(shared_matches, what=generator.messages)
        for process in (kto, nba, generator):
            process.stop()
    assert place.rows("select count(*)::int as n from price_history") != [{"n": 0}]
    everything = kto.messages() + nba.messages() + generator.messages()
    assert key_of("service_role") not in everything
