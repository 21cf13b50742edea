"""What strangers write to break out of a page, a table or a line, and our own incident with such a title."""

from __future__ import annotations

from dataclasses import replace

from domain.component import Component
from domain.heard.mention import MentionRecord
from domain.review.story import Material, Review, review
from tests.domain.review.review_story import LATER, at, case_of, says, told

TEXTS = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "](javascript:alert(1)) [click](javascript:alert(2)) ![x](https://evil.example/x.png)",
    "a | b | c\n| --- | --- |\n# Head\n> quote\n- item `code` **bold** _it_ ~~gone~~",
    "\u202egnol txet eht\u202c and \u2066isolated @channel see https://evil.example/a?b=1 or www.evil.example",
    "<https://evil.example> &lt;b&gt; &#60;i&#62; \\[x\\]",
    "1. declined\n2. declined again",
)
TITLE = 'Payments <b>fail</b> | ](javascript:alert(3)) "quoted" \u202edecalper'
COMPONENT = Component("payments", {"en": "Pay<i>ments</i> | \u202ex"})


def complaints() -> list[MentionRecord]:
    """One person for each hostile text; languages differ, so that all of them are quoted."""
    return [says(f"bad{n}", n + 1, text, language=f"x{n}") for n, text in enumerate(TEXTS)]


def hostile() -> Review:
    """The review of an incident whose title, words and complaints are all hostile."""
    said = complaints()
    incident = told()
    first = replace(incident.updates[0], texts={"en": TEXTS[1], "fa": TEXTS[3], '"><script>': TEXTS[0]}, by="<b>")
    incident = replace(incident, titles={"en": TITLE}, updates=(first, *incident.updates[1:]))
    cases = tuple(case_of(each) for each in said)
    return review(Material(incident, cases=cases, mentions=tuple(said)), LATER)


def nobody() -> Review:
    """An incident without complaints, declared and still open."""
    known = told()
    return review(Material(replace(known, updates=known.updates[:1], resolved_at=None, deliveries=())), at(60))
