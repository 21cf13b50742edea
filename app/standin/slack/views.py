"""Modals: hubbub opens and changes them, people fill them in."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any

from app.standin.slack.arguments import Arguments
from app.standin.slack.errors import SlackRefusal
from app.standin.slack.limits import VIEW_BYTES, view_faults
from app.standin.slack.payloads import full_view
from app.standin.slack.triggers import Triggers
from app.standin.slack.workspace import Workspace, named_blocks


def open_view(workspace: Workspace, triggers: Triggers, args: Arguments) -> dict[str, Any]:
    """views.open: exchange a trigger for a modal on the screen of whoever pressed."""
    view = checked_view(args.data("view"))
    trigger = triggers.redeem(args.needed("trigger_id"))
    made = new_view(workspace, view, trigger.user)
    trigger.opened.set_result(made)
    return {"view": made}


def update_view(workspace: Workspace, args: Arguments) -> dict[str, Any]:
    """views.update: another content for a modal that is open."""
    view = checked_view(args.data("view"))
    known, reader, is_open = workspace.view(args.needed("view_id"))
    if not is_open:
        raise SlackRefusal("not_found")
    if args.text("hash") and args.text("hash") != known["hash"]:
        raise SlackRefusal("hash_conflict")
    return {"view": change_view(workspace, known["id"], view, reader)}


def checked_view(view: Any) -> Mapping[str, Any]:
    """Give the modal back, or refuse it with `invalid_arguments` and what is wrong."""
    if faults := view_faults(view):
        raise SlackRefusal("invalid_arguments", faults)
    if len(json.dumps(view)) > VIEW_BYTES:
        raise SlackRefusal("view_too_large")
    return dict(view)


def new_view(workspace: Workspace, view: Mapping[str, Any], reader: str) -> dict[str, Any]:
    """Put a new modal on somebody's screen."""
    return change_view(workspace, "V" + secrets.token_hex(5).upper(), view, reader)


def change_view(workspace: Workspace, id_: str, view: Mapping[str, Any], reader: str) -> dict[str, Any]:
    """Write the content of a modal down under its id."""
    named = {**view, "blocks": named_blocks(view["blocks"], id_)}
    made = full_view(named, id_, f"{int(workspace.now().timestamp())}.{secrets.token_hex(4)}")
    workspace.put_view(made, reader)
    return made
