"""From a submitted form to the front desk, and back to the page with the answer or the reason why not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aiohttp import web

from alerts.cards import language_name
from app.desk.wording import HEARD, proofread
from app.web.desk.guard import LONGEST_TEXT
from app.web.desk.room import FORM, SESSION, room_of
from domain.action import Action, Verb
from domain.errors import Refused, ServiceError
from domain.ids import stable_id
from domain.work import Delivery

_FIELDS: Mapping[Verb, tuple[str, ...]] = {
    Verb.REPLY: ("text",), Verb.NOTE: ("text",), Verb.SNOOZE: ("minutes",), Verb.SILENCE: ("minutes",),
    Verb.ADD_TO_INCIDENT: ("incident",), Verb.DISMISS: ("reason",),
    Verb.DECLARE: ("impact", "components", "component_status", "next_update_minutes", "private", "severity", HEARD),
    Verb.UPDATE: ("status", "component_status", "next_update_minutes", HEARD), Verb.RESOLVE: (HEARD,),
    Verb.PUBLISH: ("status", "component_status", "next_update_minutes", HEARD),
    Verb.SPLIT: ("impact", "components", "component_status", "next_update_minutes", HEARD),
    Verb.ORGANISE: ("severity", "lead", "comms"), Verb.MERGE: ("incident",), Verb.TIMELINE: ("text",),
    Verb.NOT_ABOUT: ("case",), Verb.IS_ABOUT: ("case",),
    Verb.APPROVE_POST: ("delivery",), Verb.SKIP_POST: ("delivery",), Verb.EDIT_POST: ("delivery", "text"),
    Verb.ANNOUNCE_WORK: ("components", "starts_at", "ends_at", "by_itself"), Verb.UPDATE_WORK: ("status",),
    Verb.MOVE_WORK: ("starts_at", "ends_at"),
    Verb.CORRECT_POST: ("delivery", "text"), Verb.WITHDRAW_POST: ("delivery",), Verb.STOP_POSTING: ("reason",),
}  # fmt: skip
_SPEAKS: Mapping[Verb, tuple[str, ...]] = {
    Verb.DECLARE: ("title", "text"), Verb.UPDATE: ("text",), Verb.RESOLVE: ("text",),
    Verb.PUBLISH: ("title", "text"), Verb.SPLIT: ("title", "text"),
    Verb.ANNOUNCE_WORK: ("title", "text"), Verb.UPDATE_WORK: ("text",), Verb.MOVE_WORK: ("text",),
    Verb.START_WORK: ("text",), Verb.COMPLETE_WORK: ("text",), Verb.CANCEL_WORK: ("text",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a form: `done` is where the answer is kept, or `problem` says why nothing changed."""

    done: str = ""
    problem: str = ""
    status: int = 303
    doubtful: bool = False  # nothing is wrong: the words were looked at, and a second press publishes them


async def act(request: web.Request, verb: Verb, subject: str) -> Outcome:
    """Carry out one form; the same form sent twice (same nonce, same words) acts once."""
    room, session, form = room_of(request), request[SESSION], request[FORM]
    values = values_of(verb, form, room.languages)
    said = [f"{name}={value}" for name, value in sorted(values.items())]
    key = stable_id("act", session.id, form.get("nonce", ""), verb, subject, *said)
    if any(len(value) > LONGEST_TEXT for value in values.values()):
        return Outcome(problem=f"This text is longer than {LONGEST_TEXT} characters.", status=422)
    action = Action(verb, subject, session.actor, values, key)
    if doubts := proofread(action):
        said = [f"{language_name(language)}: {advice}" for language, advice in doubts]
        words = f"Before customers read this: {' · '.join(said)}. Change it, or press again to publish it as it is."
        return Outcome(problem=words, status=422, doubtful=True)
    try:
        await room.once.run(key, session.id, lambda: room.hubbub.front.act(action))
    except Refused as err:
        return Outcome(problem=str(err), status=422)
    except ServiceError as err:
        return Outcome(problem=f"That did not work, nothing is lost: {err} Please try again.", status=503)
    return Outcome(done=key)


async def approve(request: web.Request, subject: str, deliveries: Iterable[Delivery]) -> Outcome:
    """Approve what stands in the box of a post: words that were changed there are kept first."""
    form = request[FORM]
    draft = next((d for d in deliveries if d.id == form.get("delivery")), None)
    if draft is not None and form.get("text", draft.text) != draft.text:
        outcome = await act(request, Verb.EDIT_POST, subject)
        if outcome.problem:
            return outcome
    return await act(request, Verb.APPROVE_POST, subject)


def values_of(verb: Verb, form: Mapping[str, str], languages: tuple[str, ...]) -> dict[str, str]:
    """Pick the fields that belong to a verb; anything else in a form is none of its business."""
    wanted = [*_FIELDS.get(verb, ())]
    wanted += [f"{name}.{language}" for name in _SPEAKS.get(verb, ()) for language in languages]
    return {name: form[name] for name in wanted if name in form}


def back(path: str, outcome: Outcome) -> web.HTTPSeeOther:
    """Send the browser back to a page that then shows the answer."""
    return web.HTTPSeeOther(f"{path}?done={outcome.done}")
