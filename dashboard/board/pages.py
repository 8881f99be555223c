"""`/` and `/match/<id>`: odds side by side, kept up to date while the page is open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from board.feed import UNKNOWN_LEAGUE
from board.history import read_selection
from board.orientation import Offer
from dashboard.board.cards import Card, card_of
from dashboard.board.filters import BoardFilter, read_filter
from dashboard.board.movement import HEIGHT, WIDTH, draw
from dashboard.board.offers import offer_query, read_offer
from dashboard.board.words import section_title, selection_text
from dashboard.database import Answer
from dashboard.errors import NotFound
from dashboard.site import Site, site_of
from scrapers.records import Sport

CARDS = 20
"""Matches on one page."""
MAX_AGE_S = 5.0
"""Readers who ask within this get one answer of the database."""
MAX_HAVE = 200
HOURS = (6, 24, 72, 240)
"""How far back the chart of a selection may go."""


class LeagueChoice(NamedTuple):
    """A league in the filter. key: as in the address; chosen: whether the board shows only such."""

    key: str
    name: str
    country: str
    matches: int
    chosen: bool


async def board(request: Request) -> Response:
    """Matches to come, by kick-off, as the address filters them."""
    site, shown = site_of(request), read_filter(request.query_params.multi_items())
    found = await _page(site, shown)
    answer, cards = found.value, _cards(found, shown.sport)
    return site.templates.page(
        request,
        "board/board.html",
        {
            **_words(request),
            "shown": shown,
            "sports": [(sport, shown.of_sport(sport).address()) for sport in Sport],
            "cards": cards,
            "leagues": _league_choices(answer["leagues"], shown),
            "bookmakers": answer["bookmakers"],
            "next_page": _next_page(cards, shown) if answer["more"] else None,
            "live": shown.address("/board/live"),
            "moved": True,
            "now": answer["now"],
            "stale": found,
        },
    )


async def board_live(request: Request) -> Response:
    """What is different of the matches that the page has: `have` names each with its digest ("12.3fa0...").

    Cards that read otherwise come whole, to be put in place of the old ones; of all others only the times of sight.
    Where other matches stand on the page now, all cards come.
    """
    site, shown = site_of(request), read_filter(request.query_params.multi_items())
    have = dict(_read_have(text) for text in request.query_params.getlist("have")[:MAX_HAVE])
    found = await _page(site, shown)
    cards = _cards(found, shown.sport)
    moved = [str(card.match_id) for card in cards] != list(have)
    changed = [card for card in cards if have.get(str(card.match_id)) != card.digest]
    context = {
        **_words(request),
        "moved": moved,
        "cards": cards if moved else changed,
        "seen": orjson.dumps(_seen(cards)).decode(),
        "now": found.value["now"],
    }
    text = site.templates.text(request, "board/changes.html", context)
    return HTMLResponse(text, headers={"cache-control": "no-store"})


async def match(request: Request) -> Response:
    """Everything offered on one match; with a selection in the address, what its prices did. Raises NotFound."""
    site = site_of(request)
    found = await site.database.read(
        "board_match",
        {"p_match_id": request.path_params["match_id"], "p_max_age_s": site.config.price_max_age_s},
        max_age_s=MAX_AGE_S,
    )
    described = found.value["match"]
    if described is None:
        raise NotFound
    league = BoardFilter(described["sport"], (described["league_key"] or UNKNOWN_LEAGUE,))
    return site.templates.page(
        request,
        "board/match.html",
        {
            **_words(request),
            "card": card_of(described, found.value, described["sport"]),
            "league_address": league.address(),
            "movement": await _movement(request, found.value["now"]),
            "now": found.value["now"],
            "stale": found,
        },
    )


async def _movement(request: Request, now: float) -> dict[str, Any] | None:
    """What the prices of the selection in the address did; None where it names none."""
    offer = read_offer(request.query_params)
    if offer is None:
        return None
    site, match_id = site_of(request), request.path_params["match_id"]
    hours = next((each for each in HOURS if str(each) == request.query_params.get("hours")), HOURS[1])
    since = now - hours * 3600
    history = await site.database.run(
        "match_history", lambda backend: read_selection(backend, match_id, offer, since=since)
    )
    if history is None:
        return None
    wording = site.templates.wording(request)
    section = section_title(wording, offer.market, offer.period, offer.line)
    return {
        "title": f"{section}: {selection_text(wording, offer.market, offer.selection, offer.line, offer.side)}",
        "drawing": draw(history, now=now, hours=hours),
        "history": history,
        "hours": hours,
        "choices": HOURS,
        "width": WIDTH,
        "height": HEIGHT,
    }


async def _page(site: Site, shown: BoardFilter) -> Answer:
    return await site.database.read(
        "board_page",
        {
            "p_filter": shown.as_json(),
            "p_after": None if shown.after is None else list(shown.after),
            "p_limit": CARDS,
            "p_max_age_s": site.config.price_max_age_s,
        },
        max_age_s=MAX_AGE_S,
    )


def _words(request: Request) -> dict[str, Any]:
    """How templates name bets in the reader's language."""
    wording = site_of(request).templates.wording(request)
    return {
        "section_title": lambda section: section_title(wording, section.market, section.period, section.line),
        "selection_text": lambda section, row: selection_text(
            wording, section.market, row.selection, section.line, row.side
        ),
        "movement_query": lambda section, row: offer_query(
            Offer(section.market, section.period, section.line, row.selection, row.rules, row.side)
        ),
    }


def _cards(found: Answer, sport: str) -> list[Card]:
    return [card_of(match, found.value, sport) for match in found.value["matches"]]


def _seen(cards: Sequence[Card]) -> dict[str, float]:
    """When each column of each card was last seen: {"<match id>.<slug>": seconds since the epoch}."""
    return {
        f"{card.match_id}.{column.slug}": card.seen_at(column.slug)
        for card in cards
        for column in card.grid.columns
    }


def _read_have(text: str) -> tuple[str, str]:
    match_id, _, digest = text.partition(".")
    return match_id, digest


def _next_page(cards: Sequence[Card], shown: BoardFilter) -> str:
    return shown.beyond(cards[-1].starts_at, cards[-1].match_id).address()


def _league_choices(rows: Sequence[Sequence[Any]], shown: BoardFilter) -> list[LeagueChoice]:
    return [
        LeagueChoice(
            key or UNKNOWN_LEAGUE, name or "", country or "", matches, (key or UNKNOWN_LEAGUE) in shown.leagues
        )
        for key, name, country, matches in rows
    ]
