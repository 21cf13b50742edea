"""Which variable of the environment holds a secret: one rule for settings and for messages. Pure."""

from __future__ import annotations

NAMED = "HUBBUB_SECRET_"  # and the name of a source, publisher or monitor: HUBBUB_SECRET_MASTODON_TR


def variable(name: str) -> str:
    """Name the variable for a source, publisher or monitor."""
    return NAMED + name.upper().replace("-", "_")
