"""Where the code at hand works: in which execution, on which chunk and fixture.

Kept in a context variable: asyncio's tasks and `asyncio.to_thread` take it along by themselves. A thread of one's
own starts without it; `carry` and `CarryingExecutor` hand it over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """None: not known, or not in any. fixture_id: the provider's number."""

    execution_id: str | None = None
    chunk_id: str | None = None
    fixture_id: int | None = None


_PLACE: ContextVar[Place] = ContextVar("etl_place", default=Place())  # noqa: B039 - it is frozen


def current() -> Place:
    """Where the caller works."""
    return _PLACE.get()


def enter(place: Place) -> None:
    """From now on the caller, and what it starts, works there."""
    _PLACE.set(place)


@contextmanager
def at(place: Place) -> Iterator[Place]:
    """Work there for the length of a block."""
    token = _PLACE.set(place)
    try:
        yield place
    finally:
        _PLACE.reset(token)


def within(**changes: Any) -> AbstractContextManager[Place]:
    """The same place with some of its fields changed, for the length of a block: `with within(fixture_id=7):`."""
    return at(replace(_PLACE.get(), **changes))


def carry(function: Callable[P, T]) -> Callable[P, T]:
    """The function, to be called elsewhere (in another thread), working where the caller of `carry` works now."""
    place = _PLACE.get()

    def carried(*args: P.args, **kwargs: P.kwargs) -> T:
        with at(place):
            return function(*args, **kwargs)

    return carried


class CarryingExecutor(ThreadPoolExecutor):
    """A pool of threads whose work happens where it was submitted."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """See Executor.submit."""
        return super().submit(carry(fn), *args, **kwargs)
