"""The lists made of changes, one after the other, are those made of the final board at once; readers take them."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from board.changes import Changes
from board.coverage import CoverageMaker
from board.derived import Maker
from board.duplo_green import DuploGreenMaker
from board.duplo_green import Settings as DuploGreenSettings
from board.records import Description, HeldPrice, League, Match
from board.state import Board, Part
from board.value import Settings as ValueSettings
from board.value import ValueMaker
from standalone.settings import ROOT
from tests.board.sketch import LIMITS, NOW, head, offer, written

FEED = ROOT / "docs" / "feed"
HOUSES = tuple(range(1, 9))
MATCHES = (1, 2)
OFFERS = (
    *(offer("match_result", word) for word in ("home", "draw", "away")),
    *(offer("match_result", word, rules="early_payout") for word in ("home", "draw", "away")),
    *(offer("totals", word, 2.5) for word in ("over", "under")),
    offer("match_result", "home", rules="boosted"),
    offer("match_result", "draw", side="lay"),
)
FAIR = (2.0, 3.2, 4.0, 1.95, 3.2, 3.9, 1.9, 1.9, 2.2, 3.6)

Step = Callable[[Board], None]
houses, matches, numbers = st.sampled_from(HOUSES), st.sampled_from(MATCHES), st.integers(0, len(OFFERS) - 1)


def put(house: int, match_id: int, number: int, price: float) -> Step:
    def step(board: Board) -> None:
        key = house * 1000 + match_id * 100 + number
        held = HeldPrice(key, board.offers.number(OFFERS[number]), house, round(price, 2), None, 0.0, NOW - 60)
        board.put(house, house * 10 + match_id, held)

    return step


def whole(house: int, match_id: int, about: float) -> Step:
    """A house lists a match and all its offers, about that much above or below what is fair."""

    def step(board: Board) -> None:
        event = Description(f"e{match_id}", match_id, False, "", "", int(NOW) + 3600)
        board.describe(house, house * 10 + match_id, event)
        for number, price in enumerate(FAIR):
            put(house, match_id, number, price * about)(board)

    return step


def remove(house: int, match_id: int, number: int) -> Step:
    key = house * 1000 + match_id * 100 + number
    return lambda board: board.remove(house, house * 10 + match_id, key, board.offers.number(OFFERS[number]))


def stands(house: int, status: str, family: str) -> Step:
    return lambda board: board.set_heads(
        {**board.heads, house: head(house, f"casa_{house}", status=status, family=family)}
    )


def seen(house: int, age: float) -> Step:
    return lambda board: board.set_scopes(house, {house: board.now - age})


def later(seconds: float) -> Step:
    def step(board: Board) -> None:
        board.now += seconds

    return step


def moved(match_id: int, starts_in: int) -> Step:
    def step(board: Board) -> None:
        board.set_match(match_id, _match(match_id, int(NOW) + starts_in))

    return step


def forgotten(match_id: int) -> Step:
    return lambda board: board.set_match(match_id, None)


def _match(match_id: int, starts_at: int) -> Match:
    return Match(match_id, "football", "liga", "Liga", "Brazil", f"Casa {match_id}", f"Fora {match_id}", starts_at)


factors = st.floats(0.93, 1.08)
steps = st.one_of(
    st.builds(lambda *a: put(*a[:3], FAIR[a[2]] * a[3]), houses, matches, numbers, factors),
    st.builds(lambda *a: put(*a[:3], FAIR[a[2]] * a[3]), houses, matches, numbers, factors),
    st.builds(whole, houses, matches, factors),
    st.builds(remove, houses, matches, numbers),
    st.builds(stands, houses, st.sampled_from(["ok", "warning", "error"]), st.sampled_from(["", "", "mesa"])),
    st.builds(seen, houses, st.sampled_from([5.0, 1000.0])),
    st.builds(later, st.sampled_from([1.0, 100.0, 2000.0])),
    st.builds(moved, matches, st.sampled_from([3600, 10, 9000])),
    st.builds(forgotten, matches),
)

MAKERS: dict[str, Callable[[], Maker]] = {
    "duplo green": lambda: DuploGreenMaker(LIMITS, DuploGreenSettings(hours=2), simulated=True),
    "value": lambda: ValueMaker(LIMITS, ValueSettings(), simulated=True),
    "coverage": lambda: CoverageMaker(LIMITS, {"casa_8": ["liga"]}, simulated=True),
}


def world() -> Board:
    """Eight houses that list two matches at usual prices."""
    board = Board(now=NOW, leagues={"liga": League("liga", "Liga", "Brazil", "football")})
    board.set_heads({number: head(number, f"casa_{number}", family="") for number in HOUSES})
    for number in HOUSES:
        board.set_part(number, Part(seq=1, scopes={number: NOW - 5}))
    for match_id in MATCHES:
        board.set_match(match_id, _match(match_id, int(NOW) + 3600))
        for number in HOUSES:
            whole(number, match_id, 0.97)(board)
    return board


@pytest.mark.parametrize("name", MAKERS)
@settings(max_examples=60, deadline=None)
@given(rounds=st.lists(st.lists(steps, max_size=3), max_size=12))
def test_following_and_beginning_anew_say_the_same(name: str, rounds: list[list[Step]]) -> None:
    board, maker = world(), MAKERS[name]()
    maker.update(board, board.take_changes())
    for round_steps in rounds:
        before = [feed.content_hash for feed in maker.feeds(board)]
        for step in round_steps:
            step(board)
        different = maker.update(board, board.take_changes())
        anew = MAKERS[name]()
        anew.update(board, Changes())
        assert [feed.head for feed in maker.feeds(board)] == [feed.head for feed in anew.feeds(board)]
        now = [feed.content_hash for feed in maker.feeds(board)]
        assert different or now == before, "what is new is told"


def test_the_steps_find_something() -> None:
    board = world()
    for step in (whole(1, 1, 1.08), whole(2, 2, 1.06)):
        step(board)
    for name, key in (("duplo green", "duplo_greens"), ("value", "values")):
        maker = MAKERS[name]()
        maker.update(board, Changes())
        assert maker.feeds(board)[0].head[key], name


def test_the_readers_take_the_lists() -> None:
    board, documents = world(), []
    for make in MAKERS.values():
        maker = make()
        maker.update(board, Changes())
        documents += [orjson.loads(written(feed)[0]) for feed in maker.feeds(board)]
    spec = importlib.util.spec_from_file_location("read_odds", FEED / "read_odds.py")
    assert spec is not None
    assert spec.loader is not None
    reader = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reader)
    script = """
        import { check } from "./read_odds.mjs";
        let text = "";
        for await (const piece of process.stdin) text += piece;
        for (const document of JSON.parse(text)) check(document, { simulated: true, now: Number(process.argv[1]) });
    """
    node = shutil.which("node")
    assert node is not None, "PM2 needs it, so it is there"
    command = [node, "--input-type=module", "--eval", script, str(NOW * 1000)]
    subprocess.run(command, cwd=FEED, input=orjson.dumps(documents), check=True, timeout=30)
    for document in documents:
        reader.check(document, simulated=True, now=datetime.fromtimestamp(NOW, UTC))
        with pytest.raises(reader.FeedError):
            reader.check(document | {"version": 99}, simulated=True, now=datetime.fromtimestamp(NOW, UTC))
