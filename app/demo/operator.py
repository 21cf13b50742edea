"""The demo's people: they read cards in the local Slack and press the real buttons, driven by what they see."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from app.demo.scenario.load import DELIVERY_PROBLEM, PAYMENT_OUTAGE

CARE, ON_CALL = "#care", "#on-call"
AGENTS = ("U0SELIN", "U0DARIUS", "U0MAYA")
LEAD = "U0DENIZ"
ENDS = {"payments": PAYMENT_OUTAGE[1], "delivery": DELIVERY_PROBLEM[1]}
PAUSE = {"acknowledge": 2, "declare": 4, "update": 25, "resolve": 8}  # minutes people take
ANSWERS_AT_ONCE = 2  # cases the care team answers in one go
Card = Mapping[str, Any]


@dataclass(slots=True)
class Operator:
    """Plays the care team and the person on call; what was done can be seen on the cards, so a restart goes on."""

    session: aiohttp.ClientSession
    url: str  # of the Slack stand-in, without slash at the end
    token: str
    minute: Callable[[], int]
    first_seen: dict[str, int] = field(default_factory=dict)  # "card|button" -> minute

    async def step(self) -> int:
        """Do what people would do now; returns how many buttons were pressed."""
        pressed = 0
        for card in await self._cards(ON_CALL, 8):
            pressed += await self._on_call(card)
        if self.minute() % 6 == 0:
            pressed += await self._care()
        return pressed

    async def _on_call(self, card: Card) -> int:
        buttons = dict(_buttons(card))
        for name in sorted(buttons):
            if name.startswith("approve_post") and self._waited(card, name, 1):
                await self._press(ON_CALL, card, name, LEAD)
                return 1  # the card is drawn anew, and its other buttons have other names now
        steps = ("acknowledge", "declare", "resolve", "update")
        wanted = next((step for step in steps if self._time_for(card, buttons, step)), None)
        if wanted is not None:
            await self._press(ON_CALL, card, wanted, LEAD)
            return 1
        if "send_follow_ups" in buttons and self._waited(card, "send_follow_ups", 3):
            await self._press(ON_CALL, card, "send_follow_ups", LEAD)
            return 1
        return 0

    def _time_for(self, card: Card, buttons: Mapping[str, str], step: str) -> bool:
        if step not in buttons or not self._waited(card, step, PAUSE[step]):
            return False
        words = str(card.get("text"))
        if step == "resolve":
            return self.minute() >= _end(words) + PAUSE["resolve"]
        if step == "update":
            return words.startswith("Investigating") and self.minute() < _end(words)
        return True

    def _waited(self, card: Card, name: str, minutes: int) -> bool:
        """True once a button has been in sight for so long; people need a moment."""
        seen = self.first_seen.setdefault(f"{card['ts']}|{name}", self.minute())
        return self.minute() - seen >= minutes

    async def _care(self) -> int:
        pressed = 0
        for card in await self._cards(CARE, 16):
            buttons = dict(_buttons(card))
            if pressed >= 2 * ANSWERS_AT_ONCE or not buttons:
                continue
            who = AGENTS[_number(card) % len(AGENTS)]
            if "mark_answered" in buttons:
                await self._press(CARE, card, "mark_answered", who)
            elif "claim" in buttons:
                if _number(card) % 3 == 0:  # some look first, others answer at once, which claims the case too
                    await self._press(CARE, card, "claim", who)
                await self._press(CARE, card, "reply", who)
            elif "not_a_complaint" in buttons and "close" in buttons:
                await self._press(CARE, card, "close", who)
            else:
                continue
            pressed += 2
        return pressed

    async def _press(self, channel: str, card: Card, button: str, who: str) -> None:
        """Press a button; a modal that opens is sent off as it was prefilled."""
        asked = {"channel": channel, "ts": card["ts"], "action_id": button, "user": who}
        if not _opens_modal(button):
            asked["wait"] = 0
        answer = await self._post("ui/press", asked)
        view = answer.get("view")
        if isinstance(view, Mapping):
            await self._post("ui/submit", {"view_id": view["id"], "user": who})

    async def _cards(self, channel: str, newest: int) -> list[Card]:
        query = {"channel": channel, "limit": str(newest)}
        headers = {"Authorization": f"Bearer {self.token}"}
        async with self.session.get(f"{self.url}/api/conversations.history", params=query, headers=headers) as answer:
            messages = (await answer.json()).get("messages") or []
        return [message for message in reversed(messages) if message.get("blocks")]

    async def _post(self, path: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        async with self.session.post(f"{self.url}/{path}", json=asked) as answer:
            found: Mapping[str, Any] = await answer.json()
            return found


def _number(card: Card) -> int:
    """Tell cards apart in a way that a restart does not change."""
    return int(str(card["ts"]).replace(".", "")) // 7


def _opens_modal(button: str) -> bool:
    return button in {"reply", "declare", "update", "resolve", "dismiss"}


def _buttons(card: Card) -> Iterator[tuple[str, str]]:
    for block in card.get("blocks") or []:
        for element in block.get("elements") or []:
            if element.get("type") == "button" and element.get("action_id"):
                yield element["action_id"], str(element.get("value") or "")


def _end(words: str) -> int:
    """Say when the problem that a card is about ends in the scenario."""
    folded = words.casefold()
    return next((end for name, end in ENDS.items() if name[:6] in folded), 0)
