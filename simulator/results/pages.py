"""The site's HTML, with the elements and classes that readers of the real one report (docs/results.md)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from simulator.clubs import Club
from simulator.fixtures import Fixture
from simulator.pages import SESSION_COOKIE
from simulator.results.play import Goal, Play, play_of
from simulator.results.rounds import Rounds, called, club_number, edition_of, page_id, path_of, slug

ZONE = ZoneInfo("America/Sao_Paulo")
ROUNDS_OFFERED = 40

_HEAD = """<!DOCTYPE html>
<html lang="pt-BR"><head><meta charset="utf-8"><title>{title} :: ogol.com.br</title>{more}
<script>window.dataLayer=[{{'site':'ogol','siteid':'{mark}'}}];</script></head>
<body class="zz"><header><a href="/"><img src="/img/logo.svg" alt="oGol"></a>
<nav><ul><li><a href="/competicoes">Competições</a><li><a href="/equipes">Equipes</a></ul></nav></header>
<div class="zz-container"><div class="zz-tpl has-childs-3"><div class="zz-tpl-main">
"""
_FOOT = "\n</div></div></div><footer>oGol - simulado / simulated</footer></body></html>\n"


def home_page(token: str) -> bytes:
    """The site's first page. Its script sets the cookie that lets a client in."""
    script = (
        f"<script>const backwards = {json.dumps(token[::-1])};"
        f'document.cookie = "{SESSION_COOKIE}=" + [...backwards].reverse().join("") + "; path=/; samesite=lax";'
        "</script>"
    )
    return (
        _HEAD.format(title="Futebol", more="", mark="home") + "<h1>Jogos de hoje</h1>" + script + _FOOT
    ).encode()


def round_page(rounds: Rounds, league: str, name: str, number: int, time: int, *, empty: bool = False) -> bytes:
    """The list of a round. `empty`: without a match, as a fault has it."""
    latest = rounds.current(time) + 1
    options = "".join(
        f'<option value="{each:02}"{" selected" if each == number else ""}>{each}</option>'
        for each in range(max(1, min(number, latest - ROUNDS_OFFERED)), max(latest, number) + 1)
    )
    rows, day = [], ""
    for match in [] if empty else rounds.matches(league, number):
        own_day = datetime.fromtimestamp(match.kickoff(time), ZONE).strftime("%d/%m")
        rows.append(_row(rounds, match, time, "" if own_day == day else own_day))
        day = own_day
    head = _HEAD.format(title=f"{escape(name)} - Rodada {number}", more="", mark=f"edicao_{edition_of(league)}")
    return f"""{head}<h1 class="zz-ty-page-main">{escape(name)}</h1>
<div id="page_submenu"><form name="form_edicao"><input type="hidden" name="id_edicao" value="{edition_of(league)}">
<input type="hidden" name="fase" value="{edition_of(league) + 50_000}">
<select name="jornada_in">{options}</select></form></div>
<div class="card-data"><div class="card-data__body"><h3 class="smallheader">RODADA {number}</h3>
<div id="fixture_games"><table class="zztable stats"><tbody>
{"".join(rows)}</tbody></table></div></div></div>
<div id="edition_table"><table class="zz-datatable"><tbody><tr><td>1<td><td>...</table></div>
{_FOOT}""".encode()


def _row(rounds: Rounds, match: Fixture, time: int, day: str) -> str:
    over = rounds.is_over(match, time)
    cell = f'<td class="{"result" if over else "vs"}">{_result(rounds, match, time, over=over)}</td>'
    return (
        f'<tr><td class="date">{day}</td><td class="text right">{_team(match.home)}</td><td>{_crest(match.home)}'
        f'{cell}<td>{_crest(match.away)}</td><td class="text">{_team(match.away)}</td><td>&nbsp;</td></tr>\n'
    )


def _result(rounds: Rounds, match: Fixture, time: int, *, over: bool) -> str:
    address = path_of(match, time)
    if not over:
        shown = datetime.fromtimestamp(match.kickoff(time), ZONE).strftime("%H:%M")
        return f'<a href="{address}">{shown}</a>'
    play = play_of(rounds.seed, match)
    shoot_out = "<span>({}-{} Pen.)</span>".format(*play.penalties) if play.penalties else ""
    mark = ' class="prol"' if play.extra_time else ""
    return f'<a{mark} href="{address}">{play.score[0]}-{play.score[1]}{shoot_out}</a>'


def _team(club: Club) -> str:
    return (
        f'<a href="/equipe/{slug(called(club))}/{club_number(club)}?epoca_id=155"><b>{escape(called(club))}</b></a>'
    )


def _crest(club: Club) -> str:
    return f'<img alt="" src="https://cdn-img.staticzz.com/img/logos/equipas/{club_number(club)}_imgbank.png">'


def match_page(rounds: Rounds, match: Fixture, time: int) -> bytes:
    """The page of a match: to come, or over."""
    over = rounds.is_over(match, time)
    play = play_of(rounds.seed, match)
    at = datetime.fromtimestamp(match.kickoff(time), ZONE)
    canonical = f'<link rel="canonical" href="https://www.ogol.com.br{path_of(match, time)}">'
    title = f"{escape(called(match.home))} x {escape(called(match.away))}"
    head = _HEAD.format(title=title, more=canonical, mark=f"jogo_{page_id(match)}")
    scorers = _scorers(play.goals, 0, "right") + _scorers(play.goals, 1, "left") if over else ""
    return f"""{head}<div class="match-header">
{_header_team(match.home, "right")}
<div class="match-header-vs">{_result(rounds, match, time, over=over)}</div>
{_header_team(match.away, "left")}
{scorers}</div>
<div class="dateauthor">{at:%d-%m-%Y} {at:%H:%M}</div>
{_bars(play) if over and rounds.has_statistics(match, time) else ""}
{_line_ups(match, play) if over else ""}
{_around(match, play) if over else ""}
{_FOOT}""".encode()


def _header_team(club: Club, place: str) -> str:
    return (
        f'<div class="match-header-team {place}"><div class="match-header-team-logo">{_crest(club)}</div>'
        f'<div class="match-header-team-name"><a href="/equipe/{slug(called(club))}/{club_number(club)}">'
        f"{escape(called(club))}</a></div></div>"
    )


def _scorers(goals: Iterable[Goal], side: int, place: str) -> str:
    shown = "".join(
        f'<a href="/jogador/{slug(goal.scorer)}/{number + 1}">{escape(goal.scorer)}</a> '
        f'<span class="time">{goal.shown}</span> '
        for number, goal in enumerate(goals)
        if goal.side == side
    )
    return f'<div class="match-header-scorers {place}">{shown}</div>'


def _bars(play: Play) -> str:
    figures = {"Posse de Bola": (f"{play.possession} %", f"{100 - play.possession} %"), **play.figures}
    bars = "".join(
        f'<div class="graph-bar"><div class="bar-header"><div class="num">{home}</div>'
        f'<div title="{label}" class="bars-title">{label}</div><div class="num">{away}</div></div></div>\n'
        for label, (home, away) in figures.items()
    )
    return f'<div class="card-data"><h2>Estatísticas</h2>{bars}</div>'


def _line_ups(match: Fixture, play: Play) -> str:
    columns = "".join(
        f'<div class="zz-tpl-col is-6 fl-c"><div class="subtitle">{escape(called(club))}</div>'
        f"{_players(play, side)}</div>"
        for side, club in enumerate((match.home, match.away))
    )
    return (
        f'<div id="game_report" class="card-data__body"><div class="zz-tpl-row game_report">{columns}</div></div>'
    )


def _players(play: Play, side: int) -> str:
    cards = [(minute, red) for own, minute, red in play.cards if own == side]
    return "".join(
        f'<div class="player fl-r-cen"><div class="number fls-0">{number}</div><div class="name"><div class="text">'
        f'<a href="/jogador/jogador-{number}/{number}">Jogador {number}</a></div></div>'
        f'<div class="events">{_card(*cards[number - 1]) if number <= len(cards) else ""}</div></div>'
        for number in range(1, 12)
    )


def _card(minute: int, red: bool) -> str:
    title, colour = ("Vermelhos", "red") if red else ("Amarelos", "yellow")
    return f'<span title="{title}" class="icn_zerozero {colour}">R</span><div>{minute}\'</div>'


def _around(match: Fixture, play: Play) -> str:
    attendance = f"{play.attendance:,}".replace(",", ".")
    return (
        f'<div class="card-data"><h2>Estádio</h2><div id="stadium"><div class="name">'
        f'<a href="/estadio/{slug(match.home.name)}/1">Estádio {escape(match.home.name)}</a></div></div></div>'
        f'<div class="card-data"><h2>Árbitro</h2><a href="/arbitro/{slug(play.referee)}/1">{play.referee}</a></div>'
        f"<div>{attendance} espectadores</div>"
    )
