"""A form made of a kind's arguments: which fields to show, and what was filled in. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from jobs.startable import StartableKind

PREFIX = "arg."
"""Before the names of these fields, so that none is taken for another of the form."""


@dataclass(frozen=True, slots=True)
class Field:
    """One argument as a form asks for it.

    type      of the input: a whole number, else text
    required  whether it must be filled in; what is left empty is left out
    """

    name: str
    type: Literal["number", "text"]
    required: bool


def fields_of(kind: StartableKind) -> list[Field]:
    """The fields of a kind's form, in the order of its arguments."""
    schema = kind.args.model_json_schema()
    required = schema.get("required", ())
    return [Field(name, _type(one), name in required) for name, one in schema.get("properties", {}).items()]


def args_of(kind: StartableKind, form: Mapping[str, str]) -> dict[str, str]:
    """The arguments that were filled in, as text."""
    filled = {name: form.get(PREFIX + name, "").strip() for name in kind.args.model_fields}
    return {name: text for name, text in filled.items() if text}


def _type(schema: Mapping[str, Any]) -> Literal["number", "text"]:
    # An argument that may be left out is "one of (its type, null)".
    options: Sequence[Mapping[str, Any]] = schema.get("anyOf", [schema])
    return "number" if any(option.get("type") == "integer" for option in options) else "text"
