"""Parts of scenarios, kept by what was written: thousands of scenarios that differ in a key are made quickly."""

from __future__ import annotations

import json
from typing import Any, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from diffusion.errors import InputError

MOST_KEPT = 10_000
"""Parts that are kept at most, some kilobytes each (chosen)."""


def written(thing: BaseModel) -> dict[str, Any]:
    """Return the table that was written, without defaults, in the form of experiment files."""
    return thing.model_dump(mode="json", exclude_unset=True)


class Parts:
    """Objects made from tables, each once.

    Two scenarios that agree in a platform, an outlet, … hold the same object. What is made does not depend on what has
    been made before. Tables that were given must not change.
    """

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], Any] = {}
        self._seen: dict[tuple[str, int], tuple[Any, Any]] = {}
        self._tables: dict[int, tuple[BaseModel, dict[str, Any]]] = {}
        self._readers: dict[str, TypeAdapter[Any]] = {}

    def filled(self, model: type[BaseModel], tree: dict[str, Any]) -> dict[str, Any]:
        """Return a table in which every part that can be made is made; the others stay, for the model to refuse.

        Parameters
        ----------
        model : type
            Whose fields are objects, or tables of objects by name.
        tree : dict
            As written.
        """
        filled = dict(tree)
        for key, value in tree.items():
            field = model.model_fields.get(key)
            if field is None:
                continue
            named = get_origin(field.annotation) is dict
            annotation = get_args(field.annotation)[1] if named else field.annotation
            reader = self._reader(f"{model.__name__}.{key}", annotation)
            if not named:
                filled[key] = self._part(key, value, reader)
            elif isinstance(value, dict):
                filled[key] = {name: self._part(key, part, reader) for name, part in value.items()}
        return filled

    def written(self, thing: BaseModel) -> dict[str, Any]:
        """Return what `written` does, the same table at every call."""
        if id(thing) not in self._tables:
            self._tables[id(thing)] = thing, written(thing)
        return self._tables[id(thing)][1]

    def _reader(self, name: str, annotation: Any) -> TypeAdapter[Any]:
        if name not in self._readers:
            self._readers[name] = TypeAdapter(annotation)
        return self._readers[name]

    def _part(self, section: str, table: Any, reader: TypeAdapter[Any]) -> Any:
        place = section, id(table)
        seen = self._seen.get(place)
        if seen is not None:
            return seen[1]
        written = section, json.dumps(table, default=repr)
        if written not in self._made:
            try:
                self._made[written] = reader.validate_python(table)
            except (ValidationError, InputError):
                return table
        if len(self._made) > MOST_KEPT or len(self._seen) >= MOST_KEPT:
            self._made, self._seen = {written: self._made[written]}, {}
        made = self._made[written]
        self._seen[place] = table, made  # the table is kept, so that no other one can have its id
        return made
