"""The site's addresses: GET /, /competicao/NAME[?jornada_in=N], /jogo/DAY-HOME-AWAY/ID."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from simulator import chance
from simulator.brands import load_leagues
from simulator.results import pages
from simulator.results.rounds import SITE, Rounds, league_named, path_of

HOST = "www.ogol.com.br"
NAME = SITE
"""Whose faults the site has (`/control/faults`, "bookmaker")."""

_COMPETITION = re.compile(r"/competicao/([a-z0-9-]+)")
_MATCH = re.compile(r"/jogo/[^/]*/(\d+)")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer before any fault. leagues: whom it is about; guarded: a client has to bring the cookie of the first
    page; empty: the same answer without a match; moved_to: where the page stands, for a redirect."""

    status: int
    body: bytes
    leagues: tuple[str, ...] = ()
    guarded: bool = False
    empty: bytes = b""
    moved_to: str = ""


def token_of(seed: int, generation: int) -> str:
    """The value of the cookie, valid until the generation changes."""
    return f"{chance.number('token', seed, NAME, generation):016x}"


def answer(rounds: Rounds, path: str, query: Mapping[str, str], time: int, generation: int) -> Reply:
    """The reply to a GET at `time` (world time, epoch s)."""
    if path == "/":
        return Reply(200, pages.home_page(token_of(rounds.seed, generation)))
    if found := _COMPETITION.fullmatch(path):
        return _round(rounds, found[1], query.get("jornada_in", ""), time)
    if found := _MATCH.fullmatch(path):
        match = rounds.match(int(found[1]))
        if match is not None:
            own = path_of(match, time)
            if path != own:
                return Reply(301, b"", (match.league,), moved_to=f"https://{HOST}{own}")
            return Reply(200, pages.match_page(rounds, match, time), (match.league,), guarded=True)
    return Reply(404, "<html><title>Página não encontrada</title></html>".encode())


def _round(rounds: Rounds, competition: str, asked: str, time: int) -> Reply:
    league = league_named(competition)
    if league is None:
        return Reply(404, "<html><title>Página não encontrada</title></html>".encode())
    latest = rounds.current(time) + 1
    # A round that it does not have, the site answers with the current one.
    number = int(asked) if asked.isdigit() and 1 <= int(asked) <= latest else rounds.current(time)
    name = load_leagues()[league]["name"]
    whole, none = (pages.round_page(rounds, league, name, number, time, empty=empty) for empty in (False, True))
    return Reply(200, whole, (league,), empty=none)
