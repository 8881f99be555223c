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

    type      of the input: a whole number, a yes or no, a date, else text
    default   what stands there at first; '' for nothing
    choices   the words it may be; empty: any
    """

    name: str
    type: Literal["number", "checkbox", "date", "text"]
    required: bool
    default: str
    choices: tuple[str, ...] = ()


def fields_of(kind: StartableKind) -> list[Field]:
    """The fields of a kind's form, in the order of its arguments."""
    schema = kind.args.model_json_schema()
    required = set(schema.get("required", ()))
    return [_field(name, one, name in required) for name, one in schema.get("properties", {}).items()]


def args_of(kind: StartableKind, form: Mapping[str, str]) -> dict[str, Any]:
    """The arguments that were filled in, as text; a field left empty is an argument left out."""
    found: dict[str, Any] = {}
    for field in fields_of(kind):
        text = form.get(PREFIX + field.name, "").strip()
        if field.type == "checkbox":
            found[field.name] = text == "yes"
        elif text:
            found[field.name] = text
    return found


def _field(name: str, schema: Mapping[str, Any], required: bool) -> Field:
    # An argument that may be left out is "one of (its type, null)".
    options: Sequence[Mapping[str, Any]] = schema.get("anyOf", [schema])
    own = next(option for option in options if option.get("type") != "null")
    default = schema.get("default")
    text = "" if default is None else "yes" if default is True else str(default)
    match own.get("type"):
        case "integer":
            return Field(name, "number", required, text)
        case "boolean":
            return Field(name, "checkbox", False, text)
        case _:
            is_date = own.get("format") == "date"
            return Field(name, "date" if is_date else "text", required, text, tuple(own.get("enum", ())))
