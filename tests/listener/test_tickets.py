"""Tickets pushed by a help desk: signature and its age, Zendesk's events, the JSON of triggers."""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from domain.errors import AuthError, PermanentError
from domain.heard.mention import Author, Mention, MentionKind
from listener.sources.tickets import SIGNATURE, SIGNED_AT, TicketsOptions, parse_tickets, taken_back, verify
from tests.listener.service import NOW, ORIGIN, fixture, json_fixture, source

SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="
STAMP = "2026-11-02T11:59:00Z"
PLAIN = TicketsOptions()


def signed(body: bytes, stamp: str = STAMP, secret: str = SECRET) -> str:
    return base64.b64encode(hmac.new(secret.encode(), stamp.encode() + body, hashlib.sha256).digest()).decode()


def event(kind: str, comment: dict[str, Any] | None = None, **detail: object) -> dict[str, Any]:
    body = copy.deepcopy(json_fixture("tickets.json"))
    body["type"] = f"zen:event-type:{kind}"
    body["detail"] |= detail
    body["event"] = {"comment": comment} if comment else {}
    return dict(body)


def only(body: object, options: TicketsOptions = PLAIN, desk: str = "") -> Mention:
    parsed = parse_tickets(body, ORIGIN, options, desk)
    assert parsed.set_aside == ()
    (mention,) = parsed.mentions
    return mention


def test_a_comment_becomes_a_message_in_the_thread_of_its_ticket() -> None:
    mention = only(json_fixture("tickets.json"), desk="https://acme.zendesk.com/")
    assert (mention.native_id, mention.text) == ("5158:123456789", "Hâlâ açılmıyor, yarım saat oldu")
    assert mention.author == Author("8447388090494", "Zeynep Kaya")
    assert (mention.kind, mention.in_reply_to, mention.root) == (MentionKind.MESSAGE, "5158:0", "5158:0")
    assert mention.created_at == datetime(2026, 11, 2, 11, 58, 0, 123000, tzinfo=UTC)
    assert mention.url == "https://acme.zendesk.com/agent/tickets/5158"
    assert mention.addressed


def test_a_new_ticket_is_its_subject_and_description() -> None:
    mention = only(event("ticket.created"))
    assert (mention.native_id, mention.text) == ("5158:0", "Ödeme sayfası açılmıyor")
    assert mention.created_at == datetime(2026, 11, 2, 9, tzinfo=UTC)
    assert mention.author.id == "8447388090494"
    assert only(event("ticket.created", subject="Yardım")).text == "Yardım\n\nÖdeme sayfası açılmıyor"


def test_the_first_comment_and_the_description_are_one() -> None:
    first = {"id": "7", "body": "Ödeme sayfası açılmıyor\n", "is_public": True, "author": {"id": "8447388090494"}}
    created, added = only(event("ticket.created")), only(event("ticket.comment_added", first))
    assert (added.native_id, added.text) == (created.native_id, created.text)


def test_a_changed_description_is_an_edit() -> None:
    mention = only(event("ticket.description_changed", description="Ödeme sayfası açıldı"))
    assert (mention.native_id, mention.text) == ("5158:0", "Ödeme sayfası açıldı")
    assert mention.edited_at == datetime(2026, 11, 2, 11, 58, 0, 123000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "comment"),
    [
        ("ticket.comment_added", {"id": "1", "body": "note", "is_public": False, "author": {"id": "1"}}),
        ("ticket.comment_added", {"id": "1", "body": "hello", "is_public": True, "author": {"is_staff": True}}),
        ("ticket.status_changed", None),
        ("ticket.soft_deleted", None),
        ("user.created", None),
    ],
)
def test_our_peoples_words_and_other_events_are_left_out(kind: str, comment: dict[str, Any] | None) -> None:
    parsed = parse_tickets(event(kind, comment), ORIGIN, PLAIN)
    assert (parsed.mentions, parsed.set_aside) == ((), ())


@pytest.mark.parametrize(
    ("body", "gone"),
    [
        (event("ticket.soft_deleted"), ("5158:0",)),
        (event("ticket.permanently_deleted"), ("5158:0",)),
        (event("ticket.comment_redacted", {"id": "77"}), ("5158:77",)),
        (event("ticket.comment_redacted", {"id": "77"}, description="my card ▇▇▇▇"), ("5158:0", "5158:77")),
        (event("ticket.comment_redacted"), ()),
        (event("ticket.created"), ()),
        ({"ticket": {"id": 1}}, ()),
        ([7, None], ()),
    ],
)
def test_deleted_and_redacted_words_are_taken_back(body: object, gone: tuple[str, ...]) -> None:
    assert taken_back(body, PLAIN) == gone


def test_the_json_of_a_trigger_needs_no_mapping() -> None:
    mention = only(json_fixture("tickets_trigger.json"))
    assert (mention.native_id, mention.text, mention.language) == ("35436:901", "هنوز پولم برنگشته", "fa")
    assert (mention.author, mention.contact) == (Author("20978392", "سارا"), "sara@mail.example")
    assert mention.url == "https://acme.zendesk.com/agent/tickets/35436", "Zendesk leaves the scheme out"


@pytest.mark.parametrize("change", [{"author": {"id": 1, "role": "agent"}}, {"public": False}, {"is_public": False}])
def test_an_answer_of_ours_in_a_trigger_is_left_out(change: dict[str, Any]) -> None:
    body = json_fixture("tickets_trigger.json")
    body["ticket"]["latest_comment"] |= change
    assert parse_tickets(body, ORIGIN, PLAIN).mentions == ()


@pytest.mark.parametrize(
    ("body", "native_id", "text"),
    [
        ({"ticket_id": "9", "title": "A", "description": "B"}, "9:0", "A\n\nB"),
        ({"id": 9, "subject": "A", "description": "A is broken"}, "9:0", "A is broken"),
        ({"ticket": {"id": 9, "comment": {"id": 3, "body": "C"}, "description": "B"}}, "9:3", "C"),
        ({"ticket": {"id": 9, "latest_comment": {"id": 3, "value": "C"}}}, "9:3", "C"),
        ({"ticket": {"id": 9, "latest_comment": "B", "description": " B "}}, "9:0", "B"),
        ({"type": "incident", "ticket_id": 9, "comment": "C", "comment_id": 4}, "9:4", "C"),
    ],
)
def test_triggers_are_written_in_many_ways(body: dict[str, Any], native_id: str, text: str) -> None:
    mention = only(body)
    assert (mention.native_id, mention.text) == (native_id, text)


@pytest.mark.parametrize(
    ("said", "url"),
    [
        ("https://desk.example/t/1", "https://desk.example/t/1"),
        ("acme.zendesk.com/agent/tickets/1", "https://acme.zendesk.com/agent/tickets/1"),
        ("javascript:alert(1)", None),
        ("", "https://own.example/agent/tickets/1"),
    ],
)
def test_the_link_leads_to_the_ticket_or_nowhere(said: str, url: str | None) -> None:
    assert only({"ticket": {"id": 1, "description": "x", "url": said}}, desk="https://own.example").url == url


def test_a_trigger_without_comment_is_the_ticket_itself() -> None:
    body = json_fixture("tickets_trigger.json")
    del body["ticket"]["latest_comment"]
    mention = only(body)
    assert (mention.native_id, mention.text) == ("35436:0", "Refund\n\nWhere is my money?")
    assert mention.created_at == NOW, "a date for people is none for us"
    assert mention.in_reply_to is None


def test_a_comment_without_id_is_known_by_its_words() -> None:
    one, two = ({"ticket": {"id": 1, "latest_comment": text, "requester": {"id": 5}}} for text in ("a", "b"))
    assert only(one).native_id == only(copy.deepcopy(one)).native_id != only(two).native_id
    assert only(one).in_reply_to == "1:0"


def test_the_mail_address_is_that_of_who_wrote() -> None:
    ticket = {"id": 1, "description": "x", "latest_comment": {"id": 2, "body": "y", "author": {"id": 8, "name": "Lee"}},
              "requester": {"id": 5, "email": "pat@mail.example"}}  # fmt: skip
    assert only({"ticket": ticket}).contact is None
    assert only({"ticket": {**ticket, "latest_comment": None}}).contact == "pat@mail.example"


@pytest.mark.parametrize("contact", ["no address", "a@b.example, c@d.example", "a@b\r\nBcc: c@d.example", ""])
def test_what_is_no_mail_address_is_no_contact(contact: str) -> None:
    body = {"ticket_id": 1, "comment": "x", "requester_email": contact, "requester_id": 3}
    assert only(body).contact is None


def test_fields_are_found_where_the_settings_say() -> None:
    options = TicketsOptions({"ticket": "case.number", "text": "case.notes.0.text", "contact": "case.mail"})
    mention = only({"case": {"number": "A-7", "notes": [{"text": "it broke"}], "mail": "pat@mail.example"}}, options)
    assert (mention.text, mention.contact, mention.author.id) == ("it broke", "pat@mail.example", "pat@mail.example")
    assert mention.native_id.startswith("A-7:")


def test_several_tickets_come_as_a_list_and_a_bad_one_is_set_aside() -> None:
    good = {"ticket": {"id": 1, "description": "x"}}
    parsed = parse_tickets([good, 7, {"ticket": {"description": "no id"}}, {"ticket": {"id": 3}}], ORIGIN, PLAIN)
    assert len(parsed.mentions) == 1
    assert [aside.reason for aside in parsed.set_aside] == [
        "the ticket is no object",
        "no id of a ticket is found where the settings say",
        "it has no text",
    ]
    with pytest.raises(PermanentError, match="more than 100 tickets"):
        parse_tickets([good] * 101, ORIGIN, PLAIN)


@pytest.mark.parametrize(
    ("signature", "stamp"),
    [
        ("", STAMP),
        (signed(b"{}"), ""),
        (signed(b"other"), STAMP),
        (signed(b"{}", secret="another secret"), STAMP),
        (signed(b"{}"), "2026-11-02T11:59:01Z"),
        ("ğ" * 44, STAMP),
        (signed(b"{}", stamp := "2026-11-02T11:54:00Z"), stamp),
        (signed(b"{}", stamp := "2026-11-02T12:06:00Z"), stamp),
        (signed(b"{}", "soon"), "soon"),
    ],
)
def test_a_wrong_or_old_signature_is_refused(signature: str, stamp: str) -> None:
    with pytest.raises(AuthError):
        verify(b"{}", signature, stamp, SECRET, NOW)


def test_a_fresh_signature_is_accepted_and_an_empty_secret_never() -> None:
    verify(b"{}", signed(b"{}"), STAMP, SECRET, NOW + timedelta(minutes=4))
    with pytest.raises(AuthError):
        verify(b"{}", signed(b"{}", secret=""), STAMP, "", NOW)


async def test_a_pushed_body_comes_through_its_source(session: aiohttp.ClientSession) -> None:
    made: Any = source("tickets", session, "https://acme.zendesk.com", secrets={"secret": SECRET})
    body = fixture("tickets.json")
    batch = made.receive(body, {SIGNATURE.lower(): signed(body), SIGNED_AT.lower(): STAMP})
    assert batch.mentions[0].url == "https://acme.zendesk.com/agent/tickets/5158"
    with pytest.raises(AuthError):
        made.receive(body, {})
    gone = json.dumps(event("ticket.soft_deleted")).encode()
    assert made.receive(gone, {SIGNATURE: signed(gone), SIGNED_AT: STAMP}).deleted == ("5158:0",)
    with pytest.raises(PermanentError, match="not valid JSON"):
        made.receive(b"", {SIGNATURE: signed(b""), SIGNED_AT: STAMP})
    assert (await made.fetch("kept")).cursor == "kept"
