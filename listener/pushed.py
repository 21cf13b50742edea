"""What every source that is pushed to does first: find a header, decode the body."""

from __future__ import annotations

import json
from collections.abc import Mapping

from domain.errors import PermanentError


def header_of(headers: Mapping[str, str], name: str) -> str:
    """Give a header whose name may be written in any case; "" when it is missing."""
    return next((value.strip() for known, value in headers.items() if known.lower() == name.lower()), "")


def decoded(body: bytes) -> object:
    """Decode a JSON body; raises `PermanentError`."""
    try:
        found: object = json.loads(body)
    except (ValueError, RecursionError) as err:
        raise PermanentError("The body is not valid JSON.") from err
    return found
