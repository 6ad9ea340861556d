"""JSON schemas in words: a type on one line, and the fields of an object, one by one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Schema = Mapping[str, Any]

DEEPEST: Final = 8
"""Levels of fields in fields; schemas may go round in circles."""


@dataclass(frozen=True)
class Field:
    """A field of an object: what it may be, and the fields of its own."""

    name: str
    type: str
    required: bool
    says: str
    fields: tuple[Field, ...]


class Schemas:
    """The schemas of an OpenAPI document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._named: Mapping[str, Schema] = document.get("components", {}).get("schemas", {})

    def resolved(self, schema: Schema) -> Schema:
        """The schema that a reference leads to."""
        for _ in range(DEEPEST):
            if "$ref" not in schema:
                break
            schema = self._named.get(_name(schema), {})
        return schema

    def type_of(self, schema: Schema) -> str:
        """What a value may be, on one line."""
        if "$ref" in schema:
            found = self.resolved(schema)
            return _name(schema) if found.get("type") == "object" else self.type_of(found)
        for several in ("anyOf", "oneOf"):
            if several in schema:
                return _either(self.type_of(one) for one in schema[several])
        if len(schema.get("allOf", ())) == 1:
            return self.type_of(schema["allOf"][0])
        if "const" in schema:
            return _shown(schema["const"])
        if "enum" in schema:
            return _either(_shown(one) for one in schema["enum"])
        kinds = schema.get("type", "anything")
        if isinstance(kinds, list):
            return _either(self.type_of({**schema, "type": kind}) for kind in kinds)
        if kinds == "array":
            items = schema.get("items", {})
            return f"array of {self.type_of(items)}" if items else "array"
        if kinds == "object" and isinstance(schema.get("additionalProperties"), Mapping):
            return f"object of {self.type_of(schema['additionalProperties'])}"
        return " ".join([str(kinds), *_limits(schema)])

    def fields_of(self, schema: Schema, depth: int = 0) -> tuple[Field, ...]:
        """The fields of the object that a schema describes, or of those in its array."""
        found = self._object(schema)
        if found is None or depth == DEEPEST:
            return ()
        required = found.get("required", ())
        return tuple(
            Field(
                name,
                self.type_of(one),
                name in required,
                _says(one, self.resolved(one)),
                self.fields_of(one, depth + 1),
            )
            for name, one in found.get("properties", {}).items()
        )

    def _object(self, schema: Schema) -> Schema | None:
        schema = self.resolved(schema)
        if "properties" in schema:
            return schema
        inner = [
            *([schema["items"]] if schema.get("items") else ()),
            *([one] if isinstance(one := schema.get("additionalProperties"), Mapping) else ()),
            *(one for several in ("anyOf", "oneOf", "allOf") for one in schema.get(several, ())),
        ]
        objects = [found for one in inner if (found := self._object(one)) is not None]
        return objects[0] if len(objects) == 1 else _merged(objects)


def _merged(objects: list[Schema]) -> Schema | None:
    """One object with the fields of all; only those that all require are required."""
    if not objects:
        return None
    required = set.intersection(*(set(one.get("required", ())) for one in objects))
    properties = {name: field for one in objects for name, field in one["properties"].items()}
    return {"properties": properties, "required": [one for one in properties if one in required]}


def _says(given: Schema, found: Schema) -> str:
    says = str(given.get("description") or found.get("description") or "")
    if "default" in given:
        says = f"{says} Default: {_shown(given['default'])}.".strip()
    return says


def _limits(schema: Schema) -> Iterator[str]:
    low = schema.get("minimum", schema.get("minLength", schema.get("minItems")))
    high = schema.get("maximum", schema.get("maxLength", schema.get("maxItems")))
    unit = " characters" if "maxLength" in schema or "minLength" in schema else ""
    if "exclusiveMinimum" in schema:
        yield f"above {_number(schema['exclusiveMinimum'])}"
    if low is not None and high is not None:
        yield f"{_number(low)} to {_number(high)}{unit}"
    elif low is not None:
        yield f"from {_number(low)}{unit}"
    elif high is not None:
        yield f"to {_number(high)}{unit}"
    if "format" in schema:
        yield f"({schema['format']})"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)


def _either(several: Iterator[str]) -> str:
    return " or ".join(dict.fromkeys(several))


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _name(schema: Schema) -> str:
    return str(schema["$ref"]).rpartition("/")[2]
