"""The card of planned maintenance: its plan, what customers were told, what waits for approval, what comes next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from alerts.blocks import Block, actions, button, context, link_button, phrase, quote, section
from alerts.cards import View, clock_and_day, foot, language_name, notification, span
from alerts.post_blocks import Remark, changes, drafts, failed_line, posts_line
from domain.action import Verb
from domain.incidents.planned import EXTEND, PlannedWork, WorkStatus

_SIGNS = {
    WorkStatus.SCHEDULED: (":calendar:", "scheduled"),
    WorkStatus.IN_PROGRESS: (":construction:", "in progress"),
    WorkStatus.VERIFYING: (":mag:", "done, the result is being checked"),
    WorkStatus.COMPLETED: (":white_check_mark:", "completed"),
    WorkStatus.CANCELLED: (":heavy_multiplication_x:", "called off"),
}
_AT_ONCE = "The page tells customers at once, in plain words of ours; posts wait for approval."


def work_card(
    work: PlannedWork, *, now: datetime, page_url: str, component_names: Mapping[str, str], desk_url: str = "",
    remark: Remark = lambda post: "", stopped: str = "",
) -> View:  # fmt: skip
    """Draw the card of planned maintenance; `component_names` by id, the others as on the card of an incident."""
    sign, state = _SIGNS[work.status]
    title = phrase(work.title("en"), 150)
    blocks = [
        section(f"{sign} *{title}* · {state}\n{_plan(work, now)}"),
        section(f"{_components(work, component_names)}\n{_turn(work, now)}"),
        *_words(work),
        *drafts(work, remark),
        *changes(work),
        *([context(f":no_entry: {phrase(stopped, 400)}")] if stopped else []),
    ]
    if lines := [line for line in (posts_line(work), failed_line(work)) if line]:
        blocks.append(context(*lines))
    if row := [*_buttons(work), *link_button("Open the page", "open_page", page_url)]:
        blocks.append(actions("work", work.id, work.revision, row))
    blocks.append(foot(now, desk_url, "Open on the desk"))
    return View(
        notification(f"Maintenance {state}: {title}", f"{work.starts_at:%d %b %H:%M} to {_end(work):%H:%M} UTC"), blocks
    )


def _end(work: PlannedWork) -> datetime:
    return work.finished_at if work.finished_at is not None and work.begun_at is not None else work.ends_at


def _plan(work: PlannedWork, now: datetime) -> str:
    start = work.begun_at or work.starts_at
    lasts = f"({'lasted ' if work.is_over and work.begun_at else ''}{span(_end(work) - start)})"
    by = phrase(work.announced_by.name, 60)
    return f"Maintenance {clock_and_day(start, now)} to {clock_and_day(_end(work), now)} {lasts} · announced by {by}"


def _components(work: PlannedWork, names: Mapping[str, str]) -> str:
    return " · ".join(phrase(names.get(key, key), 60) for key in work.components[:12])


def _turn(work: PlannedWork, now: datetime) -> str:
    """Say who takes the next step; true also when the card is read later."""
    if work.status is WorkStatus.CANCELLED:
        return "It does not take place; the calendars of customers forget it."
    if work.is_over:
        return "Nothing is left to do."
    if not work.is_active:
        return "It begins and ends by itself." if work.begins_by_itself else ":point_right: *Somebody must start it.*"
    if work.begins_by_itself and work.turns_at is not None and work.turns_at > now:
        return "It ends by itself, unless somebody extends it."
    late = ":warning: *Longer than planned.* " if work.ends_at <= now else ""
    return f"{late}:point_right: *Somebody must complete it.*"


def _words(work: PlannedWork) -> Iterator[Block]:
    for language, text in list(work.updates[-1].texts.items())[:6]:
        yield section(f"Customers read, in {language_name(language)}:\n{quote(text, 700, 8)}")


def _buttons(work: PlannedWork) -> Iterator[Block]:
    if work.is_over:
        return
    if work.is_active:
        yield button("Complete", Verb.COMPLETE_WORK, work.id, "primary", f"It is done. {_AT_ONCE}")
        # The end it had when the card was drawn goes along: pressed twice, or late, it must not be moved again.
        value, label = f"{work.id}|{work.ends_at:%Y-%m-%dT%H:%MZ}", f"Extend {EXTEND // timedelta(minutes=1)} min"
        yield button(label, f"{Verb.MOVE_WORK}:extend", value, None, f"It takes longer. {_AT_ONCE}")
    else:
        yield button("Start now", Verb.START_WORK, work.id, "primary", f"It begins now. {_AT_ONCE}")
    yield button("Change the end" if work.is_active else "Change the time", f"{Verb.MOVE_WORK}:change", work.id)
    yield button("Post an update", Verb.UPDATE_WORK, work.id)
    if not work.is_active:
        yield button("Call it off", Verb.CANCEL_WORK, work.id, "danger", f"It does not take place. {_AT_ONCE}")
