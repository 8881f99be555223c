"""The world in the wire formats of the platforms: a module or package each, found by the host and path it serves.

Each has `serves(host, path)`, `answer(world, request)` and `shows(brand, offer, kind)`; `SimulatedPlatform`
says what they are. What differs in numbers only stands in `simulator.wires`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from simulator.answers import Answer, Request
from simulator.brands import Brand
from simulator.pricing import Offer
from simulator.world import World


class SimulatedPlatform(Protocol):
    """What a module of this package provides."""

    def serves(self, host: str, path: str) -> bool:
        """Whether an address belongs to this platform's API."""

    def answer(self, world: World, request: Request) -> Answer:
        """Answer a GET, before any fault; a status other than 200 for what the platform would refuse."""

    def shows(self, brand: Brand, offer: Offer, kind: str) -> bool:
        """Whether an answer of this kind holds this market."""


@cache
def platforms() -> Mapping[str, SimulatedPlatform]:
    """Every simulated platform, by name."""
    names = sorted(module.name for module in iter_modules(__path__))
    return {name: cast(SimulatedPlatform, import_module(f"{__name__}.{name}")) for name in names}


def serving(host: str, path: str) -> SimulatedPlatform | None:
    """The platform that answers at an address; None for any other page of a site."""
    return next((platform for platform in platforms().values() if platform.serves(host, path)), None)
