"""Ids that are the same each time, so that a repeated step finds what the first try left."""

from __future__ import annotations

import hashlib


def stable_id(prefix: str, *parts: str) -> str:
    """Name a record by what it is about: `prefix_` and 20 hex digits of the SHA-256 of its natural key."""
    # The length of each part is hashed too: ("ab", "c") and ("a", "bc") must differ.
    key = "".join(f"{len(part)}:{part}" for part in parts)
    return f"{prefix}_{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:20]}"
