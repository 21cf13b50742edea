"""Webhooks, Slack channels and browsers: how each says yes, what it is sent, and whom we never post to."""

from __future__ import annotations

import base64
import json
import struct
from contextlib import AsyncExitStack
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.subscribers.addresses import AddressProblem, read_address
from app.subscribers.push import b64, encrypt, key_of, new_number, point
from app.subscribers.room import open_room
from config.secrets import Secrets
from config.settings import Settings
from domain.component import ComponentStatus
from domain.errors import PermanentError
from domain.incidents.incident import IncidentStatus
from domain.signing import SIGNATURE_HEADER, digest
from domain.told.mailing import Mailing, MailingState
from domain.told.subscriber import Channel, Standing, Subscriber, Wish
from tests.app.subscribers.town import NOW, TREE, Town, incident, open_town, said, work


async def the_subscriber(town: Town) -> Subscriber:
    (found,) = await town.store.find(Subscriber)
    return found


async def round_of(town: Town, minutes: float = 0) -> None:
    town.clock.passes(minutes=minutes)
    await town.room.settle()


def is_signed(headers: dict[str, str], body: bytes, secret: str) -> bool:
    stamp, _, proof = headers[SIGNATURE_HEADER].partition(",v1=")
    return proof == digest(body, secret, int(stamp.removeprefix("t=")))


# --- webhooks


async def test_a_webhook_says_yes_by_answering_with_the_challenge(town: Town) -> None:
    asked = await town.sign_up(town.hearer.url, channel="webhook")
    assert asked.headers["Location"] == "/en/subscribe/asked/webhook"
    await town.room.errands.run()
    (question,) = town.hearer.said()
    assert question["event"] == "challenge"
    assert question["meta"]["manage"].startswith("https://nar.example/en/manage/")
    assert is_signed(*town.hearer.heard[0], question["secret"])
    assert (await the_subscriber(town)).state is Standing.ACTIVE


async def test_a_webhook_that_does_not_answer_with_it_stays_unconfirmed_and_is_asked_once(town: Town) -> None:
    town.hearer.echo = False
    await town.sign_up(town.hearer.url, channel="webhook")
    for _ in range(3):
        await round_of(town, 30)
    known = await the_subscriber(town)
    assert (known.state, len(town.hearer.heard)) == (Standing.PENDING, 1)
    assert "challenge" in (known.error or "")


async def test_news_come_signed_in_the_shape_that_readers_of_statuspage_know(town: Town) -> None:
    await town.sign_up(town.hearer.url, channel="webhook")
    await town.room.errands.run()
    secret = town.hearer.said()[0]["secret"]
    town.clock.passes(minutes=1)
    await town.store.add(incident(said(at=town.clock())))
    await town.room.settle()
    headers, body = town.hearer.heard[-1]
    told = json.loads(body)
    assert is_signed(headers, body, secret)
    assert headers["Content-Type"] == "application/json"
    assert (told["event"], told["page"]["status_indicator"]) == ("incident_update", "major")
    assert (told["incident"]["id"], told["incident"]["status"]) == ("inc_1", "investigating")
    assert told["incident"]["incident_updates"][0]["body"] == "We look into it."
    assert told["component_updates"] == [{
        "component_id": "payments", "old_status": "operational", "new_status": "partial_outage",
        "created_at": told["incident"]["incident_updates"][0]["created_at"], "incident_id": "inc_1",
    }]  # fmt: skip
    stop = told["meta"]["unsubscribe"]
    assert (await town.post(stop)).status == 200
    assert (await the_subscriber(town)).state is Standing.STOPPED


async def test_planned_work_is_told_to_webhooks_too(town: Town) -> None:
    await town.add(town.hearer.url, channel=Channel.WEBHOOK)
    await town.store.add(work())
    await town.room.settle()
    (told,) = town.hearer.said()
    assert (told["event"], told["incident"]["impact"]) == ("maintenance_update", "maintenance")


async def test_nothing_internal_is_sent(town: Town) -> None:
    await town.add(town.hearer.url, channel=Channel.WEBHOOK)
    await town.store.add(incident(said(components={"payments": ComponentStatus.MAJOR_OUTAGE})))
    await town.room.settle()
    assert "Ada" not in town.hearer.heard[0][1].decode()


async def test_a_webhook_that_fails_is_tried_again_under_the_same_key(town: Town) -> None:
    await town.add(town.hearer.url, channel=Channel.WEBHOOK)
    town.hearer.status = 503
    await town.store.add(incident())
    await round_of(town)
    await round_of(town)
    assert len(town.hearer.heard) == 1
    await round_of(town, 1)
    assert len(town.hearer.heard) == 2
    town.hearer.status = 200
    await round_of(town, 5)
    keys = {headers["Idempotency-Key"] for headers, _ in town.hearer.heard}
    assert (len(town.hearer.heard), len(keys)) == (3, 1)
    (mailing,) = await town.store.find(Mailing)
    assert (mailing.state, mailing.sent, mailing.owed) == (MailingState.DONE, 1, 0)


async def test_the_wait_a_webhook_asks_for_is_kept(town: Town) -> None:
    await town.add(town.hearer.url, channel=Channel.WEBHOOK)
    town.hearer.status, town.hearer.headers = 429, {"Retry-After": "1800"}
    await town.store.add(incident())
    await round_of(town)
    await round_of(town, 29)
    assert len(town.hearer.heard) == 1
    await round_of(town, 2)
    assert len(town.hearer.heard) == 2


async def test_a_webhook_that_is_gone_is_stopped_at_once(town: Town) -> None:
    known = await town.add(town.hearer.url, channel=Channel.WEBHOOK)
    town.hearer.status = 410
    await town.store.add(incident())
    await round_of(town)
    assert (await town.store.get(Subscriber, known.id)).state is Standing.BOUNCED  # type: ignore[union-attr]


async def test_a_webhook_that_fails_for_good_is_stopped_after_five_mailings(town: Town) -> None:
    await town.add(town.hearer.url, channel=Channel.WEBHOOK)
    town.hearer.status = 404
    for number in range(5):
        assert (await the_subscriber(town)).state is Standing.ACTIVE
        await town.store.add(incident(id=f"inc_{number}"))
        await round_of(town)
    assert (await the_subscriber(town)).state is Standing.BOUNCED


async def test_dead_webhooks_delay_neither_the_living_nor_the_mail(town: Town) -> None:
    for number in range(30):
        await town.add(f"http://127.0.0.1:9/{number}", channel=Channel.WEBHOOK)
    await town.add(town.hearer.url, channel=Channel.WEBHOOK)
    await town.add("a@mail.example")
    await town.store.add(incident())
    await round_of(town)
    assert (len(town.hearer.heard), len(town.sink.got)) == (1, 1)
    assert {m.state for m in await town.store.find(Mailing)} == {MailingState.DONE}


async def test_a_redirect_is_not_followed(town: Town) -> None:
    await town.add(town.hearer.url, channel=Channel.WEBHOOK)
    town.hearer.status, town.hearer.headers = 302, {"Location": "http://169.254.169.254/"}
    await town.store.add(incident())
    await round_of(town)
    assert len(town.hearer.heard) == 1
    assert (await the_subscriber(town)).failures == 1


@pytest.mark.parametrize("url", [
    "https://127.0.0.1/hook", "https://localhost/hook", "https://169.254.169.254/latest", "https://[::1]/", "https://10.1.2.3/",
    "https://2130706433/", "https://0177.0.0.1/", "https://router.local/",
])  # fmt: skip
async def test_no_stranger_makes_us_ask_our_own_network(town: Town, url: str) -> None:
    """Also not hosts that the owner allows for sources: the session for strangers allows none."""
    private = {"private_hosts": ["127.0.0.1", "localhost", "10.0.0.0/8"]}
    settings = Settings.model_validate({**TREE, "subscribers": {"webhooks": True}, "network": private})
    async with AsyncExitStack() as stack:
        strict = await open_room(settings, Secrets(), town.store, stack, town.clock)
        assert (await town.sign_up(url, channel="webhook")).status == 303
        await strict.errands.run()
        known = await the_subscriber(town)
        assert (known.state, known.errand) == (Standing.PENDING, None)
        assert "points to a private network address" in (known.error or "")


@pytest.mark.parametrize("url", [
    "http://hook.example/1", "ftp://hook.example/", "//hook.example/", "hook.example", "https://", "https://u:p@hook.example/",
    "javascript:alert(1)", "https://hook.example/\r\nX: y", "https://ho ok.example/", "https://hook.example:99999/",
    "https://hook.example/" + "x" * 2100,
])  # fmt: skip
def test_what_is_no_https_address_is_refused(url: str) -> None:
    assert read_address(Channel.WEBHOOK, url) is AddressProblem.URL


async def test_one_address_written_in_two_ways_is_one_subscriber(town: Town) -> None:
    for typed in ("https://Hook.example:443/a#x", "https://hook.example/a"):
        await town.sign_up(typed, channel="webhook")
    assert (await the_subscriber(town)).address == "https://hook.example/a"


# --- Slack


async def test_a_slack_channel_confirms_by_the_button_behind_its_link(town: Town) -> None:
    await town.sign_up(town.hearer.url, channel="slack", language="tr")
    await town.room.errands.run()
    (asked,) = town.hearer.said()
    link = asked["text"].rpartition("<")[2].rstrip(">")
    assert "/tr/subscribe/confirm/" in link
    assert (await the_subscriber(town)).state is Standing.PENDING
    page = await town.get(link)
    await town.post(str(page.forms()[0]["action"]))
    assert (await the_subscriber(town)).state is Standing.ACTIVE


async def test_words_in_slack_can_mention_and_link_nobody(town: Town) -> None:
    await town.add(town.hearer.url, channel=Channel.SLACK)
    hostile = "<!channel> @here <https://evil.example|click> *bold* `code`"
    await town.store.add(incident(said(texts={"en": hostile}), titles={"en": f"Cards {hostile}"}))
    await town.room.settle()
    (told,) = town.hearer.said()
    assert "<!channel>" not in told["text"]
    assert "<https://evil" not in told["text"]
    assert "<https://nar.example/en/incidents/inc_1.html>" in told["text"]
    assert "/en/manage/" in told["text"]
    assert told["unfurl_links"] is False


@pytest.mark.parametrize("url", [
    "https://hooks.slack.com.evil.example/services/T/B/x", "https://evil.example/services/T/B/x",
    "https://hooks.slack.com@evil.example/services/x", "https://hooks.slack.com/", "http://hooks.slack.com/services/T/B/x",
    "https://hooks.slack.com/workflows/T/B/x",
])  # fmt: skip
def test_only_incoming_webhooks_of_slack_itself_are_taken(url: str) -> None:
    assert read_address(Channel.SLACK, url) is AddressProblem.SLACK


def test_slacks_own_host_is_taken() -> None:
    url = "https://hooks.slack.com/services/T1/B1/secret"
    assert read_address(Channel.SLACK, f" {url} ") == url


async def test_an_archived_channel_is_stopped(town: Town) -> None:
    await town.add(town.hearer.url, channel=Channel.SLACK)
    town.hearer.status = 404
    await town.store.add(incident())
    await round_of(town)
    assert (await the_subscriber(town)).state is Standing.BOUNCED


# --- browsers


class Browser:
    """A browser with its keys; it can read what is pushed to it (RFC 8291 3.4)."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.secret = b"0123456789abcdef"

    @property
    def keys(self) -> dict[str, str]:
        """What it gives away when it subscribes."""
        return {"p256dh": b64(point(self.key.public_key())), "auth": b64(self.secret)}

    def read(self, body: bytes) -> dict[str, Any]:
        """Decrypt one message."""
        salt, (_, length) = body[:16], struct.unpack("!IB", body[16:21])
        theirs, data = body[21 : 21 + length], body[21 + length :]
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
        info = b"WebPush: info\0" + point(self.key.public_key()) + theirs
        material = HKDF(SHA256(), 32, self.secret, info).derive(shared)
        key = HKDF(SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(material)
        nonce = HKDF(SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(material)
        said: dict[str, Any] = json.loads(AESGCM(key).decrypt(nonce, data, None).rstrip(b"\0")[:-1])
        return said


async def test_a_browser_is_confirmed_by_the_first_notification_it_takes(town: Town) -> None:
    browser = Browser()
    await town.sign_up(town.hearer.url, channel="push", language="fa", **browser.keys)
    town.hearer.status = 201
    await town.room.errands.run()
    headers, body = town.hearer.heard[0]
    told = browser.read(body)
    assert (told["title"], told["lang"], told["dir"]) == ("Nar", "fa", "rtl")
    assert headers["Content-Encoding"] == "aes128gcm"
    assert (await the_subscriber(town)).state is Standing.ACTIVE


async def test_news_are_encrypted_and_signed_by_our_key(town: Town) -> None:
    browser = Browser()
    await town.add(town.hearer.url, channel=Channel.PUSH, keys=browser.keys)
    await town.store.add(incident(said(), said(2, IncidentStatus.RESOLVED, texts={"en": "It works again."})))
    await town.room.settle()
    headers, body = town.hearer.heard[0]
    told = browser.read(body)
    assert told["title"] == "Nar: Cards are declined"
    assert told["body"] == "Resolved. It works again."
    assert told["url"] == "https://nar.example/en/incidents/inc_1.html"
    scheme, _, rest = headers["Authorization"].partition(" ")
    token, public = (part.split("=", 1)[1] for part in rest.split(", "))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), base64.urlsafe_b64decode(public + "=="))
    origin = town.hearer.url.removesuffix("/services/T1/B1/secret")
    claims = jwt.decode(token, key, algorithms=["ES256"], audience=origin, options={"verify_exp": False})
    assert scheme == "vapid"
    assert claims["sub"] == "mailto:news@nar.example"
    assert 0 < claims["exp"] - NOW.timestamp() <= 24 * 3600


async def test_a_later_word_replaces_one_that_was_not_fetched_yet(town: Town) -> None:
    await town.add(town.hearer.url, channel=Channel.PUSH, keys=Browser().keys)
    await town.store.add(incident())
    await town.room.settle()
    await town.store.replace(incident(said(), said(2)))
    await town.room.settle()
    topics = [headers["Topic"] for headers, _ in town.hearer.heard]
    assert topics[0] == topics[1]
    assert len(topics[0]) <= 32


async def test_a_browser_that_took_back_its_permission_is_stopped(town: Town) -> None:
    await town.add(town.hearer.url, channel=Channel.PUSH, keys=Browser().keys)
    town.hearer.status = 410
    await town.store.add(incident())
    await round_of(town)
    assert (await the_subscriber(town)).state is Standing.BOUNCED


async def test_a_push_service_that_refuses_our_key_costs_no_subscriber(town: Town) -> None:
    await town.add(town.hearer.url, channel=Channel.PUSH, keys=Browser().keys)
    town.hearer.status = 403
    for number in range(6):
        await town.store.add(incident(id=f"inc_{number}"))
        await round_of(town)
    assert (await the_subscriber(town)).state is Standing.ACTIVE


@pytest.mark.parametrize(("p256dh", "auth"), [("", ""), ("AAAA", "AAAA"), ("x" * 87, "y" * 22), ("é", "é")])
async def test_keys_that_are_none_are_refused(town: Town, p256dh: str, auth: str) -> None:
    page = await town.sign_up("https://fcm.googleapis.com/1", channel="push", p256dh=p256dh, auth=auth)
    assert page.status == 400
    assert "allow notifications" in page.words


@pytest.mark.parametrize("url", [
    "https://victim.example/any?n=1", "https://evilpush.apple.com.example/", "https://xpush.apple.com/1", "https://apple.com/",
    "https://victim.example/fcm.googleapis.com", "https://victim.example?.push.apple.com", "http://fcm.googleapis.com/1",
    "https://victim.example#.push.apple.com", "https://fcm.googleapis.com@victim.example/", "https://push.apple.com.:444/",
    "https://fcm.googleapis.com:81/", "https://victim.example%2f.push.apple.com/", "https://[::1%25.push.apple.com]/",
    "https://victim.example\\.push.apple.com/", "https://com/", "https://mozilla.com/", "https://140.82.112.3/",
])  # fmt: skip
def test_only_the_push_services_of_browsers_are_taken(url: str) -> None:
    assert read_address(Channel.PUSH, url) is AddressProblem.PUSH


@pytest.mark.parametrize("url", [
    "https://fcm.googleapis.com/fcm/send/abc:def", "https://updates.push.services.mozilla.com/wpush/v2/x",
    "https://autopush.push.services.mozilla.com/1", "https://wns2-am3p.notify.windows.com/w/?token=x",
    "https://web.push.apple.com/QJx", "https://api.push.apple.com/1", "https://jmt17.google.com/fcm/send/x",
    "https://android.googleapis.com/gcm/send/x",
])  # fmt: skip
def test_the_push_services_of_browsers_are_taken(url: str) -> None:
    assert read_address(Channel.PUSH, url) == url
    assert read_address(Channel.PUSH, url.replace(".com/", ".com:443/")) == url


def test_the_owner_names_other_push_services() -> None:
    hosts = ("push.example", "inside.example:8443")
    for url in ("https://push.example/1", "https://a.push.example/1", "https://inside.example:8443/1"):
        assert read_address(Channel.PUSH, url, push_hosts=hosts) == url
    for url in ("https://fcm.googleapis.com/1", "https://push.example:8443/1", "https://inside.example/1"):
        assert read_address(Channel.PUSH, url, push_hosts=hosts) is AddressProblem.PUSH


async def test_a_stranger_cannot_turn_our_news_on_somebody_else(town: Town) -> None:
    page = await town.sign_up("https://victim.example/any?n=1", channel="push", **Browser().keys)
    assert page.status == 400
    assert "allow notifications" in page.words
    assert await town.store.count(Subscriber) == 0


async def test_nobody_is_posted_to_who_signed_up_before_hosts_were_checked(town: Town) -> None:
    await town.room.sign_up.ask(Wish(Channel.PUSH, "https://victim.example/1", "en", (), Browser().keys))
    await town.room.errands.run()
    known = await the_subscriber(town)
    assert (known.state, known.errand) == (Standing.PENDING, None)
    assert known.error == "This address is at no push service of subscribers.push_hosts."


def test_the_encryption_is_that_of_the_rfc() -> None:
    """The example of RFC 8291, appendix A."""

    def raw(text: str) -> bytes:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

    own = ec.derive_private_key(int.from_bytes(raw("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")), ec.SECP256R1())
    keys = {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    }
    made = encrypt(b"When I grow up, I want to be a watermelon", keys, salt=raw("DGv6ra1nlYgDCS1FRnbzlw"), own=own)
    assert b64(made) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
        "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_too_long_a_message_is_refused() -> None:
    with pytest.raises(PermanentError):
        encrypt(b"x" * 4000, Browser().keys)


def test_a_key_comes_back_from_its_number() -> None:
    number = new_number()
    assert key_of(number, "mailto:a@b.example").public == key_of(number, "x").public


async def test_the_form_gives_browsers_our_key() -> None:
    async with open_town(subscribers={"push": True}) as town:
        page = await town.get("/en/subscribe")
        (form,) = page.forms()
        assert len(str(form["data-key"])) == 87
        assert str(form["data-worker"]).startswith("/subscribe/subscribe_worker.js")
