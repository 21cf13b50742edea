"""Who speaks is told by handle, full handle, id or address of the profile, and never by the shown name."""

from __future__ import annotations

import pytest

from domain.heard.mention import Author, Role
from domain.heard.roles import NOBODY, known, role_of
from tests.domain.make import record

LISTS = known(
    own=("@Nar", "nar_destek@town.example", "https://www.forum.example/u/nar/"),
    employees=("zeynep@town.example", "did:plc:abc123"),
    bots=("Repeater", "nar"),
    competitors=("@elma", " "),
)
TOWN = "https://town.example/@"


@pytest.mark.parametrize(
    ("author", "role"),
    [
        (Author("1", "Nar", "nar"), Role.OWN),
        (Author("1", "Nar", "@NAR"), Role.OWN),
        (Author("1", "Nar", "nar@evil.example", url="https://evil.example/@nar"), Role.CUSTOMER),  # another server's
        (Author("1", "Nar", "stranger"), Role.CUSTOMER),  # anybody can be shown as Nar
        (Author("1", "", "nar_destek", url=f"{TOWN}nar_destek"), Role.OWN),  # told by its own server
        (Author("1", "", "nar_destek@town.example", url=f"{TOWN}nar_destek"), Role.OWN),  # told by another one
        (Author("1", "", "nar_destek", url="https://evil.example/@nar_destek"), Role.CUSTOMER),
        (Author("1", "", "x", url="http://forum.example/u/NAR"), Role.OWN),
        (Author("https://forum.example/u/nar", "", "x"), Role.OWN),
        (Author("1", "", "zeynep", url=f"{TOWN}zeynep"), Role.EMPLOYEE),
        (Author("did:plc:ABC123", "", "z.bsky.example"), Role.EMPLOYEE),
        (Author("1", "", "repeater"), Role.BOT),
        (Author("1", "", "Elma"), Role.COMPETITOR),
        (Author("1", "Elma"), Role.CUSTOMER),
        (Author(""), Role.CUSTOMER),  # an empty entry in a list is nobody
        (Author("1", "", "a", url="http://["), Role.CUSTOMER),
        (Author("1", "", "İlker"), Role.CUSTOMER),
    ],
)
def test_the_role_of_an_author(author: Author, role: Role) -> None:
    assert role_of(author, LISTS) is role


def test_letters_beyond_ascii_are_found_in_any_case() -> None:
    lists = known(bots=("ŞİMŞEK_BOT", "پرسش‌گر"))
    assert role_of(Author("1", "", "şİmşek_bot"), lists) is Role.BOT
    assert role_of(Author("1", "", "@پرسش‌گر"), lists) is Role.BOT


def test_on_two_lists_we_come_first() -> None:
    assert role_of(Author("1", "", "nar"), LISTS) is Role.OWN
    twice = known(employees=("kim",), bots=("kim",), competitors=("kim",))
    assert role_of(Author("1", "", "kim"), twice) is Role.EMPLOYEE


def test_without_lists_everybody_is_a_customer() -> None:
    assert known() == NOBODY
    assert role_of(Author("", "", ""), NOBODY) is Role.CUSTOMER


@pytest.mark.parametrize(
    ("role", "own", "customer"),
    [
        (Role.CUSTOMER, False, True),
        (Role.CUSTOMER, True, False),  # as records of earlier versions say it
        (Role.OWN, True, False),
        (Role.EMPLOYEE, True, False),
        (Role.BOT, False, False),
        (Role.COMPETITOR, False, False),
    ],
)
def test_only_customers_are_heard_as_customers(role: Role, own: bool, customer: bool) -> None:
    assert record(role=role, own=own).heard_as_customer is customer
