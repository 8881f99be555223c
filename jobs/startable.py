"""Kinds of jobs that a person or a program may start, each with the arguments it takes.

Command line, API and pages check arguments here before they enqueue. Handlers are bound to the same names by the
worker's process (`standalone/run_worker.py`), so whoever only starts jobs imports none of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from scrapers.errors import FleetError

Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]
"""A word or a name in arguments: something, on one line, that Postgres can store."""


class UnknownKindError(FleetError):
    """No kind of job of this name can be started."""


class InvalidArgsError(FleetError):
    """Arguments that the kind does not take. Names each field and what is wrong with it."""


class Args(BaseModel):
    """Arguments of a job; the base of every kind's. A kind without fields takes none."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ImportFixturesArgs(Args):
    """max_chunks  how many seasons one run reads at most; None: all that are due."""

    max_chunks: int | None = Field(None, ge=1, le=10_000)


class ImportRoundArgs(Args):
    """league, round  one round of one league; without a round its current ones; without both all that is due."""

    league: str | None = Field(None, pattern=r"^[a-z][a-z0-9_]{0,39}$")
    round: int | None = Field(None, ge=1, le=10_000)

    @model_validator(mode="after")
    def _round_of_a_league(self) -> ImportRoundArgs:
        if self.round is not None and self.league is None:
            raise ValueError("round needs a league")
        return self


@dataclass(frozen=True, slots=True)
class StartableKind:
    """A kind that may be started.

    queue   whose workers run it
    args    what it takes
    unique  arguments that tell jobs apart: of those with equal ones only one is unfinished at a time
    """

    name: str
    queue: str
    args: type[Args]
    unique: tuple[str, ...] = ()

    def checked(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments as they are enqueued, defaults filled in. Raises InvalidArgsError."""
        try:
            return self.args.model_validate(args).model_dump(mode="json")
        except ValidationError as error:
            raise InvalidArgsError(faults_of(error, "args")) from None

    def unique_key(self, args: Mapping[str, Any]) -> str:
        """The key of a job with these checked arguments; without any it is the kind's name, as a schedule's."""
        return ":".join([self.name, *(str(args[name]) for name in self.unique if args[name] is not None)])


STARTABLE: Mapping[str, StartableKind] = {
    kind.name: kind
    for kind in (
        StartableKind("import_fixtures", "default", ImportFixturesArgs),
        StartableKind("import_round", "default", ImportRoundArgs, unique=("league", "round")),
    )
}
"""Name -> kind."""


def startable(name: str) -> StartableKind:
    """The kind of this name. Raises UnknownKindError, which names those there are."""
    try:
        return STARTABLE[name]
    except KeyError:
        known = ", ".join(sorted(STARTABLE))
        raise UnknownKindError(
            f"no kind of job that can be started is called {name[:60]!r}; there are: {known}"
        ) from None


def faults_of(error: ValidationError, *within: str) -> str:
    """What a model refuses, field by field, without the values: they may be long, or secret.

    within: the names under which the model's own lie, as a reader knows them.
    """
    return "; ".join(
        f"{'.'.join(map(str, (*within, *fault['loc']))) or 'body'}: {fault['msg']}"
        for fault in error.errors(include_url=False, include_input=False, include_context=False)
    )
