"""What pages are made of: words in two languages, curves, and a database that is asked off the event loop."""

from __future__ import annotations

import asyncio
import re
import string
import threading
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts import chart, round_values, spark
from dashboard.database import Database
from dashboard.wording import FOLDER, LANGUAGES, Wording, phrases
from scrapers.errors import StoreError, StoreUnavailableError
from scrapers.records import Outcome

ZONE = ZoneInfo("America/Sao_Paulo")
PORTUGUESE, ENGLISH = (Wording(language, ZONE) for language in LANGUAGES)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_say_the_same_things() -> None:
    pt, en = (phrases(language) for language in LANGUAGES)
    assert len(pt) > 300
    assert set(pt) == set(en)
    assert {key: fields(pt[key]) for key in pt} == {key: fields(en[key]) for key in en}
    assert [key for key, text in [*pt.items(), *en.items()] if not text.strip()] == []
    for language in LANGUAGES:
        for path in (FOLDER / language).glob("*.json"):
            keys = re.findall(r'^  "([^"]+)":', path.read_text(), re.MULTILINE)
            assert len(keys) == len(orjson.loads(path.read_bytes())), f"{path}: a key stands twice"


def test_every_outcome_has_a_word() -> None:
    assert [outcome for outcome in Outcome if not PORTUGUESE.has(f"outcome.{outcome}")] == []
    assert PORTUGUESE.word("outcome", "one_of_tomorrow") == "one_of_tomorrow"


def test_numbers_and_times() -> None:
    assert (PORTUGUESE.number(1234567.891, 2), ENGLISH.number(1234567.891, 2)) == ("1.234.567,89", "1,234,567.89")
    assert (PORTUGUESE.percent(0.5), ENGLISH.percent(None)) == ("50%", "–")
    assert [PORTUGUESE.age(s) for s in (0.4, 119, 120, 7199, 7200, 172800, None)] == [
        "0 s", "119 s", "2 min", "120 min", "2 h", "2 d", "–",
    ]  # fmt: skip
    assert PORTUGUESE.moment("2026-11-22T02:30:00+00:00") == "sáb 21/11 23:30"
    assert ENGLISH.moment("2026-11-22T02:30:00+00:00") == "Sat 21 Nov 23:30"
    assert [ENGLISH.bytes(n) for n in (512, 20_000, 3_400_000, 2e9)] == ["512 B", "20 kB", "3.4 MB", "2.0 GB"]


values = st.lists(st.none() | st.floats(0, 1e9), min_size=1, max_size=60)


@given(values)
def test_a_curve_stays_in_its_box_and_its_gaps_stay_empty(found: list[float | None]) -> None:
    curve = spark(found, [value is None for value in found])
    points = [(float(x), float(y)) for x, y in re.findall(r"[ML]([\d.e+-]+) ([\d.e+-]+)", curve.path)]
    assert all(-0.1 <= x <= 120.1 and 0 <= y <= 26 for x, y in points)
    assert curve.path.count("M") == sum(
        value is not None and (index == 0 or found[index - 1] is None) for index, value in enumerate(found)
    )
    assert len(curve.marks) == found.count(None)


@given(st.just(0.0) | st.floats(1e-6, 1e12))
def test_axes_reach_the_highest_value_in_few_round_steps(highest: float) -> None:
    rows = round_values(highest)
    assert rows[0] == 0
    assert rows[-1] >= highest * (1 - 1e-6)
    assert len(rows) <= 6
    drawn = chart([highest], [False], [0.5], begins=0, ends=1)
    assert all(0 <= row.at <= drawn.bottom for row in drawn.rows)


class Slow:
    """A backend whose calls wait for `go`, and fail while `broken`."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.calls = 0
        self.broken = False

    def call(self, function: str, args: Any) -> Any:
        self.calls += 1
        self.go.wait(10)
        if self.broken:
            raise StoreUnavailableError("gone")
        return self.calls

    def close(self) -> None:
        """Nothing to close."""


def test_readers_share_one_call_and_keep_its_answer() -> None:
    asyncio.run(_readers_share_one_call(Slow()))


async def _readers_share_one_call(slow: Slow) -> None:
    database = Database(slow)
    asking = [asyncio.ensure_future(database.read("f", {"p": 1}, max_age_s=60)) for _ in range(5)]
    await asyncio.sleep(0)
    slow.go.set()
    assert {answer.value for answer in await asyncio.gather(*asking)} == {1}
    assert (await database.read("f", {"p": 1}, max_age_s=60)).value == 1
    assert (await database.read("f", {"p": 2}, max_age_s=60)).value == 2
    assert (await database.read("f", {"p": 1}, max_age_s=-1)).value == 3
    slow.broken = True
    kept = await database.read("f", {"p": 1}, max_age_s=-1)
    assert (kept.value, str(kept.failure)) == (3, "gone")
    database.forget()
    with pytest.raises(StoreUnavailableError):
        await database.read("f", {"p": 1}, max_age_s=60)
    database.close()


def test_a_call_that_hangs_is_given_up() -> None:
    slow = Slow()
    database = Database(slow, deadline_s=0.05)
    with pytest.raises(StoreError, match=r"f: no answer within 0\.05 s"):
        asyncio.run(database.call("f", {}))
    slow.go.set()
    database.close()
