"""Mentions pushed to us as signed JSON by another system; the settings say where each field is found in it.

The sender signs with the shared secret: `X-Hubbub-Signature: t=<epoch seconds>,v1=<hex HMAC-SHA256 of "<t>." + body>`.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.errors import AuthError, PermanentError
from domain.heard.mention import Batch, MentionKind
from domain.signing import SIGNATURE_HEADER, digest
from listener.items import Origin, Parsed, collect, dig, text_at
from listener.options import SecretProblem
from listener.paths import field_problems, item_reader, steps
from listener.pushed import decoded, header_of
from listener.source import Configured

TOLERANCE = timedelta(minutes=5)  # older signatures may be replays
MAX_ITEMS = 1000  # of one body


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
    found = decoded(body)
    listed = dig(found, *steps(options.items))
    items = listed if isinstance(listed, list) else [listed]
    if listed is None or len(items) > MAX_ITEMS:
        raise PermanentError(
            f"The body has no `{options.items or 'item'}`." if listed is None
            else f"The body has more than {MAX_ITEMS} items."
        )  # fmt: skip
    reader = item_reader(options.fields, is_html=options.is_html, kind=MentionKind.MESSAGE)
    return collect(items, lambda item: reader.read(item, origin))


def problems_of(options: WebhookOptions, base_url: str | None, secrets: object) -> list[str]:
    """Say which mapped fields we do not have, and whether the secret is missing."""
    problems = field_problems(options.fields)
    if len(text_at(secrets, "secret")) < 16:
        problems.append(
            SecretProblem("secret `secret` is missing or shorter than 16 characters: it signs what is sent to us.")
        )
    return problems


class Webhook(Configured[WebhookOptions]):
    """Takes what is pushed; there is nothing to poll."""

    def receive(self, body: bytes, headers: Mapping[str, str]) -> Batch:
        """Check and read one request; raises `AuthError` or `PermanentError`. Header names in any case."""
        verify(body, header_of(headers, SIGNATURE_HEADER), self.setup.secrets.get("secret", ""), self.setup.now())
        parsed = parse_body(body, self.setup.origin(), self.options)
        return Batch(parsed.mentions, None, parsed.set_aside)

    async def fetch(self, cursor: str | None) -> Batch:
        """Give nothing: mentions come through `receive`."""
        return Batch((), cursor)
