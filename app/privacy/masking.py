"""Hides what identifies a person in the records that are shown: for Slack, the desk, exports and logs. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from domain.care.case import Case
from domain.incidents.signal import Signal
from domain.privacy.pii import NEVER_NEEDED, mask
from domain.work import Delivery, Line

Mask = Callable[[str], str]


def hide_all(text: str) -> str:
    """Mask everything that identifies a person."""
    return mask(text).text


def hide_secrets(text: str) -> str:
    """Mask cards, IBANs and national ids; for the conversation, where a phone number or an address helps to answer."""
    return mask(text, NEVER_NEEDED).text


def as_it_is(text: str) -> str:
    """Mask nothing: the owner switched it off."""
    return text


def masking(on: bool) -> Mask:
    """Give what the setting `privacy.mask` asks for."""
    return hide_all if on else as_it_is


def masked_case(case: Case, hide: Mask) -> Case:
    """Give a case as it may be shown in Slack: words, names, reasons, answers and history are masked."""
    if hide is as_it_is:
        return case
    reason = replace(case.reason, words=tuple(map(hide, case.reason.words)))
    return replace(
        case, text=hide(case.text), author=hide(case.author), reason=reason,
        replies=tuple(_masked_reply(reply, hide) for reply in case.replies),
        history=tuple(masked_line(line, hide) for line in case.history),
    )  # fmt: skip


def _masked_reply(reply: Delivery, hide: Mask) -> Delivery:
    return replace(reply, text=hide(reply.text), error=hide(reply.error) if reply.error else reply.error)


def masked_signal(signal: Signal, hide: Mask) -> Signal:
    """Give a signal whose quotes and words are masked; quotes were masked when they were chosen, by older rules too."""
    if hide is as_it_is:
        return signal
    seen = signal.evidence
    quotes = tuple(replace(quote, text=hide(quote.text)) for quote in seen.quotes)
    evidence = replace(seen, quotes=quotes, terms=tuple(map(hide, seen.terms)))
    return replace(signal, evidence=evidence, history=tuple(masked_line(line, hide) for line in signal.history))


def masked_line(line: Line, hide: Mask) -> Line:
    """Give a line of a history as it may be shown."""
    return replace(line, who=hide(line.who), text=hide(line.text))
