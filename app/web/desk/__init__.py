"""The web desk (`/desk`): cases, incidents, signals and sources for people who do not live in Slack."""

from __future__ import annotations

from app.web.desk.add import add_desk, one_time_link

__all__ = ["add_desk", "one_time_link"]
