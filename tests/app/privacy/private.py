"""Words that must not leave, and a case that holds them in every corner."""

from __future__ import annotations

from dataclasses import replace

from domain.care.case import Case, FlagCode, FlagReason
from domain.work import Delivery, DeliveryState, Line
from tests.domain.make import NOW

PHONE, MAIL = "0532 123 45 67", "zeynep@mail.example"
CARD, IBAN, ID = "4111 1111 1111 1111", "TR33 0006 1005 1978 6457 8413 26", "10000000146"
SECRETS = (CARD, IBAN, ID)
ALL = (PHONE, MAIL, *SECRETS)
WORDS = f"my card {CARD} was declined, call {PHONE} or write {MAIL}; {IBAN}; kimlik {ID}"


def left(text: str, secrets: tuple[str, ...] = ALL) -> list[str]:
    """List what can still be read."""
    return [secret for secret in secrets if secret in text]


def told(case_: Case) -> Case:
    """A case whose every corner holds something that must not leave."""
    reply = Delivery("r1", "mastodon", f"We call {PHONE}", "en", DeliveryState.FAILED, NOW, error=f"{MAIL} is unknown")
    return replace(
        case_, author=MAIL, text=WORDS, reason=FlagReason(FlagCode.COMPLAINT, 0.9, ("declined", PHONE)),
        replies=(reply,), history=(Line(NOW, MAIL, "wrote again"), Line(NOW, "Ada", f"noted: {WORDS}")),
    )  # fmt: skip
