"""`/admin/matching`: who is who. What waits for a verdict, the verdicts so far, and the catalogue they change."""

from __future__ import annotations

from starlette.routing import Route

from dashboard.admin.matching import catalogue, duplicates, reviews, spellings, waiting
from dashboard.admin.matching.addresses import PATH

routes = [
    Route(PATH, waiting.list_page),
    Route(f"{PATH}/event/{{event_id:int}}", waiting.event_page),
    Route(f"{PATH}/event/{{event_id:int}}", waiting.judge, methods=["POST"]),
    Route(f"{PATH}/spellings", spellings.list_page),
    Route(f"{PATH}/spellings/{{alias_id:int}}", spellings.judge, methods=["POST"]),
    Route(f"{PATH}/duplicates", duplicates.list_page),
    Route(f"{PATH}/duplicates", duplicates.judge, methods=["POST"]),
    Route(f"{PATH}/reviews", reviews.list_page),
    Route(f"{PATH}/reviews/{{review_id:int}}", reviews.effects_page),
    Route(f"{PATH}/reviews/{{review_id:int}}/undo", reviews.undo, methods=["POST"]),
    Route(f"{PATH}/teams", catalogue.teams_page),
    Route(f"{PATH}/teams/{{team_id:int}}", catalogue.team_page),
    Route(f"{PATH}/teams/{{team_id:int}}", catalogue.edit_team, methods=["POST"]),
    Route(f"{PATH}/teams/{{team_id:int}}/spellings", catalogue.add_spelling, methods=["POST"]),
    Route(f"{PATH}/leagues", catalogue.leagues_page),
    Route(f"{PATH}/leagues/{{league_key}}", catalogue.edit_league, methods=["POST"]),
    Route(f"{PATH}/bookmakers", catalogue.bookmakers_page),
    Route(f"{PATH}/bookmakers/{{slug}}", catalogue.edit_bookmaker, methods=["POST"]),
]
