"""Coverage: who is expected to list a match, who misses it, and of whom nothing is known."""

from __future__ import annotations

from typing import Any

import orjson

from board.changes import Changes
from board.coverage import CoverageMaker
from board.records import Description, HeldPrice, League, Match
from board.state import Board, Part
from tests.board.sketch import LIMITS, NOW, head, offer, schema, written

HOUR = 3600
HOUSES = {1: "kto", 2: "betano", 3: "novibet", 4: "stake"}


class World:
    """Four houses of four families, two leagues; nobody lists anything yet."""

    def __init__(self, declared: dict[str, list[str]] | None = None) -> None:
        self.board = Board(
            now=NOW,
            leagues={key: League(key, key.title(), "Brazil", "football") for key in ("liga", "copa")},
        )
        self.board.set_heads({number: head(number, slug, family=slug) for number, slug in HOUSES.items()})
        for number in HOUSES:
            self.board.set_part(number, Part(seq=1, scopes={number: NOW - 5}))
        self.maker = CoverageMaker(LIMITS, declared or {}, simulated=True)

    def match(self, match_id: int, league: str | None, *houses: int, starts_in: float = HOUR) -> None:
        """A match, and who prices it."""
        at = int(NOW + starts_in)
        self.board.set_match(
            match_id, Match(match_id, "football", league, "", "", f"Casa {match_id}", f"Fora {match_id}", at)
        )
        for number in houses:
            self.list(match_id, number)

    def list(self, match_id: int | None, number: int, *, price: float | None = 2.0, event: int = 0) -> None:
        """A house lists a match (None: which one is not decided), with a price unless it is None."""
        event_id = number * 100 + (match_id or event)
        self.board.describe(number, event_id, Description(f"e{event_id}", match_id, False, "", "", int(NOW) + HOUR))
        if price is not None:
            what = self.board.offers.number(offer("match_result", "home"))
            self.board.put(number, event_id, HeldPrice(event_id, what, number, price, None, 0.0, NOW - 60))

    def round(self) -> bool:
        """One round; whether the document says something else."""
        return self.maker.update(self.board, self.board.take_changes())

    def document(self) -> dict[str, Any]:
        """The document as of now, checked against its schema."""
        self.round()
        [feed] = self.maker.feeds(self.board)
        answer: dict[str, Any] = orjson.loads(written(feed)[0])
        schema("coverage").validate(answer)
        return answer

    def misses(self) -> dict[str, int]:
        """Absences of each house that is known to list anything, in the order of the document."""
        return {row["slug"]: row["missing"] for row in self.document()["bookmakers"] if not row["no_data"]}

    def missed(self) -> dict[int, list[str]]:
        """By match: who misses it."""
        return {row["match_id"]: row["missing"] for row in self.document()["missed"]}


def test_whoever_lists_a_league_is_expected_to_list_its_matches() -> None:
    world = World()
    world.match(1, "liga", 1, 2, 3)
    world.match(2, "liga", 1, 2)
    world.match(3, "liga", 1, 3)
    world.match(4, "copa", 1, 2)
    assert world.missed() == {2: ["novibet"], 3: ["betano"]}, "novibet lists no cup, stake lists nothing"
    assert world.misses() == {"betano": 1, "novibet": 1, "kto": 0, "stake": 0}
    answer = world.document()
    assert [(row["key"], row["matches"], row["bookmakers"], row["missing"]) for row in answer["leagues"]] == [
        ("liga", 3, 3, 2),
        ("copa", 1, 2, 0),
    ]
    assert answer["leagues"][0]["by_bookmaker"] == [
        {"slug": "betano", "missing": 1},
        {"slug": "novibet", "missing": 1},
    ]
    kto = next(row for row in answer["bookmakers"] if row["slug"] == "kto")
    assert (kto["expected"], kto["listed"]) == (4, 4)
    assert [row["key"] for row in kto["leagues"]] == ["copa", "liga"]


def test_a_declared_league_is_expected_even_of_who_lists_none_of_it() -> None:
    world = World({"stake": ["copa"], "nobody": ["liga"]})
    world.match(1, "copa", 1, 2)
    world.match(2, "copa", 1, 2)
    assert world.missed() == {1: ["stake"], 2: ["stake"]}
    assert next(iter(world.misses().items())) == ("stake", 2), "who misses most comes first"


def test_one_family_alone_may_be_wrong_and_a_league_without_a_name_says_nothing() -> None:
    world = World()
    world.match(1, "liga", 1, 2, 3)
    world.match(2, "liga", 1)
    world.match(3, None, 1, 2)
    assert world.missed() == {}
    world.board.set_heads({**world.board.heads, 2: head(2, "betano", family="kto")})
    world.match(4, "liga", 1, 2)
    assert world.missed() == {}, "kto and betano are one family now"


def test_a_silent_house_has_no_data_and_misses_nothing() -> None:
    world = World()
    world.match(1, "liga", 1, 2, 3)
    world.match(2, "liga", 1, 2)
    assert world.missed() == {2: ["novibet"]}
    world.board.set_heads({**world.board.heads, 3: head(3, "novibet", family="novibet", status="error")})
    assert world.missed() == {}
    last = world.document()["bookmakers"][-1]
    assert (last["slug"], last["no_data"], last["expected"], last["missing"]) == ("novibet", True, 0, 0)


def test_what_was_seen_too_long_ago_is_neither_listed_nor_missing() -> None:
    world = World()
    world.match(1, "liga", 1, 2, 3)
    world.match(2, "liga", 1, 2, 3)
    world.document()
    world.board.set_scopes(3, {3: NOW - 1000})
    assert world.round()
    row = next(row for row in world.document()["bookmakers"] if row["slug"] == "novibet")
    assert (row["expected"], row["listed"], row["unpriced"], row["missing"]) == (2, 0, 0, 0)


def test_a_match_without_an_open_price_is_not_missing() -> None:
    world = World()
    world.match(1, "liga", 1, 2, 3)
    world.match(2, "liga", 1, 2)
    world.list(2, 3, price=None)
    assert world.missed() == {}
    row = next(row for row in world.document()["bookmakers"] if row["slug"] == "novibet")
    assert (row["expected"], row["listed"], row["unpriced"]) == (2, 1, 1)


def test_events_whose_match_is_not_decided_are_told() -> None:
    world = World()
    world.match(1, "liga", 1, 2, 3)
    world.match(2, "liga", 1, 2)
    world.list(None, 3, event=77)
    assert world.missed() == {2: ["novibet"]}
    row = next(row for row in world.document()["bookmakers"] if row["slug"] == "novibet")
    assert row["unmatched"] == 1


def test_rounds_follow_who_lists_and_not_what_it_costs() -> None:
    world = World()
    world.match(1, "liga", 1, 2, 3)
    world.match(2, "liga", 1, 2, starts_in=HOUR / 2)
    assert world.round()
    assert not world.round()
    world.list(1, 1, price=2.2)
    assert not world.round(), "another price, the same coverage"
    assert world.missed() == {2: ["novibet"]}
    world.board.now = NOW + HOUR / 2
    for number in HOUSES:
        world.board.set_scopes(number, {number: world.board.now})
    assert world.maker.update(world.board, Changes()), "kicked off"
    assert world.missed() == {}
    world.board.set_match(1, None)
    assert world.round()
    assert world.document()["leagues"] == []
