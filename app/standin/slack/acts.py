"""What people do on the page (and operators and tests through `ui/`): press, submit, command, say."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.standin.slack import payloads, views
from app.standin.slack.errors import SlackRefusal
from app.standin.slack.forms import form_faults, state_values
from app.standin.slack.messages import checked_blocks
from app.standin.slack.payloads import Act
from app.standin.slack.postman import Kind, Postman
from app.standin.slack.triggers import LIFE_S, Trigger, Triggers
from app.standin.slack.workspace import BOT_ID, BOT_USER, Channel, Person, Workspace

Answer = dict[str, Any]


@dataclass(slots=True)
class Acts:
    """Turns what people do into payloads, brings them to hubbub, and shows what came of it."""

    workspace: Workspace
    triggers: Triggers
    postman: Postman
    hooks: dict[str, tuple[str, str, str]] = field(default_factory=dict)  # word -> channel, ts (may be empty), user

    async def press(self, asked: Mapping[str, Any], home: str) -> Answer:
        """Press a button or choose from a menu: {channel, ts, action_id, value?, user?, wait?}."""
        channel = self.workspace.channel(_text(asked, "channel"))
        message = self.workspace.message(channel.id, _text(asked, "ts"))
        found = payloads.find_element(message.get("blocks", []), _text(asked, "action_id"))
        user = self._user(asked)
        trigger = self.triggers.issue(user.id, channel.id)
        act = Act(user, trigger.id, self._hook(home, channel.id, message["ts"], user.id))
        reader = self.workspace.reader_of(channel.id, message["ts"])
        action_ts = f"{self.workspace.now().timestamp():.0f}.{secrets.randbelow(10**6):06d}"
        payload = payloads.block_actions(act, channel, message, found, asked.get("value"), action_ts, reader)
        reply = await self.postman.bring(Kind.INTERACTIVE, payload)
        return await _with_view({}, reply.error, trigger, asked)

    async def submit(self, asked: Mapping[str, Any]) -> Answer:
        """Send a modal off: {view_id, values?: {block_id: {action_id: value}}, user?}."""
        view, reader, is_open = self.workspace.view(_text(asked, "view_id"))
        if not is_open:
            raise SlackRefusal("view_closed", ["this modal was sent or closed before"])
        user = self._user(asked, reader)
        state = state_values(view["blocks"], asked.get("values") or {})
        if faults := form_faults(view["blocks"], state):
            return {"ok": False, "errors": faults}
        act = Act(user, self.triggers.issue(user.id).id)
        reply = await self.postman.bring(Kind.INTERACTIVE, payloads.view_submission(act, view, state))
        if reply.error:
            return {"ok": False, "error": reply.error}
        return self._after_submit(view, reader, reply.body if isinstance(reply.body, Mapping) else {})

    def _after_submit(self, view: Mapping[str, Any], reader: str, answer: Mapping[str, Any]) -> Answer:
        todo = answer.get("response_action", "")
        if todo == "errors":
            return {"ok": False, "errors": dict(answer.get("errors") or {})}
        if todo == "update":
            changed = views.change_view(self.workspace, view["id"], views.checked_view(answer.get("view")), reader)
            return {"ok": True, "view": {"id": changed["id"], "view": changed}}
        if todo == "push":
            pushed = views.new_view(self.workspace, views.checked_view(answer.get("view")), reader)
            return {"ok": True, "view": {"id": pushed["id"], "view": pushed}}
        self.workspace.put_view(view, reader, is_open=False)
        return {"ok": True}

    async def close(self, asked: Mapping[str, Any]) -> Answer:
        """Close a modal without sending it: {view_id, user?}; hubbub hears of it where the modal asks for that."""
        view, reader, is_open = self.workspace.view(_text(asked, "view_id"))
        self.workspace.put_view(view, reader, is_open=False)
        if is_open and view.get("notify_on_close"):
            act = Act(self._user(asked, reader), self.triggers.issue(reader).id)
            await self.postman.bring(Kind.INTERACTIVE, payloads.view_closed(act, view))
        return {"ok": True}

    async def command(self, asked: Mapping[str, Any], home: str) -> Answer:
        """Type a slash command: {text, channel?, user?, wait?}; answers with the text that hubbub gave."""
        known = [asked.get("channel"), *(c.id for c in self.workspace.channels())]
        channel = self.workspace.channel(str(next(key for key in known if key)))
        user = self._user(asked)
        command, text = _command(str(asked.get("text") or ""))
        trigger = self.triggers.issue(user.id, channel.id)
        act = Act(user, trigger.id, self._hook(home, channel.id, "", user.id))
        reply = await self.postman.bring(Kind.COMMAND, payloads.slash_command(act, channel, command, text))
        said = {} if reply.error else self._said(channel, user.id, reply.body)
        return await _with_view(said, reply.error, trigger, asked)

    def _said(self, channel: Channel, user: str, body: Any) -> Answer:
        answer = body if isinstance(body, Mapping) else {"text": str(body or "")}
        if not answer.get("text") and not answer.get("blocks"):
            return {}
        shown = {"text": str(answer.get("text") or ""), "blocks": checked_blocks(answer.get("blocks"))}
        everyone = answer.get("response_type") == "in_channel"
        self.workspace.add(channel.id, {**_BOT, **shown, "is_ephemeral": not everyone}, "" if everyone else user)
        return {"text": shown["text"], "response_type": "in_channel" if everyone else "ephemeral"}

    def say(self, asked: Mapping[str, Any]) -> Answer:
        """Write a message as a person: {channel, text, thread_ts?, user?}; it goes to nobody outside."""
        channel = self.workspace.channel(_text(asked, "channel"))
        text = _text(asked, "text").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        body = {"type": "message", "user": self._user(asked).id, "text": text[:12_000]}
        if asked.get("thread_ts"):
            body["thread_ts"] = self.workspace.message(channel.id, _text(asked, "thread_ts"))["ts"]
        return {"ok": True, "ts": self.workspace.add(channel.id, body)["ts"]}

    def respond(self, word: str, said: Mapping[str, Any]) -> None:
        """Take what hubbub sends to a `response_url`: a new message, or another content for the pressed one."""
        if word not in self.hooks:
            raise SlackRefusal("used_url")
        channel, ts, user = self.hooks[word]
        if said.get("delete_original") and ts:
            self.workspace.change(channel, ts, None)
            return
        shown = {"text": str(said.get("text") or ""), "blocks": checked_blocks(said.get("blocks"))}
        if said.get("replace_original") and ts:
            self.workspace.change(channel, ts, {**self.workspace.message(channel, ts), **shown})
            return
        everyone = said.get("response_type") == "in_channel"
        self.workspace.add(channel, {**_BOT, **shown, "is_ephemeral": not everyone}, "" if everyone else user)

    def _hook(self, home: str, channel: str, ts: str, user: str) -> str:
        word = secrets.token_urlsafe(18)
        self.hooks[word] = (channel, ts, user)
        if len(self.hooks) > _MOST_HOOKS:
            del self.hooks[next(iter(self.hooks))]
        return f"{home}hooks/{word}"

    def _user(self, asked: Mapping[str, Any], default: str = "") -> Person:
        key = str(asked.get("user") or default or next(iter(self.workspace.people)))
        return self.workspace.person(key)


async def _with_view(said: Answer, error: str, trigger: Trigger, asked: Mapping[str, Any]) -> Answer:
    try:
        wait_s = min(max(float(asked.get("wait", LIFE_S)), 0.0), LIFE_S)
    except (TypeError, ValueError) as err:
        raise SlackRefusal("invalid_arguments", ["wait must be a number of seconds"]) from err
    view = await trigger.view(0.0 if error else wait_s)
    answer = {"ok": not error, **said, **({"error": error} if error else {})}
    return {**answer, "view": {"id": view["id"], "view": view}} if view else answer


def _command(typed: str) -> tuple[str, str]:
    first, _, rest = typed.strip().partition(" ")
    return (first, rest.strip()) if first.startswith("/") else ("/hubbub", typed.strip())


def _text(asked: Mapping[str, Any], name: str) -> str:
    value = asked.get(name)
    if not isinstance(value, str) or not value:
        raise SlackRefusal("invalid_arguments", [f"missing required field: {name}"])
    return value


_MOST_HOOKS = 1000
_BOT = {"type": "message", "subtype": "bot_message", "user": BOT_USER, "bot_id": BOT_ID}
