"""A small town square on this machine: a Mastodon-compatible network, a forum feed and a webhook that remembers."""

from __future__ import annotations

from app.standin.town.app import TOWN, TOWN_TOKEN, town_app
from app.standin.town.square import Post, Town

__all__ = ["TOWN", "TOWN_TOKEN", "Post", "Town", "town_app"]
