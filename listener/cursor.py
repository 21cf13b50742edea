"""Cursors as JSON text: opaque to everyone but the source that wrote them."""

from __future__ import annotations

import json
from collections.abc import Mapping


def read_cursor(cursor: str | None) -> Mapping[str, object]:
    """Give what was written; a missing or unreadable cursor is empty: starting afresh only costs duplicates."""
    try:
        found = json.loads(cursor or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def write_cursor(**state: object) -> str:
    """Write the state as compact JSON, without what is None."""
    return json.dumps({k: v for k, v in state.items() if v is not None}, separators=(",", ":"), sort_keys=True)
