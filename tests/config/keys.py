"""The keys of a tree of settings, as paths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel


def keys_of(model: type[BaseModel], at: str = "") -> Iterator[str]:
    """List every key: "care.channel", "sources.every"; what stands in a list has the path of the list."""
    for name, field in model.model_fields.items():
        name = field.alias or name  # as it is written in the file
        yield f"{at}{name}"
        for inner in _models(field.annotation):
            yield from keys_of(inner, f"{at}{name}.")


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
