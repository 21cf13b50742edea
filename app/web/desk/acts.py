"""From a submitted form to the front desk, and back to the page with the answer or the reason why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from app.web.desk.guard import LONGEST_TEXT
from app.web.desk.room import FORM, SESSION, room_of
from domain.action import Action, Verb
from domain.errors import Refused, ServiceError
from domain.ids import stable_id

_FIELDS: Mapping[Verb, tuple[str, ...]] = {
    Verb.REPLY: ("text",), Verb.NOTE: ("text",), Verb.SNOOZE: ("minutes",), Verb.SILENCE: ("minutes",),
    Verb.ADD_TO_INCIDENT: ("incident",), Verb.DISMISS: ("reason",),
    Verb.DECLARE: ("impact", "components", "component_status", "next_update_minutes"),
    Verb.UPDATE: ("status", "component_status", "next_update_minutes"),
    Verb.APPROVE_POST: ("delivery",), Verb.SKIP_POST: ("delivery",), Verb.EDIT_POST: ("delivery", "text"),
}  # fmt: skip
_SPEAKS: Mapping[Verb, tuple[str, ...]] = {
    Verb.DECLARE: ("title", "text"), Verb.UPDATE: ("text",), Verb.RESOLVE: ("text",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a form: `done` is where the answer is kept, or `problem` says why nothing changed."""

    done: str = ""
    problem: str = ""
    status: int = 303


async def act(request: web.Request, verb: Verb, subject: str) -> Outcome:
    """Carry out one form; the same form sent twice (same nonce, same words) acts once."""
    room, session, form = room_of(request), request[SESSION], request[FORM]
    values = values_of(verb, form, room.languages)
    said = [f"{name}={value}" for name, value in sorted(values.items())]
    key = stable_id("act", session.id, form.get("nonce", ""), verb, subject, *said)
    if any(len(value) > LONGEST_TEXT for value in values.values()):
        return Outcome(problem=f"This text is longer than {LONGEST_TEXT} characters.", status=422)
    action = Action(verb, subject, session.actor, values, key)
    try:
        await room.once.run(key, session.id, lambda: room.hubbub.front.act(action))
    except Refused as err:
        return Outcome(problem=str(err), status=422)
    except ServiceError as err:
        return Outcome(problem=f"That did not work, nothing is lost: {err} Please try again.", status=503)
    return Outcome(done=key)


def values_of(verb: Verb, form: Mapping[str, str], languages: tuple[str, ...]) -> dict[str, str]:
    """Pick the fields that belong to a verb; anything else in a form is none of its business."""
    wanted = [*_FIELDS.get(verb, ())]
    wanted += [f"{name}.{language}" for name in _SPEAKS.get(verb, ()) for language in languages]
    return {name: form[name] for name in wanted if name in form}


def back(path: str, outcome: Outcome) -> web.HTTPSeeOther:
    """Send the browser back to a page that then shows the answer."""
    return web.HTTPSeeOther(f"{path}?done={outcome.done}")
