"""What a person reads when a value does not fit: one line with the place, the value and what would do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, Tag, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from diffusion.errors import InputError, suggestion

Place = tuple[str | int, ...]

_LEADING_KEY = re.compile(r"^([a-z_]+)(?=[.\[ :])")
_LONGEST_VALUE = 60


class Mistake(NamedTuple):
    """One thing that is wrong: where (keys and list positions from the root), and what."""

    place: Place
    text: str

    def line(self) -> str:
        """Return place and text as one line."""
        where = place_text(self.place)
        if self.text.startswith((".", "[")):
            return f"{where}{self.text}".removeprefix(".")
        return f"{where}: {self.text}".removeprefix(": ")


def place_text(place: Place) -> str:
    """Write a place as people do: ``outlets.evening.bulletins[1]``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.removeprefix(".")


def value_text(value: Any) -> str:
    """Write a value as in an experiment file, in one short line."""
    if isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, str):
        text = f'"{value}"'
    elif isinstance(value, dict):
        text = "{" + ", ".join(f"{key} = {value_text(item)}" for key, item in value.items()) + "}"
    elif isinstance(value, list | tuple):
        text = "[" + ", ".join(value_text(item) for item in value) + "]"
    else:
        text = _number_text(value)
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def _number_text(value: Any) -> str:
    try:
        return str(value)
    except ValueError:  # more digits than Python writes
        return "a number of very many digits"


# --- walking the objects' fields along a place -----------------------------------------------------------------------


def _plain(annotation: Any) -> Any:
    """Strip what surrounds a type: metadata and the alternative None."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, UnionType):
        members = [m for m in get_args(annotation) if m is not NoneType]
        return _plain(members[0]) if len(members) == 1 else annotation
    return annotation


def _members(annotation: Any) -> list[Any]:
    plain = _plain(annotation)
    if get_origin(plain) in (Union, UnionType):
        return [m for m in get_args(plain) if m is not NoneType]
    return []


def _tags(member: Any) -> Iterator[str]:
    """Yield the words by which pydantic names a member of a union."""
    if get_origin(member) is Annotated:
        yield from (m.tag for m in get_args(member)[1:] if isinstance(m, Tag))
    plain = _plain(member)
    if isinstance(plain, type) and issubclass(plain, BaseModel):
        yield plain.__name__
        for field in plain.model_fields.values():
            yield from get_args(field.annotation) if get_origin(field.annotation) is Literal else ()


def _below(annotation: Any, part: str | int) -> Any:
    """Return the annotation one step further down, or None where a key is not known."""
    plain = _plain(annotation)
    if isinstance(plain, type) and issubclass(plain, BaseModel):
        field = plain.model_fields.get(str(part))
        return (
            None
            if field is None
            else Annotated[field.annotation, *field.metadata]
            if field.metadata
            else field.annotation
        )
    arguments = get_args(plain)
    if get_origin(plain) is dict:
        return arguments[1]
    if get_origin(plain) in (tuple, list) and isinstance(part, int):
        return arguments[0] if arguments[-1] is Ellipsis else arguments[min(part, len(arguments) - 1)]
    return None


def _walk(location: Place, root: Any) -> tuple[Place, Any, Any]:
    """Return the place without pydantic's words for members of unions, the annotation there, and the one above."""
    place: list[str | int] = []
    above, here = root, root
    for part in location:
        members = _members(here)
        if members:
            here = next((m for m in members if part in list(_tags(m))), here)
            continue
        if here is None:
            break
        above, here = here, _below(here, part)
        place.append(part)
    return tuple(place), here, above


def keys_of(annotation: Any) -> list[str]:
    """Return the keys that a table with this annotation may have."""
    plain = _plain(annotation)
    return list(plain.model_fields) if isinstance(plain, type) and issubclass(plain, BaseModel) else []


# --- what would have done --------------------------------------------------------------------------------------------


def expected(annotation: Any) -> str:
    """Say in words what values fit an annotation, from its JSON Schema."""
    return _schema_text(TypeAdapter(annotation).json_schema(mode="validation"))


def _schema_text(schema: dict[str, Any]) -> str:
    if "$ref" in schema or schema.get("type") == "object":
        return "a table"
    if "description" in schema:
        return str(schema["description"])
    if "const" in schema or "enum" in schema:
        choices = schema.get("enum", [schema.get("const")])
        return ("one of " if len(choices) > 1 else "") + ", ".join(value_text(choice) for choice in choices)
    if "anyOf" in schema or "oneOf" in schema:
        texts = [_schema_text(s) for s in schema.get("anyOf", schema.get("oneOf", ())) if s.get("type") != "null"]
        return " or ".join(dict.fromkeys(texts))
    kind = schema.get("type", "")
    if kind == "array":
        return f"a list of {_schema_text(schema['items'])}" if "items" in schema else "a list"
    if schema.get("format") == "date-time":
        return "a local date and time such as 2016-11-08T18:00:00"
    words = {"integer": "a whole number", "number": "a number", "boolean": "true or false", "string": 'a text in "…"'}
    return words.get(kind, "what stands there") + _bounds_text(schema)


def _bounds_text(schema: dict[str, Any]) -> str:
    signs = {"minimum": ">=", "exclusiveMinimum": "above", "maximum": "<=", "exclusiveMaximum": "below"}
    bounds = [f"{sign} {_bound_text(schema[key])}" for key, sign in signs.items() if key in schema]
    return " " + " and ".join(bounds) if bounds else ""


def _bound_text(value: float) -> str:
    power = int(value).bit_length() - 1
    return f"2**{power}" if power > 30 and value == 2**power else f"{value:g}"


# --- from pydantic's errors to mistakes ------------------------------------------------------------------------------


def _text(error: ErrorDetails, here: Any, above: Any, place: Place) -> str:
    kind = error["type"]
    if kind == "extra_forbidden":
        return f"unknown key{suggestion(str(place[-1]), keys_of(above))}"
    if kind == "missing":
        return f"is missing; give {expected(here)}" if here is not None else "is missing"
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        return _tag_text(error, here)
    if kind in ("value_error", "assertion_error"):
        return str(error.get("ctx", {}).get("error", error["msg"]))
    if kind == "too_short":
        return f"is empty; give at least {error['ctx']['min_length']}"
    if kind == "json_invalid":
        return error["msg"]
    if kind == "finite_number":
        return f"{value_text(error['input'])} is not a finite number"
    return f"{value_text(error['input'])} is not {expected(here)}" if here is not None else error["msg"]


def _tag_text(error: ErrorDetails, here: Any) -> str:
    """Word the error of a table whose kind is missing or unknown (a value that is no table has no kind either)."""
    if not isinstance(error["input"], dict):
        return f"{value_text(error['input'])} is not a table"
    key = str(error.get("ctx", {}).get("discriminator", "kind")).strip("'")
    kinds = [str(tag) for m in _members(here) for tag in get_args(_plain(m).model_fields[key].annotation)]
    if key not in error["input"]:
        return f".{key}: is missing; give " + " or ".join(f'"{kind}"' for kind in kinds)
    given = error["input"][key]
    return f".{key}: {value_text(given)} is not known{suggestion(str(given), kinds)}"


def _joined(text: str, annotation: Any) -> str:
    """Let a message of a table's own check that begins with one of its keys continue the place."""
    match = _LEADING_KEY.match(text)
    return f".{text}" if match and match[1] in keys_of(annotation) else text


def mistakes(error: ValidationError, root: Any) -> list[Mistake]:
    """Return what is wrong, unknown keys first and missing ones last (a misspelt key is both).

    Parameters
    ----------
    error : ValidationError
        What pydantic raised.
    root : type
        The object that was being made.
    """
    found: dict[Place, tuple[int, Mistake]] = {}
    for details in error.errors(include_url=False):
        place, here, above = _walk(tuple(details["loc"]), root)
        text = _text(details, here, above, place)
        if details["type"] == "value_error":
            text = _joined(text, here)
        rank = {"extra_forbidden": 0, "missing": 2}.get(details["type"], 1)
        found.setdefault(place, (rank, Mistake(place, " ".join(text.split()))))
    return [mistake for _, mistake in sorted(found.values(), key=lambda pair: pair[0])]


def one_line(error: ValidationError, root: Any) -> InputError:
    """Return the first mistake as an `InputError` of one line, with the number of further ones."""
    first, *more = mistakes(error, root)
    return InputError(first.line() + (f" (and {len(more)} more)" if more else ""))
