"""What a mail server's refusal says about an address: nobody there, not now, not this mail, or not from us. Pure."""

from __future__ import annotations

import re

from domain.told.mailing import Outcome, Verdict

# RFC 3463: bad mailbox, bad syntax of it, moved without trace, null MX (RFC 7505).
NOBODY = frozenset({"5.1.1", "5.1.3", "5.1.6", "5.1.10"})
_ENHANCED = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_BARE_NOBODY = frozenset({550, 551, 553})  # what servers without enhanced codes say
_WHO = re.compile(r"user|mailbox|recipient|address|account", re.IGNORECASE)
_NOT_THERE = re.compile(
    r"unknown|not found|no such|does ?n.t exist|doesn't exist|does not exist|not exist|unavailable|invalid|disabled",
    re.IGNORECASE,
)


def judge(code: int, said: str) -> Outcome:
    """Judge a refusal of one recipient or one mail by its code and words."""
    found = _ENHANCED.search(said)
    status = found[1] if found else ""
    error = f"{code} {' '.join(said.split())}"[:200]
    if code < 500:
        return Outcome(Verdict.LATER, error)
    return Outcome(judge_status(status) if status else _judge_words(code, said), error)


def judge_status(status: str) -> Verdict:
    """Judge an enhanced status code, e.g. "5.1.1"."""
    if status.startswith(("2.", "4.")):
        return Verdict.LATER
    if status in NOBODY:
        return Verdict.GONE
    # 5.7: policy, block lists, missing DKIM: that is about the sender, whoever the recipient is.
    return Verdict.OURS if status.startswith("5.7.") else Verdict.REFUSED


def _judge_words(code: int, said: str) -> Verdict:
    nobody = code in _BARE_NOBODY and _WHO.search(said) and _NOT_THERE.search(said)
    return Verdict.GONE if nobody else Verdict.REFUSED
