"""Whatever is typed, what is kept is one address that can do nothing but be an address."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.subscribers.addresses import AddressProblem, browser_keys, mail_address, read_address, unpadded, veiled
from domain.told.subscriber import Channel

TYPED = st.text(max_size=80) | st.builds(
    "{}@{}".format, st.text(max_size=40), st.sampled_from(["mail.example", "ödeme.example", "نامه.example", "x", ""])
)


@given(TYPED)
def test_a_kept_mail_address_is_ascii_one_recipient_and_its_own_form(typed: str) -> None:
    address = mail_address(typed)
    if address is None:
        return
    assert address.isascii()
    assert mail_address(address) == address
    message = EmailMessage(policy=SMTP)
    message["To"] = address
    assert [found.addr_spec for found in message["To"].addresses] == [address]
    assert set(address) & set(' \t\r\n,;:<>()[]"\\\0') == set()


@given(st.text(max_size=200), st.sampled_from(list(Channel)))
def test_any_text_is_read_or_refused(typed: str, channel: Channel) -> None:
    read = read_address(channel, typed)
    assert isinstance(read, AddressProblem) or "\n" not in read


@pytest.mark.parametrize(("typed", "kept"), [
    ("Zeynep.Kaya+news@Mail.Example", "Zeynep.Kaya+news@mail.example"), ("a@mail.example.", "a@mail.example"),
    ("a@ÖDEME.example", "a@xn--deme-4qa.example"), ("a@xn--deme-4qa.example", "a@xn--deme-4qa.example"),
    ("o'neil@mail.example", "o'neil@mail.example"), ("\u2067a@mail.example\u2069", "a@mail.example"),
    ("a@mail。example", "a@mail.example"),
])  # fmt: skip
def test_addresses_that_people_have_are_taken(typed: str, kept: str) -> None:
    assert mail_address(typed) == kept


def test_what_is_shown_of_an_address_is_enough_to_know_it_again() -> None:
    assert veiled(Channel.MAIL, "zeynep@mail.example") == "z…@mail.example"
    assert veiled(Channel.SLACK, "https://hooks.slack.com/services/T/B/secret") == "hooks.slack.com"


def test_keys_of_a_browser_are_a_point_and_sixteen_bytes() -> None:
    point, secret = "B" + "A" * 86, "A" * 22
    assert browser_keys(point, secret) == {"p256dh": point, "auth": secret}
    assert browser_keys(secret, point) is None
    assert unpadded("+/") is None
    assert unpadded("A") is None
