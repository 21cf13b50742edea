"""A record as plain data and back: what both stores write, safe against hostile text."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from app.store.protocol import R, Record, Value
from domain.component import fold
from domain.errors import PermanentError

MAX_BYTES = 12 * 2**20  # MongoDB keeps documents of up to 16 MiB; the rest is for the fields beside the record
SEARCHED = 20_000  # characters of a text that the search sees; folding a book would hold up everything else
T = TypeVar("T")
log = logging.getLogger(__name__)
_INT64 = 2**63 - 1
_WORD = re.compile(r"[^\W_]+")


def plain(record: Record) -> dict[str, Any]:
    """Give a record as dicts, lists, text, numbers and None; PermanentError when it is too large to keep."""
    body: dict[str, Any] = _clean(_adapter(type(record)).dump_python(record, warnings=False))
    return body


def packed(body: dict[str, Any]) -> bytes:
    """Write plain data as JSON; PermanentError when it is too large to keep."""
    data = to_json(body, inf_nan_mode="constants")
    if len(data) > MAX_BYTES:
        raise PermanentError(f"{body['id']} has {len(data) / 2**20:.0f} MB, more than can be kept.")
    return data


def unpacked(kind: type[R], data: bytes) -> R:
    """Read a record from JSON; PermanentError when it does not fit the kind (damaged, or of a newer hubbub)."""
    return _read(kind, _adapter(kind).validate_json, data)


def record_of(kind: type[R], body: dict[str, Any]) -> R:
    """Make a record from plain data; PermanentError when it does not fit the kind."""
    return _read(kind, _adapter(kind).validate_python, body)


def readable(read: Callable[[Any], R], bodies: Iterable[Any]) -> list[R]:
    """Read many records; one that is damaged is logged and left out, so that it never hides the others."""
    records = []
    for body in bodies:
        try:
            records.append(read(body))
        except PermanentError as err:
            log.error("left out: %s", err)
    return records


def written(write: Callable[[Record], T], record: Record) -> T | None:
    """Write one record of a batch; one that cannot be kept is logged and gives None, so that it never stops others."""
    try:
        return write(record)
    except (PermanentError, TypeError, ValueError, AttributeError) as err:
        log.error("%s %s is not kept: %s", type(record).__name__, record.id, err)
        return None


def whole(moment: datetime) -> datetime:
    """Cut a moment to the millisecond in UTC, as precise as MongoDB keeps it; naive ones are taken as UTC."""
    if moment.tzinfo is not UTC:
        try:
            moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except OverflowError:  # feeds do say 0001-01-01T00:00+03:30
            moment = moment.replace(tzinfo=UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def safe(text: str) -> str:
    """Make text storable: no NUL, no lone surrogate (U+FFFD instead), surrogate pairs joined."""
    text = text.replace("\0", "\ufffd")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def comparable(value: Any) -> Value:
    """Bring a value that is asked for into the form it was stored in."""
    cleaned: Value = whole(value) if isinstance(value, datetime) else _clean(value)
    return cleaned


def words_of(text: str) -> list[str]:
    """Split text into folded words, so that ÇÖKTÜ is found by coktu and كتاب by کتاب."""
    return _WORD.findall(fold(safe(text[:SEARCHED])))


def _read(kind: type[R], validate: Callable[[Any], Any], data: Any) -> R:
    try:
        record: R = validate(data)
    except ValidationError as err:
        first = err.errors(include_url=False, include_input=False)[0]
        at = ".".join(map(str, first["loc"]))
        raise PermanentError(f"A stored {kind.__name__} cannot be read: {at}: {first['msg']}.") from None
    return record


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _clean(value: Any) -> Any:
    clean = _CLEAN.get(type(value))
    if clean is not None:
        return clean(value)
    for kind in (str, dict, list, tuple, frozenset, set, datetime, int):  # subclasses: StrEnum and the like
        if isinstance(value, kind):
            return _CLEAN[kind](value)
    raise TypeError(f"a {type(value).__name__} cannot be kept in a record")


def _clean_list(items: Any) -> list[Any]:
    return [_clean(item) for item in items]


_CLEAN: dict[type, Callable[[Any], Any]] = {
    str: lambda text: safe(str(text)),
    dict: lambda items: {safe(str(key)): _clean(item) for key, item in items.items()},
    datetime: lambda moment: whole(moment).isoformat(timespec="milliseconds"),
    int: lambda number: max(-_INT64, min(_INT64, int(number))),  # BSON and SQLite end at 64 bits
    **dict.fromkeys((list, tuple, set, frozenset), _clean_list),
    **dict.fromkeys((bool, float, type(None)), lambda value: value),
}
