"""Of which workspace people in Slack are: ours, or that of guests in a channel shared with others (Slack Connect).

`user.team_id` of a press, `team_id` of a command and `user_team` of an event name the person's own workspace, or their
organisation where they have one (Enterprise Grid). `team` of a press and `team_id` around an event do not: they name
the workspace of the app, or that of the channel (docs.slack.dev, interaction payloads, Slack Connect, 2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.errors import PermanentError


@dataclass(frozen=True, slots=True)
class Home:
    """Our workspace: its ids (its own, and that of its organisation if it has one), and what people call it."""

    ids: frozenset[str]
    name: str


@dataclass(frozen=True, slots=True)
class Sender:
    """Who did something, and the ids of their workspace and organisation; none where Slack does not say."""

    user: str
    ids: frozenset[str] = frozenset()


def home_of(answer: Mapping[str, object]) -> Home:
    """Read the answer of auth.test."""
    ids = _ids(answer, "team_id", "enterprise_id")
    if not ids:
        raise PermanentError("Slack does not say which workspace the token belongs to.")
    return Home(ids, str(answer.get("team") or "our workspace"))


def who_pressed(payload: Mapping[str, object]) -> Sender:
    """Read who pressed a button, sent a modal off or used a shortcut."""
    user = _part(payload, "user")
    return Sender(str(user.get("id") or ""), _ids(user, "team_id"))


def who_typed(form: Mapping[str, object]) -> Sender:
    """Read who typed a command."""
    return Sender(str(form.get("user_id") or ""), _ids(form, "team_id", "enterprise_id"))


def who_reacted(payload: Mapping[str, object]) -> Sender:
    """Read who did what an event tells of."""
    event = _part(payload, "event")
    return Sender(str(event.get("user") or ""), _ids(event, "user_team") or _ids(event, "team"))


def ids_of(user: Mapping[str, object]) -> frozenset[str]:
    """Read a user object of Slack: its workspace, its organisation and the workspaces it belongs to there."""
    grid = _part(user, "enterprise_user")
    teams = grid.get("teams")
    listed = frozenset(filter(None, map(str, teams))) if isinstance(teams, list) else frozenset()
    return _ids(user, "team_id") | _ids(grid, "enterprise_id") | listed


def _ids(part: Mapping[str, object], *names: str) -> frozenset[str]:
    found = (part.get(name) for name in names)
    return frozenset(id for id in found if isinstance(id, str) and id)


def _part(payload: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = payload.get(name)
    return found if isinstance(found, Mapping) else {}
