"""Is what stands at a platform the post we mean? Platforms change spaces, signs and addresses on the way."""

from __future__ import annotations

import html
import re
import unicodedata
from datetime import UTC, datetime, timedelta

import nh3

CLOCKS_DIFFER = timedelta(seconds=90)  # ours and the platform's
_BREAK = re.compile(r"<br\s*/?>|</p>|</div>", re.IGNORECASE)
_ADDRESSED = re.compile(r"^(?:@[\w.@-]+\s+)+")


def alike(ours: str, theirs: str) -> bool:
    """True when both say the same but for spaces, composed letters and the handles an answer begins with."""
    return _bare(ours) == _bare(theirs)


def _bare(text: str) -> str:
    return " ".join(_ADDRESSED.sub("", unicodedata.normalize("NFC", text).strip() + " ").split())


def text_of(markup: str) -> str:
    """Give the words of a piece of HTML."""
    return html.unescape(nh3.clean(_BREAK.sub("\n", markup), tags=set()))


def since(delivery_unsure: datetime | None, created: datetime) -> datetime:
    """Say from when on a post can be ours: from the first try on, with room for clocks that differ."""
    return (delivery_unsure or created) - CLOCKS_DIFFER


def moment(text: object) -> datetime | None:
    """Read an ISO 8601 moment, None for anything else; without a zone it is UTC."""
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return at if at is None or at.tzinfo else at.replace(tzinfo=UTC)
