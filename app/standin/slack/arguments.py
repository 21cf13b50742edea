"""The arguments of a Web API call, whichever way they came: JSON, form or query."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from app.standin.slack.errors import SlackRefusal

_MOST_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a method was called with; `home` is the stand-in's own address, ending in a slash."""

    values: Mapping[str, Any]
    token: str = ""
    home: str = ""

    def text(self, name: str) -> str:
        """Give a text; empty when it is absent."""
        value = self.values.get(name)
        return "" if value is None else str(value)

    def needed(self, name: str) -> str:
        """Give a text that must be there; refuses with `invalid_arguments`."""
        if not (value := self.text(name)):
            raise SlackRefusal("invalid_arguments", [f"missing required field: {name}"])
        return value

    def flag(self, name: str) -> bool:
        """Give a yes or no, in any of the spellings that clients use."""
        return self.text(name).lower() in {"1", "true", "t", "yes"}

    def number(self, name: str, default: int, most: int) -> int:
        """Give a whole number from 1 to `most`; refuses with `invalid_limit`."""
        try:
            value = int(self.text(name) or default)
        except ValueError:
            value = 0
        if value < 1:
            raise SlackRefusal("invalid_limit")
        return min(value, most)

    def data(self, name: str, refusal: str = "invalid_arguments") -> Any:
        """Give an object or a list, also where a form carries it as JSON text; None when it is absent."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError as err:
            raise SlackRefusal(refusal) from err


async def read_arguments(request: web.Request, home: str) -> Arguments:
    """Read a call; refuses broken JSON with `invalid_json` and other bodies with `invalid_form_data`."""
    values: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        values |= await _json(request)
    elif request.can_read_body:
        try:
            values |= dict(await request.post())
        except ValueError as err:
            raise SlackRefusal("invalid_form_data") from err
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        token = str(values.get("token") or "")
    return Arguments(values, token.strip(), home)


async def _json(request: web.Request) -> dict[str, Any]:
    body = await request.read()
    if len(body) > _MOST_BYTES:
        raise SlackRefusal("request_too_large")
    try:
        values = json.loads(body or b"{}")
    except (ValueError, RecursionError) as err:
        raise SlackRefusal("invalid_json") from err
    if not isinstance(values, dict):
        raise SlackRefusal("json_not_object")
    return values
