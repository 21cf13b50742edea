"""The settings of subscribers: nothing is offered unless it is asked for, and mail needs a server."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from config.settings import Settings

TREE = {"brand": {"name": "Nar"}, "components": [{"id": "payments", "names": {"en": "Payments"}}]}
MAIL = {"url": "smtp://localhost", "sender": "news@nar.example"}


def read(**subscribers: Any) -> Settings:
    return Settings.model_validate({**TREE, "mail": MAIL, "subscribers": subscribers})


def test_nothing_is_offered_unless_it_is_asked_for() -> None:
    wanted = Settings.model_validate(TREE).subscribers
    assert (wanted.mail, wanted.webhooks, wanted.slack, wanted.push) == (False, False, False, False)
    assert wanted.unconfirmed_expire == timedelta(hours=48)


def test_mail_to_subscribers_needs_a_mail_server() -> None:
    with pytest.raises(ValidationError, match=r"subscribers\.mail: set `mail` first"):
        Settings.model_validate({**TREE, "subscribers": {"mail": True}})
    assert read(mail=True).subscribers.mail


@pytest.mark.parametrize(("name", "value"), [
    ("unconfirmed_expire", "PT5M"), ("unconfirmed_expire", "P15D"), ("connections", 0), ("connections", 51),
    ("bounces", "bounce"), ("bounces", "bounce+tag@nar.example"), ("bounces", "a@b\nBcc: c@d.example"), ("sms", True),
])  # fmt: skip
def test_what_cannot_work_is_refused(name: str, value: Any) -> None:
    with pytest.raises(ValidationError):
        read(**{name: value})


def test_push_services_are_hosts() -> None:
    assert "fcm.googleapis.com" in read(push=True).subscribers.push_hosts
    mine = read(push_hosts=[" Push.Example ", "push.example:8443", "all.example:443"]).subscribers.push_hosts
    assert mine == ("push.example", "push.example:8443", "all.example")
    for typed in ("https://push.example/", "com", "*.push.example", "push.example/x", "", ".example", "push.example:"):
        with pytest.raises(ValidationError, match=r"is no host such as push\.example\.com"):
            read(push_hosts=[typed])


def test_a_bounce_address_is_taken() -> None:
    assert read(bounces="bounce@nar.example").subscribers.bounces == "bounce@nar.example"
