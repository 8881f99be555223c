"""The lists beside `odds.json`, as the settings want them."""

from __future__ import annotations

from contextlib import closing
from math import inf

from board.coverage import CoverageMaker
from board.derived import Maker
from board.duplo_green import DuploGreenMaker
from board.duplo_green import Settings as DuploGreenSettings
from board.follow import BoardFollower
from board.freshness import Limits
from board.render import Document
from board.value import Settings as ValueSettings
from board.value import ValueMaker
from scrapers.registry import load_registry
from standalone.connect import open_backend
from standalone.settings import Settings


def list_makers(settings: Settings, *, budget_s: float = inf) -> tuple[Maker, ...]:
    """Duplo green, value, coverage; `budget_s` as for `ValueMaker`.

    Raises DeclarationError for settings that make no sense together.
    """
    return duplo_green_maker(settings), value_maker(settings, budget_s=budget_s), coverage_maker(settings)


def duplo_green_maker(settings: Settings) -> DuploGreenMaker:
    """With the stakes and gates of the settings."""
    wanted = DuploGreenSettings(
        stake=settings.duplo_green_stake,
        unit=settings.duplo_green_unit,
        min_return=settings.duplo_green_min_return,
        max_return=settings.duplo_green_max_return,
        hours=settings.duplo_green_hours,
    )
    return DuploGreenMaker(_limits(settings), wanted, simulated=_simulated(settings))


def value_maker(settings: Settings, *, budget_s: float = inf) -> ValueMaker:
    """With the method and gates of the settings; the age that counts is the lower of two."""
    wanted = value_settings(settings)
    limits = Limits(max_age_s=min(settings.value_max_age_s, settings.price_max_age_s))
    return ValueMaker(limits, wanted, simulated=_simulated(settings), budget_s=budget_s)


def value_settings(settings: Settings) -> ValueSettings:
    """What counts as an opinion, and as value."""
    return ValueSettings(
        method=settings.value_method,
        min_families=settings.value_min_families,
        min_edge=settings.value_min_edge,
        max_edge=settings.value_max_edge,
    )


def coverage_maker(settings: Settings) -> CoverageMaker:
    """With the leagues that the registry declares."""
    declared = {slug: bookmaker.leagues for slug, bookmaker in load_registry().bookmakers.items()}
    return CoverageMaker(_limits(settings), declared, simulated=_simulated(settings))


def _limits(settings: Settings) -> Limits:
    return Limits(max_age_s=settings.price_max_age_s)


def _simulated(settings: Settings) -> bool:
    return settings.source != "live"


def list_now(maker: Maker, settings: Settings, *, name: str) -> Document:
    """A list as it would be published now, made of the database; `name` is shown by the server as the connection's.

    Raises StoreError.
    """
    with closing(open_backend(settings, name=name)) as backend:
        follower = BoardFollower(backend)
        follower.sync()
    maker.update(follower.board, follower.board.take_changes())
    [feed] = maker.feeds(follower.board)
    return feed.head
