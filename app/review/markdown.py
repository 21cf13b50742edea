"""A review or a scorecard as Markdown (CommonMark with tables); nothing that people wrote can become markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from alerts.text import isolate
from app.review import words
from app.review.figures import Figure
from app.review.rows import Said
from app.review.score_sheet import ScoreSheet
from app.review.sheet import Sheet

# What CommonMark 0.31.2 and GitHub's dialect read as markup inside a line, what begins a block, what becomes a link.
_MARKS = re.compile(r"[\\`*_\[\]<>&#|~!$]|(?<=\w):(?=//)|(?<=\bwww)\.", re.IGNORECASE)
_START = re.compile(r"^([-+=]|\d{1,9}[.)])")
_JOINER = "\u2060"  # after "@": GitHub and Slack notify people by "@name", escaped or not
LONGEST = 5000  # characters of one text


def review_markdown(sheet: Sheet, brand: str) -> str:
    """Write a review."""
    ended = f"to {words.utc(sheet.ended, sheet.began)}" if sheet.ended else "still open"
    parts = [
        f"# {safe(sheet.title)}",
        f"{safe(words.line(brand, 60))}: what customers saw, what we said. {sheet.id}; {', '.join(sheet.tags)}; "
        f"{words.utc(sheet.began)} {ended}, as of {words.utc(sheet.as_of, sheet.began)}. All times are UTC.",
        f"**{safe(sheet.lead)}**", _figures(sheet.figures), "## Step by step", _steps(sheet), "## What we said",
        *(_said(word, sheet) for word in sheet.said), *([] if sheet.said else ["Nothing was said in public."]),
        sheet.unsaid, *_promises(sheet), "## What customers said", *_heard(sheet), "## Minute by minute",
        f"One row per {sheet.step} in which anything was said or done.", _beats(sheet), _list(sheet.remarks),
    ]  # fmt: skip
    return "\n\n".join(part for part in parts if part) + "\n"


def scorecard_markdown(score: ScoreSheet, brand: str) -> str:
    """Write a scorecard."""
    head = ("Incident", "Began", "People", "To alert", "To public word", "To the end", "Promises", "Heard from us",
            "Well informed", "First")  # fmt: skip
    rows = [
        (safe(row.title), words.utc(row.began), row.people, row.to_alert, row.to_word, row.to_resolved, row.promises,
         row.reached, row.satisfied, row.first)
        for row in score.rows
    ]  # fmt: skip
    parts = [
        f"# Scorecard of {safe(words.line(brand, 60))}",
        f"{words.utc(score.since)} to {words.utc(score.until)}. All times are UTC.", _figures(score.figures),
        table(head, rows) if rows else "No incident was declared in this time.", _list(score.remarks),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def safe(text: str) -> str:
    """Make foreign text plain words on one line: no markup, no link, no notification, no other direction around it."""
    escaped = _MARKS.sub(lambda mark: f"\\{mark[0]}", words.line(text, LONGEST))
    escaped = _START.sub(lambda start: f"{start[1][:-1]}\\{start[1][-1]}", escaped)
    return isolate(escaped.replace("@", f"@{_JOINER}"))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lay out a table; cells are escaped already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _figures(found: Sequence[Figure]) -> str:
    return table(("Figure", "Value", ""), [(f.label, f.value, safe(f.remark) if f.remark else "") for f in found])


def _steps(sheet: Sheet) -> str:
    head = ("Step", "When", "After the first complaint", "After the step before")
    rows = [(s.words, words.utc(s.at, sheet.began), s.minutes, s.since_last or "–") for s in sheet.steps]
    return table(head, rows)


def _said(word: Said, sheet: Sheet) -> str:
    by = f", told by {word.told_by}" if word.told_by else ""
    lines = [f"### {word.number}. {safe(word.heading)}, {words.utc(word.at, sheet.began)} ({word.minutes}{by})"]
    lines += [f"> {safe(name)}: {safe(text)}" for _, name, text in word.texts]
    if word.promise:
        lines.append(f"Promised the next word by {words.utc(word.promise, sheet.began)}.")
    lines.append(_list(f"also on {safe(echo.words)}, {words.utc(echo.at, sheet.began)}" for echo in word.echoes))
    return "\n\n".join(line for line in lines if line)


def _promises(sheet: Sheet) -> list[str]:
    if not sheet.promises:
        return []
    rows = [
        (words.utc(k.made_at, sheet.began), words.utc(k.due, sheet.began),
         words.utc(k.answered_at, sheet.began) if k.answered_at else "not yet", k.outcome)
        for k in sheet.promises
    ]  # fmt: skip
    return ["## “Next update by”: what we promised", table(("Promised", "For", "Next word", "So it was"), rows)]


def _heard(sheet: Sheet) -> list[str]:
    quotes = [f"> {safe(q.text)}\n>\n> — {safe(q.about)}, {words.utc(q.at, sheet.began)}" for q in sheet.quotes]
    about = _list(f"{label}: {safe(value)}" for label, value in sheet.who)
    return [*(quotes or ["There is no complaint to quote."]), about]


def _beats(sheet: Sheet) -> str:
    rows = [
        (words.utc(b.at, sheet.began), str(b.minute), str(b.people), str(b.newly), str(b.so_far),
         safe(" · ".join([*b.ours, *([f"{b.answers} to single customers"] if b.answers else [])]) or "–"))
        for b in sheet.beats
    ]  # fmt: skip
    return table(("From", "Minute", "People", "New", "In all", "We"), rows)


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
