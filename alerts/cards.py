"""What all cards share: the `View` that is sent, times in words, names in words, the sparkline."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from babel import Locale

from alerts.blocks import Block, context, link, phrase

INTERNAL = "This thread is internal: nothing written here is sent to a customer."

_SOURCES = {
    "mastodon": "Mastodon", "bluesky": "Bluesky", "appstore": "App Store", "app_store": "App Store",
    "hackernews": "Hacker News", "hacker_news": "Hacker News", "rss": "a feed", "x": "X", "form": "the report form",
    "jetstream": "Bluesky", "youtube": "YouTube", "googleplay": "Google Play", "telegram": "Telegram",
    "github": "GitHub", "discourse": "the forum", "stackexchange": "Stack Exchange", "facebook": "Facebook",
    "facebook_webhook": "Facebook", "instagram": "Instagram", "reddit": "Reddit", "trustpilot": "Trustpilot",
    "mail": "mail", "tickets": "a ticket", "json": "an API",
    "webhook": "a webhook", "replay": "a replay file",
}  # fmt: skip
_BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class View:
    """One Slack message: `text` is the notification and what screen readers say, `blocks` is what is shown."""

    text: str
    blocks: list[Block]


def clock(at: datetime) -> str:
    """Show a moment in each reader's own time zone; the fallback is UTC."""
    # Slack's date token: https://docs.slack.dev/messaging/formatting-message-text#date-formatting (2026-11)
    return f"<!date^{int(at.timestamp())}^{{time}}|{utc(at)}>"


def clock_and_day(at: datetime, now: datetime) -> str:
    """Show a moment like `clock`, with its day when that is not within 12 hours of `now`."""
    if abs(at - now) < timedelta(hours=12):
        return clock(at)
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{at.astimezone(UTC):%d %b %H:%M} UTC>"


def utc(at: datetime) -> str:
    """Show a moment as plain text, for notifications."""
    return f"{at.astimezone(UTC):%H:%M} UTC"


def span(length: timedelta) -> str:
    """Say a length of time in words: "51 min", "2 h 5 min", "3 days"."""
    minutes = int(abs(length).total_seconds() // 60)
    if minutes < 1:
        return "less than a minute"
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"
    return f"{minutes // (24 * 60)} days"


def until(at: datetime, now: datetime) -> str:
    """Say how far a moment is: "in 51 min", "12 min ago"."""
    return f"in {span(at - now)}" if at > now else f"{span(now - at)} ago"


def ordinal(number: int) -> str:
    """Count in words of English: 1st, 2nd, 3rd, 11th."""
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def people(count: int) -> str:
    """Count people with the right noun."""
    return f"{count:,} person" if count == 1 else f"{count:,} people"


@lru_cache(maxsize=512)
def language_name(code: str) -> str:
    """Name a language in English ("tr" -> "Turkish"); the code itself where it is not known."""
    if code in {"", "unknown"}:
        return "unknown language"
    return Locale("en").languages.get(code.lower().partition("-")[0]) or phrase(code, 20)


def source_name(source_type: str) -> str:
    """Name a platform or one of our sources the way people call it: "mastodon-tr" -> "Mastodon (tr)"."""
    name, _, rest = source_type.casefold().partition("-")
    known = _SOURCES.get(source_type.casefold()) or _SOURCES.get(name)
    if known is None:
        return phrase(source_type.replace("_", " ").title(), 60)
    return f"{known} ({phrase(rest, 40)})" if rest else known


def thing_name(identifier: str) -> str:
    """Turn an identifier into words: "payment_billing" -> "payment billing"."""
    return phrase(identifier.replace("_", " ").replace("-", " "), 60)


def shares(counts: Mapping[str, int], name: Mapping[str, str] | None = None, most: int = 5) -> str:
    """List counts, largest first: "English 31, Turkish 11"; `name` gives shown names."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = [f"{(name or {}).get(key) or phrase(key, 40)} {count:,}" for key, count in ranked[:most]]
    rest = sum(count for _, count in ranked[most:])
    return ", ".join([*shown, f"others {rest:,}"] if rest else shown)


def figure(value: float) -> str:
    """Show an expected number of people: "3", "0.4"; a dash where it is no number."""
    if not math.isfinite(value):
        return "–"
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def sparkline(values: Sequence[float], top: float, width: int = 36) -> str:
    """Draw the newest `width` values as bars against the common `top`; what is no number counts as 0."""
    shown = [value if math.isfinite(value) and value > 0 else 0.0 for value in values[-width:]]
    scale = (len(_BARS) - 1) / top if top > 0 and math.isfinite(top) else 0.0
    return "".join(_BARS[min(len(_BARS) - 1, round(value * scale))] for value in shown)


def chart(observed: Sequence[float], expected: Sequence[float]) -> str:
    """Draw observed over expected on one scale, in a fixed-width block; empty without figures."""
    if not observed:
        return ""
    top = max([v for v in (*observed, *expected) if math.isfinite(v)], default=0.0)
    lines = [f"reports  {sparkline(observed, top)}  now {figure(observed[-1])}, highest {figure(top)}"]
    if expected:
        lines.append(f"expected {sparkline(expected, top)}  now {figure(expected[-1])}")
    return "```" + "\n".join(lines) + "```"


def foot(now: datetime, url: str, label: str) -> Block:
    """The small last line of each card: the internal remark (once), the desk, the age of what is shown."""
    desk = link(url, label) if url else ""
    return context(" · ".join(part for part in (f"As of {clock(now)}", desk, INTERNAL) if part))


def notification(*parts: str) -> str:
    """Join what a phone shows before the card is opened; parts are escaped already."""
    return " · ".join(" ".join(part.split()) for part in parts if part)
