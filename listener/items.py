"""Reading foreign data without trusting it: typed access, moments in time, and a page that survives a bad item."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal, TypedDict, TypeVar, Unpack

from domain.errors import PermanentError
from domain.heard.mention import Author, Mention, MentionKind, SetAside, mention_id
from listener.text import clean_line, clean_text, html_to_text, language_code, mask_handles, well_formed

MAX_RAW = 4000  # characters kept of an item that was set aside
Item = TypeVar("Item")
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)
_URL = re.compile(r"https?://[^\s<>\"]{1,2000}", re.IGNORECASE)


_LINES: tuple[Literal["in_reply_to", "root", "region", "contact", "about"], ...] = (
    "in_reply_to", "root", "region", "contact", "about",
)  # fmt: skip


class BadItem(ValueError):
    """One item cannot be read; it is set aside, the rest of its page goes on."""


class _Details(TypedDict, total=False):
    url: str | None
    kind: MentionKind
    language: str | None
    rating: int | None
    in_reply_to: str | None
    root: str | None
    region: str | None
    contact: str | None
    addressed: bool
    edited_at: datetime | None
    about: str | None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where mentions come from: what the pure parsers need to know besides the answer itself."""

    name: str  # of the source, in the settings
    type: str
    now: datetime  # aware UTC: stands in for missing dates, caps those in the future
    own_handles: frozenset[str] = frozenset()  # casefolded, without the first "@"

    def mention(
        self, native_id: str, author: Author, text: str, created_at: datetime, *, is_html: bool = False,
        **details: Unpack[_Details],
    ) -> Mention:  # fmt: skip
        """Put a mention together from foreign values: text cleaned and masked, url and language checked.

        Raises `BadItem` when the id or the author is empty or no text is left.
        """
        native_id, known_author = clean_line(native_id, 500), _clean_author(author)
        plain = mask_handles(html_to_text(text) if is_html else clean_text(text), self.own_handles)
        for what, value in (("id", native_id), ("text", plain), ("author", known_author.id)):
            if not value:
                raise BadItem(f"it has no {what}")
        for name in _LINES:
            details[name] = clean_line(details.get(name) or "", 500) or None
        details["url"] = web_url(details.get("url"))
        details["language"] = language_code(details.get("language") or "")
        return Mention(
            id=mention_id(self.name, native_id), source=self.name, source_type=self.type, native_id=native_id,
            author=known_author, text=plain, created_at=min(created_at, self.now), **details,
        )  # fmt: skip

    def is_own(self, handle: str) -> bool:
        """Say whether a handle is one of ours."""
        return handle.lstrip("@").casefold() in self.own_handles


@dataclass(frozen=True, slots=True)
class Parsed:
    """What was read out of one answer."""

    mentions: tuple[Mention, ...] = ()
    set_aside: tuple[SetAside, ...] = field(default=())


def collect(items: Iterable[Item], parse: Callable[[Item], Mention | None]) -> Parsed:
    """Parse each item; None means "not a mention", a failure sets that item aside."""
    mentions: dict[Mention, None] = {}  # an ordered set: some answers repeat an item
    set_aside: list[SetAside] = []
    for item in items:
        try:
            mention = parse(item)
        except (ValueError, OverflowError, RecursionError) as err:
            set_aside.append(SetAside(raw_of(item), clean_line(str(err)) or type(err).__name__))
        else:
            mentions.update({mention: None} if mention else {})
    return Parsed(tuple(mentions), tuple(set_aside))


def raw_of(item: object) -> str:
    """Give the raw form of an item for people, cut to 4,000 characters."""
    if isinstance(item, bytes):
        return clean_text(item[: MAX_RAW * 4].decode("utf-8", "replace"), MAX_RAW)
    try:
        raw = item if isinstance(item, str) else json.dumps(item, ensure_ascii=False, default=repr)
    except (ValueError, RecursionError):
        raw = f"{type(item).__name__} that cannot be shown"
    return clean_text(raw, MAX_RAW)


def dig(item: object, *path: str | int) -> object:
    """Follow keys and indexes into nested mappings and lists; None when the way ends early."""
    for step in path:
        if isinstance(item, Mapping):
            item = item.get(step)
        elif isinstance(item, list) and isinstance(step, int):
            item = item[step] if -len(item) <= step < len(item) else None
        else:
            return None
    return item


def text_at(item: object, *path: str | int) -> str:
    """Give the string at `path` ("" if it is missing or no string), always well-formed; whole numbers count as ids."""
    found = dig(item, *path)
    if isinstance(found, int) and not isinstance(found, bool) and abs(found) < 1 << 64:
        return str(found)
    return well_formed(found) if isinstance(found, str) else ""


def needed(item: object, *path: str | int) -> str:
    """Give the string at `path`; raises `BadItem` naming the path when it is missing."""
    found = text_at(item, *path)
    if not found:
        raise BadItem(f"`{'.'.join(map(str, path))}` is missing or no text")
    return found


def number_at(item: object, *path: str | int) -> int | None:
    """Give the whole number at `path`, also when it is written as a string; None otherwise."""
    found = text_at(item, *path).strip()
    return int(found) if re.fullmatch(r"-?[0-9]{1,19}", found) else None


def list_at(item: object, *path: str | int) -> list[object]:
    """Give the list at `path`; raises `PermanentError` when the answer has another shape."""
    found = dig(item, *path)
    if not isinstance(found, list):
        what = f"`{'.'.join(map(str, path))}`" if path else "the answer"
        raise PermanentError(f"The answer has an unexpected shape: {what} should be a list.")
    return found


def moment_at(item: object, *path: str | int) -> datetime:
    """Give the moment at `path` (ISO, RFC 2822 or epoch seconds/milliseconds); raises `BadItem` when unreadable."""
    moment = moment_of(dig(item, *path))
    if moment is None:
        raise BadItem(f"`{'.'.join(map(str, path))}` is no readable date")
    return moment


def moment_of(value: object) -> datetime | None:
    """Read a moment in any of the usual forms as aware UTC; a date without zone is taken as UTC."""
    if isinstance(value, bool):
        return None
    try:
        if isinstance(value, int | float):
            return _sane(datetime.fromtimestamp(value / 1000 if abs(value) > 1e11 else value, UTC))
        if isinstance(value, str):
            return _sane(_from_text(value.strip()[:100]))
    except (ValueError, OverflowError, OSError, TypeError, IndexError):
        return None
    return None


def stars(value: int | None) -> int | None:
    """Give a rating if it is one of 1..5."""
    return value if value is not None and 1 <= value <= 5 else None


def kind_of(value: str) -> MentionKind | None:
    """Give the kind of mention a word names, if any."""
    # `value in MentionKind` raises TypeError before Python 3.12.
    return next((kind for kind in MentionKind if kind.value == value.strip().lower()), None)


def web_url(value: str | None) -> str | None:
    """Give an http(s) address, or None for anything else (a `javascript:` link must never reach a page)."""
    return value if value and _URL.fullmatch(value) else None


def _clean_author(author: Author) -> Author:
    return Author(
        clean_line(author.id, 500), clean_line(author.name), clean_line(author.handle), author.followers,
        web_url(author.url),
    )  # fmt: skip


def _from_text(text: str) -> datetime:
    if re.fullmatch(r"[0-9]{9,11}(?:\.[0-9]+)?", text):
        return datetime.fromtimestamp(float(text), UTC)
    if re.match(r"[0-9]{4}-?[0-9]{2}", text):
        return datetime.fromisoformat(text)
    return parsedate_to_datetime(text)


def _sane(moment: datetime) -> datetime | None:
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return aware if datetime(1990, 1, 1, tzinfo=UTC) - timedelta(days=1) < aware < _LATEST else None
