"""Facebook and Instagram as Meta pushes them, signed with the app secret; what a body holds is in meta_changes.py.

API: https://developers.facebook.com/docs/graph-api/webhooks (read 2026-11). Meta delivers at least once, for up to 36
hours, and first asks whether the address is ours.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from domain.errors import AuthError
from domain.heard.mention import Batch
from listener.items import text_at
from listener.options import SecretProblem
from listener.pushed import decoded, header_of
from listener.source import Configured
from listener.sources.meta_changes import parse_changes, taken_back

SIGNATURE = "X-Hub-Signature-256"


@dataclass(frozen=True, slots=True)
class FacebookWebhookOptions:
    """How to answer Meta."""

    # Not a secret: it only shows Meta that this address is meant, and opens nothing.
    verify_token: Annotated[str, Field(min_length=8, max_length=200)]  # the same words as in the app's settings
    erase_hidden: bool = False  # what our moderators hide is erased here, too


def verify(body: bytes, header: str, secret: str) -> None:
    """Accept a body only if Meta signed these bytes with the app secret; raises `AuthError`."""
    found = re.fullmatch(r"sha256=([0-9a-f]{64})", header)
    if not secret or found is None:
        raise AuthError(f"The {SIGNATURE} header is missing or malformed.")
    if not hmac.compare_digest(hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(), found[1]):
        raise AuthError("The signature does not fit the body.")


def problems_of(options: FacebookWebhookOptions, base_url: str | None, secrets: object) -> list[str]:
    """Say whether the secret is missing."""
    if len(text_at(secrets, "app_secret")) >= 16:
        return []
    return [
        SecretProblem("secret `app_secret` is missing or shorter than 16 characters: Meta signs with it what it sends.")
    ]


class FacebookWebhook(Configured[FacebookWebhookOptions]):
    """Takes what Meta pushes; there is nothing to poll."""

    def receive(self, body: bytes, headers: Mapping[str, str]) -> Batch:
        """Check and read one request; raises `AuthError` or `PermanentError`. Header names in any case."""
        verify(body, header_of(headers, SIGNATURE), self.setup.secrets.get("app_secret", ""))
        answer = decoded(body)
        parsed, deleted = parse_changes(answer, self.setup.origin()), taken_back(answer, self.options.erase_hidden)
        kept = tuple(mention for mention in parsed.mentions if mention.native_id not in deleted)
        return Batch(kept, None, parsed.set_aside, deleted=deleted)

    def challenge(self, query: Mapping[str, str]) -> str | None:
        """Answer Meta's question whether this address is ours; None for anybody else's."""
        token, asked = query.get("hub.verify_token", ""), query.get("hub.challenge", "")
        is_ours = hmac.compare_digest(token.encode("utf-8", "replace"), self.options.verify_token.encode())
        is_plain = re.fullmatch(r"[\w.-]{1,200}", asked, re.ASCII) is not None
        return asked if query.get("hub.mode") == "subscribe" and is_ours and is_plain else None

    async def fetch(self, cursor: str | None) -> Batch:
        """Give nothing: mentions come through `receive`."""
        return Batch((), cursor)
