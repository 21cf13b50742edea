"""Mentions pushed to us as signed JSON by another system; the settings say where each field is found in it.

The sender signs with the shared secret: `X-Hubbub-Signature: t=<epoch seconds>,v1=<hex HMAC-SHA256 of "<t>." + body>`.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.errors import AuthError, PermanentError
from domain.mention import Author, Batch, Mention, MentionKind
from domain.signing import SIGNATURE_HEADER, digest
from listener.items import BadItem, Origin, Parsed, collect, dig, kind_of, moment_of, needed, number_at, stars, text_at
from listener.options import unknown
from listener.source import Configured

TOLERANCE = timedelta(minutes=5)  # older signatures may be replays
MAX_ITEMS = 1000  # of one body
DEFAULT_FIELDS: Mapping[str, str] = {
    "id": "id", "text": "text", "created_at": "created_at", "url": "url", "kind": "kind", "language": "language",
    "rating": "rating", "region": "region", "contact": "contact", "in_reply_to": "in_reply_to", "root": "root",
    "author_id": "author.id", "author_name": "author.name", "author_handle": "author.handle",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class WebhookOptions:
    """How to read what is sent."""

    items: str = ""  # path of the list, e.g. "data.comments"; "": the body is one item, or a list of them
    fields: Mapping[str, str] = field(default_factory=dict)  # our field -> path in an item, over the defaults
    is_html: bool = False


def verify(body: bytes, header: str, secret: str, now: datetime) -> None:
    """Accept a body only if it was signed with our secret within five minutes; raises `AuthError`."""
    found = re.fullmatch(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})", header.strip())
    if not secret or found is None:
        raise AuthError(f"The {SIGNATURE_HEADER} header is missing or malformed.")
    if not hmac.compare_digest(digest(body, secret, int(found[1])), found[2]):
        raise AuthError("The signature does not fit the body.")
    if abs(now.timestamp() - int(found[1])) > TOLERANCE.total_seconds():
        raise AuthError("The signature is older than five minutes, or the clocks disagree.")


def parse_body(body: bytes, origin: Origin, options: WebhookOptions) -> Parsed:
    """Read a body; raises `PermanentError` when it is no JSON or the list is not where `items` says."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as err:
        raise PermanentError("The body is not valid JSON.") from err
    listed = dig(found, *_steps(options.items)) if options.items else found
    items = listed if isinstance(listed, list) else [listed]
    if listed is None or len(items) > MAX_ITEMS:
        raise PermanentError(
            f"The body has no `{options.items or 'item'}`." if listed is None
            else f"The body has more than {MAX_ITEMS} items."
        )  # fmt: skip
    paths = {name: _steps(path) for name, path in {**DEFAULT_FIELDS, **options.fields}.items()}
    return collect(items, lambda item: _parse_item(item, origin, paths, options.is_html))


def problems_of(options: WebhookOptions, base_url: str | None, secrets: object) -> list[str]:
    """Say which mapped fields we do not have, and whether the secret is missing."""
    known = list(DEFAULT_FIELDS)
    problems = [unknown("option `fields`:", name, known) for name in options.fields if name not in known]
    if len(text_at(secrets, "secret")) < 16:
        problems.append("secret `secret` is missing or shorter than 16 characters: it signs what is sent to us.")
    return problems


class Webhook(Configured[WebhookOptions]):
    """Takes what is pushed; there is nothing to poll."""

    def receive(self, body: bytes, headers: Mapping[str, str]) -> Batch:
        """Check and read one request; raises `AuthError` or `PermanentError`. Header names in any case."""
        header = next((value for name, value in headers.items() if name.lower() == SIGNATURE_HEADER.lower()), "")
        verify(body, header, self.setup.secrets.get("secret", ""), self.setup.now())
        parsed = parse_body(body, self.setup.origin(), self.options)
        return Batch(parsed.mentions, None, parsed.set_aside)

    async def fetch(self, cursor: str | None) -> Batch:
        """Give nothing: mentions come through `receive`."""
        return Batch((), cursor)


def _parse_item(item: object, origin: Origin, paths: Mapping[str, tuple[str | int, ...]], is_html: bool) -> Mention:
    if not isinstance(item, Mapping):
        raise BadItem("the item is no object")

    def at(name: str) -> str:
        """Read one of our fields."""
        return text_at(item, *paths[name])

    said = dig(item, *paths["created_at"])
    created_at = moment_of(said) if said is not None else origin.now
    if created_at is None:
        raise BadItem(f"`{'.'.join(map(str, paths['created_at']))}` is no readable date")
    native_id = needed(item, *paths["id"])
    author = at("author_id") or at("author_handle") or at("author_name") or at("contact") or f"unknown:{native_id}"
    return origin.mention(
        native_id, Author(author, at("author_name"), at("author_handle")), needed(item, *paths["text"]), created_at,
        is_html=is_html, url=at("url"), kind=kind_of(at("kind")) or MentionKind.MESSAGE,
        language=at("language"), rating=stars(number_at(item, *paths["rating"])), region=at("region") or None,
        contact=at("contact") or None, in_reply_to=at("in_reply_to") or None, root=at("root") or None,
    )  # fmt: skip


def _steps(path: str) -> tuple[str | int, ...]:
    return tuple(int(step) if step.isdecimal() else step for step in path.split("."))
