"""Values that a schema allows: small ones, for examples to type."""

from __future__ import annotations

from typing import Any, Final

from emu.service.http.docs.schemas import DEEPEST, Schema, Schemas

_OF_TYPE: Final[dict[str, Any]] = {
    "string": "…",
    "integer": 1,
    "number": 1.0,
    "boolean": True,
    "null": None,
}


def sample(schema: Schema, schemas: Schemas, depth: int = 0) -> Any:
    """A value: the example of the schema if it has one, or what is required and no more."""
    if "$ref" in schema:
        return sample(schemas.resolved(schema), schemas, depth)
    for given in ("example", "const", "default"):
        if given in schema:
            return schema[given]
    for several in ("examples", "enum"):
        if schema.get(several):
            return schema[several][0]
    for several in ("anyOf", "oneOf", "allOf"):
        if schema.get(several):
            return sample(schema[several][0], schemas, depth)
    kinds = schema.get("type", "object")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    if kind == "array":
        return []
    if kind == "object":
        return _object(schema, schemas, depth)
    low = schema.get("minimum", _OF_TYPE.get(kind))
    return int(low) if kind == "integer" else low


def _object(schema: Schema, schemas: Schemas, depth: int) -> dict[str, Any]:
    if depth == DEEPEST:
        return {}
    fields = schema.get("properties", {})
    return {
        name: sample(fields[name], schemas, depth + 1)
        for name in schema.get("required", ())
        if name in fields
    }
