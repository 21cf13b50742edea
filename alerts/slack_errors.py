"""What Slack's refusals and failures mean to us: try again, when, or never, in words a person can act on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from domain.errors import AuthError, NotFound, PermanentError, RateLimited, ServiceError, TemporaryError

_AUTH = {
    "invalid_auth": "the token is wrong", "not_authed": "no token is set", "token_revoked": "the token was revoked",
    "token_expired": "the token has expired", "account_inactive": "the bot's account was switched off",
    "missing_scope": "the app lacks a permission; install it again with docs/slack-manifest.yaml",
    "not_allowed_token_type": "this needs the other kind of token (bot tokens begin with xoxb-, app tokens with xapp-)",
    "no_permission": "the app lacks a permission", "ekm_access_denied": "the workspace's admins do not allow it",
    "org_login_required": "the workspace is being moved", "access_denied": "the app lacks a permission",
}  # fmt: skip
_NOT_FOUND = {
    "channel_not_found": "the channel is not known; check the name, invite the bot if it is private (/invite @hubbub)",
    "not_in_channel": "the bot is not in the channel; invite it there (/invite @hubbub)",
    "is_archived": "the channel is archived", "message_not_found": "the message was deleted",
    "thread_not_found": "the thread was deleted", "user_not_found": "the person is not known",
    "user_not_in_channel": "the person is not in the channel",
}  # fmt: skip
_AGAIN = frozenset({
    "internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org", "accesslimited",
    "external_channel_migrating", "message_limit_exceeded", "updating_message_failed",
})  # fmt: skip
_LIMITED = frozenset({"ratelimited", "rate_limited"})
_HINTS = {
    "expired_trigger_id": "the press is too old; press again", "exchanged_trigger_id": "this press was used already",
    "msg_too_long": "the message is too long", "restricted_action": "the workspace does not let the bot write there",
    "invalid_blocks": "Slack does not accept the card's layout",
}  # fmt: skip


def explain(method: str, status: int, code: str, retry_after: timedelta | None = None) -> ServiceError:
    """Turn Slack's answer to `method` (HTTP status and error code) into our error; no token is ever in the words."""
    if status == 429 or code in _LIMITED:
        return RateLimited(f"Slack asks to slow down ({method}).", retry_after or timedelta(seconds=30))
    if code in _AUTH:
        return AuthError(f"Slack refused {method}: {_AUTH[code]} ({code}).")
    if code in _NOT_FOUND:
        return NotFound(f"Slack refused {method}: {_NOT_FOUND[code]} ({code}).")
    if code in _AGAIN or status >= 500:
        return TemporaryError(f"Slack could not do {method} now ({code or f'HTTP {status}'}).", retry_after)
    if not code:
        return TemporaryError(f"Slack's answer to {method} could not be read (HTTP {status}).", retry_after)
    return PermanentError(f"Slack refused {method}: {_HINTS.get(code, code[:80])}.")


def error_code(error: SlackApiError) -> str:
    """Read Slack's own word for what went wrong; empty where the answer was no Slack answer (a proxy's HTML)."""
    data = getattr(error.response, "data", None)
    code = data.get("error") if isinstance(data, Mapping) else None
    return code if isinstance(code, str) else ""


@contextmanager
def as_our_errors(method: str) -> Iterator[None]:
    """Let only errors of ours leave a call of Slack's `method`."""
    try:
        yield
    except SlackApiError as err:
        response = err.response
        # On JSON that is cut off slack-sdk hands out aiohttp's own response, which says `status`.
        status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
        raise explain(method, status, error_code(err), retry_after(getattr(response, "headers", {}))) from err
    except (aiohttp.ClientError, TimeoutError, OSError) as err:
        # The error's own text may carry the address of a proxy with its password.
        raise TemporaryError(f"Slack could not be reached for {method} ({type(err).__name__}).") from err
    except (SlackClientError, AttributeError, ValueError, TypeError) as err:
        # slack-sdk trips over a 200 that is no JSON: `.get` on a str.
        raise TemporaryError(f"Slack's answer to {method} could not be read ({type(err).__name__}).") from err


def retry_after(headers: Mapping[str, object]) -> timedelta | None:
    """Read Retry-After in seconds (Slack sends no dates), at most one hour; None where there is none."""
    value = next((value for name, value in headers.items() if name.lower() == "retry-after"), None)
    text = str(value[0] if isinstance(value, list) and value else value)
    return timedelta(seconds=min(int(text), 3600)) if text.isascii() and text.isdigit() and len(text) < 9 else None
