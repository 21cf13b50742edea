"""The demo's people answer our follow-ups: most that it works, a few that it does not, many not at all; pure."""

from __future__ import annotations

import zlib
from collections.abc import Collection
from datetime import timedelta

from app.standin.town.square import Post

_WORKS = {
    "en": ("@nar yes, it works, thank you! 5", "@nar yes 👍", "@nar fixed, thanks. 4/5", "@nar works again, 5/5"),
    "tr": ("@nar evet, düzeldi, teşekkürler! 5", "@nar evet 👍", "@nar düzeldi, sağ olun. 4/5", "@nar çalışıyor 5/5"),
    "fa": ("@nar بله، درست شد، ممنون! ۵", "@nar بله 👍", "@nar حل شد، مرسی. ۴ از ۵", "@nar الان کار می‌کند ۵/۵"),
}
_DOES_NOT = {
    "en": ("@nar no, it still does not work. 2", "@nar still broken"),
    "tr": ("@nar hayır, hâlâ çalışmıyor. 2", "@nar hâlâ aynı sorun"),
    "fa": ("@nar نه، هنوز کار نمی‌کند. ۲", "@nar هنوز درست نشده"),
}


def answer_to(asked: Post, person: Post, suffering: Collection[str]) -> tuple[timedelta, str] | None:
    """Say after which time a person answers a follow-up, and what; None for those who say nothing.

    It follows from the handle, so a demo that was killed goes on with the same answers; `suffering` are the handles of
    those for whom the scenario has not ended well.
    """
    chance = zlib.crc32(f"{person.author} {asked.language}".encode())
    broken = person.author in suffering
    if not broken and chance % 10 >= _TALKATIVE:
        return None
    words = (_DOES_NOT if broken else _WORKS).get(asked.language or "en", _WORKS["en"])
    return timedelta(minutes=2 + chance // 10 % 40), words[chance // 400 % len(words)]


_TALKATIVE = 6  # of ten
