"""A customer who left traces in every kind of record, and a neighbour who must not be touched."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from app.store import Store
from app.store.codec import plain
from app.store.schema import TABLES
from domain.care.case import Case, CaseStatus, FlagCode, FlagReason
from domain.care.follow_up import FollowUp, ReplyDecision, ReplyVerdict
from domain.heard.classification import Kind
from domain.heard.mention import Author, MentionRecord, Stage, person_id
from domain.incidents.incident import IncidentStatus
from domain.incidents.signal import Quote, SignalState
from domain.records import AuditEntry, Correction, MonitorAlert, Person, SetAsideItem
from domain.told.subscriber import Channel, Standing, Subscriber, subscriber_id
from domain.work import Card, Delivery, DeliveryState, Line
from tests.domain.make import ADA, NOW, case, evidence, incident, meaning, mention, record, signal, word

DAY = timedelta(days=1)
ZEYNEP = Author("acct-777123", "Zeynep Yıldızoğlu", "@zeynepyildizoglu", 12, "https://town.example/@zeynepyildizoglu")
ALI = Author("acct-555", "Ali Komşu", "@alikomsu", 3, "https://town.example/@alikomsu")
# Not one of these may be found afterwards.
TRACES = (
    "acct-777123", "Zeynep", "zeynepyildizoglu", "kırmızıbisiklet", "mavikaplumbağa", "turuncuşemsiye", "eskikelime",
    "nat-777", "yanıtımız", "notumuz", "zeynep@posta.example", "posts/777",
)  # fmt: skip


def said(text: str, native: str, author: Author = ZEYNEP, **more: Any) -> MentionRecord:
    """A post of somebody."""
    told = mention(
        text, f"nat-{native}", author=author, url=f"https://town.example/posts/{native}", in_reply_to=f"nat-{native}0",
        root=f"nat-{native}0", reply_ref=f"nat-{native}", region="Kadıköy", language="tr", addressed=True,
    )  # fmt: skip
    hers = author == ZEYNEP
    understood = meaning(why=("mavikaplumbağa",) if hers else ("komşunun",))
    return record(told, understood, **{"edits": ("eskikelime",) if hers else ("komşunun eski sözü",), **more})


def answer(id: str, state: DeliveryState, **more: Any) -> Delivery:
    """An answer of ours that quotes whom it answers."""
    return Delivery(
        id, "mastodon", "@zeynepyildizoglu yanıtımız", "tr", state, NOW, reply_to="nat-777", root="nat-7770",
        to="zeynep@posta.example", handle="zeynepyildizoglu", remote_id="nat-777-answer", subject="case",
        url="https://town.example/posts/777/answer", error="zeynep@posta.example refused", **more,
    )  # fmt: skip


def their_case(first: MentionRecord, **more: Any) -> Case:
    """An open case with an answer, a note and a person's name in its history."""
    known = Case(
        id="case_z", person_id=first.person_id, component="payments", kind=Kind.PAYMENT_BILLING, language="tr",
        reason=FlagReason(FlagCode.COMPLAINT, 0.93, ("mavikaplumbağa",)), opened_at=NOW, due_at=NOW,
        author="@zeynepyildizoglu", source="mastodon", source_type="mastodon", mention_ids=(first.id,),
        text=first.mention.text, url="https://town.example/posts/777", reply_channel="mastodon", reply_to="nat-777",
        contact="zeynep@posta.example", addressed=True, handle="zeynepyildizoglu", followers=12,
        replies=(answer("rep_1", DeliveryState.SENT), answer("rep_2", DeliveryState.PENDING)),
        history=(
            Line(NOW, "@zeynepyildizoglu", "wrote again"), Line(NOW, "Ada", "noted: Zeynep says\nnotumuz"),
            Line(NOW, "Ada", "replied via mastodon: @zeynepyildizoglu yanıtımız"),
            Line(NOW, "Ada", "drafted a reply to be posted by hand: yanıtımız"), Line(NOW, "Ada", "claimed the case"),
        ),
        assignee=ADA, card=Card("C1", "1.0", shown=0), incident_id="inc_1", updated_at=NOW,
    )  # fmt: skip
    return replace(known, **more)


async def live(store: Store, **case_more: Any) -> str:
    """Write Zeynep's traces and Ali's beside them; returns her person id."""
    hers = said("kırmızıbisiklet ile ödeme olmadı mavikaplumbağa", "777")
    again = said("turuncuşemsiye çalışmıyor", "7771")
    his = said("komşunun sözü", "555", ALI)
    waiting = replace(said("mavikaplumbağa yeni", "7772"), stage=Stage.NEW, classification=None)
    quotes = (
        Quote("kırmızıbisiklet ile ödeme olmadı", "mastodon", "tr", NOW, hers.id),
        Quote("komşunun sözü", "mastodon", "tr", NOW, his.id),
    )
    her = their_case(hers, **case_more)
    follow_up = FollowUp(
        "fol_z", "inc_1", hers.person_id, "case_z", ReplyDecision(ReplyVerdict.ALLOWED, "the platform lets us"),
        answer("fol_z", DeliveryState.DRAFT), "@zeynepyildizoglu", "https://town.example/posts/777",
    )  # fmt: skip
    correction = Correction("cor_z", hers.id, hers.mention.text, "tr", 0.9, Kind.OTHER, False, None, "m1", "Ada", NOW)
    await store.add(
        hers, again, his, waiting, her, follow_up, correction,
        replace(
            case(), id="case_a", person_id=his.person_id, mention_ids=(his.id,), text="komşunun sözü",
            handle="alikomsu", author="@alikomsu", url="https://town.example/posts/555", reply_to="nat-555",
        ),
        Person(hers.person_id, "@zeynepyildizoglu", "mastodon", NOW, NOW, 3, 2),
        Person(his.person_id, "@alikomsu", "mastodon", NOW, NOW, 1, 1),
        signal(evidence=evidence(quotes=quotes), mention_ids=(hers.id, his.id)),
        incident(word(), still_broken=(hers.person_id, his.person_id)),
        AuditEntry("aud_z", NOW, "Ada (U1)", "slack", "reply", "case_z", "Sent. [text=@zeynepyildizoglu yanıtımız]"),
        AuditEntry("aud_a", NOW, "Ada (U1)", "slack", "note", "case_a", "Noted. [text=komşuya not]"),
        SetAsideItem("set_z", "mastodon", '{"id": 1, "acct": "Zeynep Y\\u0131ld\\u0131zo\\u011flu"}', "no date", NOW),
        *(
            Subscriber(subscriber_id(Channel.MAIL, mail), Channel.MAIL, mail, "tr", NOW, state=Standing.ACTIVE)
            for mail in ("zeynep@posta.example", "komsu@posta.example")
        ),
        SetAsideItem("set_a", "mastodon", '{"id": 2, "acct": "somebody else"}', "no date", NOW),
    )  # fmt: skip
    return hers.person_id


def neighbour() -> str:
    """Ali's person id."""
    return person_id(said("", "555", ALI).mention)


async def dump(store: Store) -> str:
    """Everything that a store keeps, as text."""
    return str([plain(found) for table in TABLES for found in await store.find(table.kind)])


def traces(text: str) -> list[str]:
    """List what is left of Zeynep."""
    return [trace for trace in TRACES if trace in text]


def old_records(age: timedelta) -> list[Any]:
    """One record of each kind that ages, as it was `age` ago."""
    then = NOW - age
    post = said("kırmızıbisiklet", "777", case_id="case_z", received_at=then)
    post = replace(post, mention=replace(post.mention, created_at=then), received_at=then)
    gone = replace(signal(), state=SignalState.CLOSED, closed_at=then, opened_at=then, id="sig_old")
    quotes = (Quote("kırmızıbisiklet", "mastodon", "tr", then, post.id),)
    over = incident(
        replace(word(), at=then), replace(word(IncidentStatus.RESOLVED, "upd_2"), at=then), resolved_at=then,
        still_broken=(post.person_id,), declared_at=then, started_at=then,
    )  # fmt: skip
    return [
        post, their_case(post, status=CaseStatus.CLOSED, opened_at=then, updated_at=then), over,
        Person(post.person_id, "@zeynepyildizoglu", "mastodon", then, then, 1, 1),
        replace(gone, evidence=evidence(quotes=quotes, terms=("kırmızıbisiklet",))),
        Correction("cor_z", post.id, "kırmızıbisiklet", "tr", 0.9, Kind.OTHER, False, None, "m1", "Ada", then),
        FollowUp("fol_z", "inc_1", post.person_id, "case_z", ReplyDecision(ReplyVerdict.ALLOWED, "yes"),
                 answer("fol_z", DeliveryState.SENT), "@zeynepyildizoglu"),
        AuditEntry("aud_z", then, "Ada (U1)", "slack", "reply", "case_z", "On its way. [text=yanıtımız]"),
        SetAsideItem("set_z", "mastodon", '"kırmızıbisiklet"', "no date", then),
        MonitorAlert("mon_1", "prometheus", "Down", "payments", then, then),
    ]  # fmt: skip
