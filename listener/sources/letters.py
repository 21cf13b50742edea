"""Mails as customers send them: the bytes of one into a mention; machines' mails are left out, so none is answered.

The old `compat32` messages of the standard library, read header by header: with `policy.default` a From of 20,000
quotation marks took 6 s, and other broken headers end in IndexError or RecursionError (measured 2026-11, Python 3.11).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import parseaddr

from domain.heard.mention import Author, Mention, MentionKind
from listener.items import BadItem, Origin, Parsed, collect, moment_of
from listener.sources.quoting import own_words, own_words_of_html
from listener.text import clean_line

_MAX_HEADER = 2000  # characters read of one header
_ADDRESS = re.compile(r"[^\s@<>\"',;:()\[\]\\]{1,64}@[^\s@<>\"',;:()\[\]\\]{1,250}")
_ID = re.compile(r"<[^<>\s]{1,400}>")
_PREFIX = re.compile(r"^(?:\s*(?:re|aw|sv|ynt|yan|cvp|پاسخ|پ)\s*:)+\s*", re.IGNORECASE)
_BULK = frozenset({"bulk", "list", "junk", "auto_reply"})
_MACHINES = frozenset({"mailer-daemon", "postmaster"})
_SLOW_CODECS = frozenset({"punycode", "idna"})  # 200 kB take seconds


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail as the mailbox gave it."""

    raw: bytes
    place: str  # in its mailbox, "uidvalidity:uid": the id of a mail that has none
    arrived: datetime | None = None


def parse_letters(letters: Iterable[Letter], origin: Origin, own_address: str = "") -> Parsed:
    """Read mails (slow: call it in a thread); what machines and we ourselves wrote is left out."""
    by_raw = {letter.raw: letter for letter in letters}
    return collect(by_raw, lambda raw: _parse_letter(by_raw[raw], origin, own_address))


def why_skipped(headers: Mapping[str, str], sender: str, own: bool) -> str | None:
    """Say why a mail is not a person's word to us, None if it is; answering it could start an endless loop."""
    if own:
        return "it is from our own address"
    if headers.get("auto-submitted", "no").partition(";")[0].strip().lower() not in ("", "no"):
        return "a program sent it (Auto-Submitted)"
    if headers.get("precedence", "").strip().lower() in _BULK or headers.keys() & {"x-autoreply", "x-autorespond"}:
        return "it is bulk mail or an automatic answer"
    if sender.partition("@")[0].lower() in _MACHINES or headers.get("return-path", "").strip() == "<>":
        return "a mail server sent it"
    if headers.get("content-type", "").strip().lower().startswith("multipart/report"):
        return "it is a report on a delivery"
    return None


def _parse_letter(letter: Letter, origin: Origin, own_address: str) -> Mention | None:
    try:
        return _read(message_from_bytes(letter.raw), letter, origin, own_address)
    except BadItem:
        raise
    except Exception as err:
        # Whatever the parser of the standard library stumbles over, it is this one mail that cannot be read.
        raise BadItem(f"the mail cannot be read ({type(err).__name__})") from err


def _read(message: Message, letter: Letter, origin: Origin, own_address: str) -> Mention | None:
    headers = _headers(message)
    name, address = parseaddr(headers.get("from", ""))
    address = address.casefold()
    if why_skipped(headers, address, address == own_address.casefold() or origin.is_own(address)):
        return None
    if not _ADDRESS.fullmatch(address):
        raise BadItem("it has no readable sender")
    answer_to = parseaddr(headers.get("reply-to", ""))[1].casefold()
    subject = _PREFIX.sub("", clean_line(_decoded(headers.get("subject", ""))))
    parents = _ID.findall(headers.get("in-reply-to", ""))
    thread = _ID.findall(headers.get("references", "")) or parents
    return origin.mention(
        next(iter(_ID.findall(headers.get("message-id", ""))), letter.place),
        Author(address, _decoded(name)), "\n\n".join(filter(None, (subject, _body(message)))),
        _written(headers.get("date", ""), letter.arrived, origin.now), kind=MentionKind.MESSAGE,
        contact=answer_to if _ADDRESS.fullmatch(answer_to) else address, addressed=True,
        in_reply_to=parents[0] if parents else (thread[-1] if thread else None), root=thread[0] if thread else None,
    )  # fmt: skip


def _written(said: str, arrived: datetime | None, now: datetime) -> datetime:
    """Give when it was written: as it says itself, but not after it arrived."""
    arrived = arrived or now
    return min(moment_of(said.partition("(")[0]) or arrived, arrived)


def _headers(message: Message) -> dict[str, str]:
    """Give the first header of each name (in lower case), unfolded and cut."""
    found: dict[str, str] = {}
    for name, value in message.raw_items():
        line = re.sub(r"\r?\n[ \t]*", " ", str(value)[:_MAX_HEADER])
        # Bytes above ASCII arrive as lone surrogates.
        found.setdefault(name.lower(), _text(line.encode("utf-8", "surrogateescape")))
    return found


def _decoded(value: str) -> str:
    """Decode the encoded words of a header, whatever their charset."""
    try:
        parts = decode_header(value)
    except (HeaderParseError, ValueError):
        return value
    return "".join(part if isinstance(part, str) else _text(part, charset) for part, charset in parts)


def _body(message: Message) -> str:
    """Give the words of a mail: its first plain part, else the text of its first HTML part."""
    parts = [part for part in _parts(message) if part.get_content_disposition() != "attachment"]
    for kind, read in (("text/plain", own_words), ("text/html", own_words_of_html)):
        for part in parts:
            payload = part.get_payload(decode=True) if part.get_content_type() == kind else None
            if isinstance(payload, bytes) and payload.strip():
                return read(_text(payload, part.get_content_charset()))
    return ""


def _parts(message: Message) -> Iterator[Message]:
    """Give the parts of a mail, but not those of mails attached to it."""
    inner = message.get_payload() if message.get_content_maintype() == "multipart" else None
    if not isinstance(inner, list):
        yield message
        return
    for part in inner:
        if isinstance(part, Message):
            yield from _parts(part)


def _text(data: bytes, charset: str | None = None) -> str:
    """Decode bytes: as declared, else UTF-8, else Turkish (cp1254 is cp1252 but for six letters of Icelandic)."""
    for encoding in (charset or "utf-8", "utf-8"):
        try:
            return data.decode("utf-8" if encoding.lower() in _SLOW_CODECS else encoding)
        except (LookupError, ValueError):
            continue
    return data.decode("cp1254", "replace")
