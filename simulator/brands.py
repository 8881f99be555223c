"""The brands that are simulated: who offers what, at which margin, and how it writes club names.

Everything particular to a brand follows from its declaration and chance; no brand is named here.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from simulator import chance
from simulator.clubs import Club
from simulator.wires import WIRES, Demand

DECLARATIONS = Path(__file__).resolve().parent.parent / "scrapers"

SIDE_STYLES: dict[str, tuple[str, ...]] = {
    "women": ("{} (F)", "{} Feminino", "{} (Fem)", "{} (W)"),
    "u20": ("{} Sub-20", "{} U20", "{} (U20)", "{} Sub 20"),
    "b": ("{} B", "{} II", "{} (Res)"),
}
"""Category of a side -> how brands mark it."""

_STATE_STYLES = ("{name}-{state}", "{name} {state}", "{name} ({state})", "{name}/{state}")
# Not "SC": "Vitória SC" of Guimarães without it would be another club.
_FORMS = frozenset({"FC", "EC", "AC", "CF"})


@dataclass(frozen=True, slots=True)
class Brand:
    """A bookmaker's offer on a platform. Two bookmakers of one tenant (football, NBA) are one brand.

    key            "<platform>/<tenant>"
    margin         what the brand keeps, as a share of fair odds; 0.05 gives an overround of 1.05
    early_payout   share of football matches whose result market pays early
    replaces       whether that market stands in place of the ordinary one (else beside it)
    boosted        share of football matches with a promotional result market
    """

    key: str
    platform: str
    tenant: str
    category: str
    margin: float
    early_payout: float
    replaces: bool
    boosted: float

    def side(self, club: Club, category: str) -> str:
        """The name that this brand prints for a club's side; category "" is the senior men's."""
        name = _spelling(self.key, club)
        return pick_style(self.key, category).format(name) if category else name


def pick_style(brand: str, category: str) -> str:
    """How the brand marks sides of a category."""
    return chance.pick(SIDE_STYLES[category], "side-style", brand, category)


@dataclass(frozen=True, slots=True)
class Bookmaker:
    """What the simulator needs of a declared bookmaker. `demand`: what its requests have to bring."""

    slug: str
    host: str
    brand: Brand
    demand: Demand


@lru_cache(maxsize=8192)
def _spelling(brand: str, club: Club) -> str:
    """One spelling of a club per brand for good: other names, state suffixes, club forms, accents, cut names."""
    name = club.name
    if club.others and chance.unit("other-name", brand, name) < 0.3:
        name = chance.pick(club.others, "which-name", brand, name)
    elif _bare_state(club) and chance.unit("state-habit", brand) < 0.5 and chance.unit("state", brand, name) < 0.5:
        style = chance.pick(_STATE_STYLES, "state-style", brand)
        name = style.format(name=name, state=club.state)
    bare, _, form = name.rpartition(" ")
    if bare and form in _FORMS and name != club.name and chance.unit("form", brand) < 0.5:
        name = bare
    if chance.unit("accents", brand) < 0.5 or chance.unit("accents", brand, club.name) < 0.1:
        name = without_accents(name)
    limit = 20 if chance.unit("cut", brand) < 0.25 else 40
    # A cut through a mark such as "(MG)" would change whose name it is.
    return name if len(name) <= limit or "(" in name else name[: limit - 1].rstrip(" -&") + "."


def _bare_state(club: Club) -> bool:
    return bool(club.state) and not club.name.endswith(f"-{club.state}")


def without_accents(name: str) -> str:
    """Letters without their marks; letters that are not compositions ("ø") stay."""
    return "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))


def make_brand(platform: str, tenant: str, category: str = "") -> Brand:
    """The brand of a tenant; `category` is the list that holds its early payout markets, where that is apart."""
    key = f"{platform}/{tenant}"
    wire = WIRES[platform]
    return Brand(
        key=key,
        platform=platform,
        tenant=tenant,
        category=category,
        margin=0.038 + 0.027 * chance.unit("margin", key),
        early_payout=chance.pick(wire.early_payout, "early-payout", key),
        replaces=wire.replaces,
        boosted=wire.boosted,
    )


@cache
def load_bookmakers() -> Mapping[str, Bookmaker]:
    """Slug -> bookmaker, for each declared one whose platform is simulated."""
    found = {}
    for row in _declared("bookmakers.json"):
        wire = WIRES.get(row["platform"])
        if wire is not None:
            options = row.get("options", {})
            tenant = options[wire.tenant_option] if wire.tenant_option else row["slug"]
            brand = make_brand(row["platform"], tenant, options.get("early_payout_category", ""))
            guarded = row.get("transport") == "browser" or wire.demand is Demand.PARAMETER
            demand = wire.demand if guarded else Demand.NOTHING
            found[row["slug"]] = Bookmaker(row["slug"], row["site"].removeprefix("https://"), brand, demand)
    return found


def brand_at(platform: str, host: str) -> Brand | None:
    """The brand of a platform whose own site is at this host."""
    return next(
        (b.brand for b in load_bookmakers().values() if b.brand.platform == platform and b.host == host), None
    )


def brand_named(platform: str, tenant: str) -> Brand | None:
    """The brand of this name on a host that a platform's brands share."""
    brands = (bookmaker.brand for bookmaker in load_bookmakers().values())
    return next((brand for brand in brands if brand.platform == platform and brand.tenant == tenant), None)


@cache
def load_leagues() -> Mapping[str, Mapping[str, Any]]:
    """League key -> its declaration, in declared order."""
    return {row["key"]: row for row in _declared("leagues.json")}


def _declared(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((DECLARATIONS / name).read_text(encoding="utf-8"))
    return rows
