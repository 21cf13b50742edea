"""The app manifest gives what the code needs, and the guide names what exists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from alerts.slack_errors import explain
from domain.errors import AuthError, NotFound

DOCS = Path(__file__).parents[2] / "docs"


def manifest() -> dict[str, Any]:
    """The manifest as Slack reads it."""
    known: dict[str, Any] = yaml.safe_load((DOCS / "slack-manifest.yaml").read_text())
    return known


def test_the_bot_may_do_what_the_client_does_and_nothing_more() -> None:
    assert set(manifest()["oauth_config"]["scopes"]["bot"]) == {
        "chat:write", "commands", "im:write", "channels:history", "groups:history", "channels:read", "groups:read",
        "users:read", "metadata.message:read", "reactions:read",
    }  # fmt: skip


def test_socket_mode_works_as_the_manifest_stands() -> None:
    settings = manifest()["settings"]
    assert settings["socket_mode_enabled"] is True
    assert settings["interactivity"]["is_enabled"] is True
    assert [command["command"] for command in manifest()["features"]["slash_commands"]] == ["/hubbub"]


def test_taking_in_the_http_lines_gives_the_http_manifest() -> None:
    text = (DOCS / "slack-manifest.yaml").read_text().replace("#http url:", "url:").replace("#http request", "request")
    http = yaml.safe_load(text)
    assert http["features"]["slash_commands"][0]["url"].endswith("/slack/commands")
    assert http["settings"]["event_subscriptions"]["request_url"].endswith("/slack/events")
    assert http["settings"]["interactivity"]["request_url"].endswith("/slack/interactions")


def test_the_guide_explains_each_error_it_names() -> None:
    guide = (DOCS / "slack.md").read_text()
    for code in ("not_in_channel", "channel_not_found", "missing_scope", "invalid_auth", "not_allowed_token_type"):
        assert f"`{code}`" in guide
        assert isinstance(explain("chat.postMessage", 200, code), NotFound | AuthError)
