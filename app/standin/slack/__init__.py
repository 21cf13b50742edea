"""A Slack workspace on this machine: its Web API, Socket Mode, and a page with working buttons."""

from __future__ import annotations

from app.standin.slack.app import STAND_IN, SlackStandIn, slack_app
from app.standin.slack.web_api import APP_TOKEN, BOT_TOKEN

__all__ = ["APP_TOKEN", "BOT_TOKEN", "STAND_IN", "SlackStandIn", "slack_app"]
