"""Bounces that come back by mail: read whatever their shape, held only against a subscriber they prove."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.subscribers.bounces import read_bounce
from app.subscribers.judging import judge, judge_status
from domain.told.mailing import Verdict
from domain.told.subscriber import FORGIVEN, Standing, Subscriber
from tests.app.subscribers.town import Town, incident

ADDRESS = "zeynep@mail.example"


def report(
    *, to: str = "news@nar.example", returned: str = "", status: str = "5.1.1", action: str = "failed",
    returned_kind: str = "message/rfc822", address: str = ADDRESS,
) -> bytes:  # fmt: skip
    """Write a delivery report as Postfix does."""
    return f"""From: MAILER-DAEMON@mx.example (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Fri, 6 Mar 2026 16:45:00 +0000

Final-Recipient: rfc822; {address}
Original-Recipient: rfc822;{address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 <{address}>: Recipient address rejected

--B
Content-Type: {returned_kind}

{returned}
Subject: [Nar] Cards are declined

Words of the mail
--B--
""".encode()


async def told(town: Town) -> tuple[Subscriber, str]:
    """Let one subscriber get one mail, and give its Message-ID."""
    known = await town.add(ADDRESS)
    await town.store.add(incident())
    await town.room.settle()
    return known, str(town.sink.mails()[0]["Message-ID"])


async def after(town: Town) -> Subscriber:
    known = await town.known(ADDRESS)
    assert known is not None
    return known


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
async def test_no_such_user_stops_the_address_that_the_returned_mail_proves(town: Town, kind: str) -> None:
    known, message_id = await told(town)
    bounce = report(returned=f"Message-ID: {message_id}", returned_kind=kind)
    assert await town.room.bounces.take(bounce) == f"{known.id}: stopped (5.1.1)"
    assert (await after(town)).state is Standing.BOUNCED


async def test_the_return_path_proves_it_too(town: Town) -> None:
    known, _ = await told(town)
    path = f"bounce+{town.room.links.tag(known, '-')}@nar.example"
    assert "stopped" in await town.room.bounces.take(report(to=path))


@pytest.mark.parametrize("traces", [
    {}, {"to": "bounce+00000000000000000000-0000000000000000@nar.example"},
    {"returned": "Message-ID: <00000000000000000000.0000000000000000.mailing_1@nar.example>"},
])  # fmt: skip
async def test_a_forged_bounce_harms_nobody(town: Town, traces: dict[str, str]) -> None:
    await told(town)
    assert await town.room.bounces.take(report(**traces)) == "not about a subscriber of ours"  # type: ignore[arg-type]
    assert (await after(town)).state is Standing.ACTIVE


async def test_the_proof_of_one_subscriber_says_nothing_of_another(town: Town) -> None:
    known, _ = await told(town)
    other = await town.add("other@mail.example")
    mixed = other.id.removeprefix("sub_") + town.room.links.tag(known, "-")[20:]
    answer = await town.room.bounces.take(report(to=f"bounce+{mixed}@nar.example"))
    assert answer == "not about a subscriber of ours"


async def test_a_full_mailbox_is_borne_twice_also_when_the_server_takes_every_mail_first(town: Town) -> None:
    known, message_id = await told(town)
    bounce = report(returned=f"Message-ID: {message_id}", status="5.2.2")
    for number in range(3):
        assert (await after(town)).state is Standing.ACTIVE
        await town.room.bounces.take(bounce)
        await town.store.add(incident(id=f"inc_{number + 5}"))
        await town.room.settle()
    assert (await after(town)).state is Standing.BOUNCED
    assert known.id == (await after(town)).id


async def test_bounces_that_are_a_month_apart_are_not_added_up(town: Town) -> None:
    _, message_id = await told(town)
    for _ in range(4):
        await town.room.bounces.take(report(returned=f"Message-ID: {message_id}", status="5.2.2"))
        town.clock.at += FORGIVEN + timedelta(minutes=1)
    assert (await after(town)).state is Standing.ACTIVE


@pytest.mark.parametrize(("action", "status"), [("delayed", "4.4.1"), ("failed", "4.4.7"), ("delivered", "2.0.0")])
async def test_a_delay_is_no_bounce(town: Town, action: str, status: str) -> None:
    known, message_id = await told(town)
    answer = await town.room.bounces.take(report(returned=f"Message-ID: {message_id}", action=action, status=status))
    assert answer == f"{known.id}: delayed, nothing to do"
    assert (await after(town)).failures == 0


async def test_a_bounce_because_of_our_reputation_is_not_held_against_the_address(town: Town) -> None:
    _, message_id = await told(town)
    for _ in range(5):
        await town.room.bounces.take(report(returned=f"Message-ID: {message_id}", status="5.7.1"))
    assert (await after(town)).state is Standing.ACTIVE


@pytest.mark.parametrize("raw", [
    b"", b"\xff\xfe\x00", b"Subject: hello\n\nhow are you?", b"Content-Type: multipart/report\n\n",
    b"Content-Type: multipart/report; boundary=B\n\n--B\nContent-Type: message/delivery-status\n\n--B--",
    b"Content-Type: message/delivery-status\n\nnonsense", b'From: "' + b'"' * 20_000 + b"\n\nx",
    b"Content-Type: multipart/mixed; boundary=a\n\n" * 2000, b"To: " + b"a" * 900_000,
])  # fmt: skip
async def test_whatever_else_is_piped_in_is_no_report_and_no_error(town: Town, raw: bytes) -> None:
    assert read_bounce(raw) is None
    assert await town.room.bounces.take(raw) == "no delivery report"


def test_a_report_is_read_with_what_it_says() -> None:
    found = read_bounce(report(to="bounce+x@nar.example", returned="Message-ID: <1@nar.example>"))
    assert found is not None
    assert (found.address, found.status, found.permanent) == (ADDRESS, "5.1.1", True)
    assert found.traces == ("bounce+x@nar.example", "<1@nar.example>")


@pytest.mark.parametrize(("code", "words", "verdict"), [
    (550, "5.1.1 no such user", Verdict.GONE), (550, "5.1.10 null MX", Verdict.GONE),
    (550, "No such user here", Verdict.GONE), (553, "mailbox unavailable", Verdict.GONE),
    (551, "User not found", Verdict.GONE), (550, "5.7.1 blocked, see https://block.example", Verdict.OURS),
    (554, "5.7.26 unauthenticated", Verdict.OURS), (550, "rejected", Verdict.REFUSED),
    (552, "5.2.2 mailbox full", Verdict.REFUSED), (554, "transaction failed", Verdict.REFUSED),
    (550, "5.2.1 disabled", Verdict.REFUSED), (450, "4.2.0 greylisted", Verdict.LATER), (421, "busy", Verdict.LATER),
    (452, "5.1.1 strange but temporary", Verdict.LATER), (550, "from 15.1.1.2: rejected", Verdict.REFUSED),
])  # fmt: skip
def test_a_refusal_is_judged_by_its_code_and_words(code: int, words: str, verdict: Verdict) -> None:
    assert judge(code, words).verdict is verdict


@pytest.mark.parametrize(("status", "verdict"), [
    ("5.1.1", Verdict.GONE), ("5.7.1", Verdict.OURS), ("5.2.2", Verdict.REFUSED), ("4.4.1", Verdict.LATER),
])  # fmt: skip
def test_a_status_is_judged(status: str, verdict: Verdict) -> None:
    assert judge_status(status) is verdict
