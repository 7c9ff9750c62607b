"""Parts of scenarios, kept by what was written: thousands of scenarios that differ in a key are made quickly."""

from __future__ import annotations

import json
from typing import Any, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from diffusion.errors import InputError

MOST_KEPT = 10_000
"""Parts that are kept at most, some kilobytes each (chosen)."""


class Parts:
    """Objects made from tables, each once.

    Two scenarios that agree in a platform, an outlet, … hold the same object. What is made does not depend on what has
    been made before.
    """

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], Any] = {}
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

    def _reader(self, name: str, annotation: Any) -> TypeAdapter[Any]:
        if name not in self._readers:
            self._readers[name] = TypeAdapter(annotation)
        return self._readers[name]

    def _part(self, section: str, table: Any, reader: TypeAdapter[Any]) -> Any:
        written = section, json.dumps(table, default=repr)
        if written not in self._made:
            try:
                made = reader.validate_python(table)
            except (ValidationError, InputError):
                return table
            if len(self._made) >= MOST_KEPT:
                self._made.clear()
            self._made[written] = made
        return self._made[written]
