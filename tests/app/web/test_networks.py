"""Names for networks: the same for neighbours, another one each day, and no way back to an address."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.web.networks import UNKNOWN, NetworkNames, line_of, network_of

NOW = datetime(2026, 3, 6, 23, 50, tzinfo=UTC)


@pytest.mark.parametrize(
    ("address", "network", "line"),
    [
        ("203.0.113.7", "203.0.113.0/24", "203.0.113.7/32"),
        ("203.0.113.250", "203.0.113.0/24", "203.0.113.250/32"),
        (" 203.0.113.7:51234 ", "203.0.113.0/24", "203.0.113.7/32"),
        ("::ffff:203.0.113.7", "203.0.113.0/24", "203.0.113.7/32"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48", "2001:db8:1:2::/64"),
        ("[2001:db8:1:ffff::4]:443", "2001:db8:1::/48", "2001:db8:1:ffff::/64"),
        ("", UNKNOWN, UNKNOWN),
        ("unix:", UNKNOWN, UNKNOWN),
        ("<script>", UNKNOWN, UNKNOWN),
        ("203.0.113.7.9", UNKNOWN, UNKNOWN),
    ],
)
def test_an_address_has_a_neighbourhood_and_a_line(address: str, network: str, line: str) -> None:
    assert (network_of(address), line_of(address)) == (network, line)


def test_a_name_holds_for_a_day_and_for_one_process() -> None:
    moments = iter([NOW, NOW, NOW, NOW + timedelta(minutes=20)])
    names = NetworkNames(lambda: next(moments))
    first, again, other, tomorrow = (
        names.name("net", "a"),
        names.name("net", "a"),
        names.name("neta"),
        names.name("net", "a"),
    )
    assert first == again
    assert len({first, other, tomorrow, NetworkNames(lambda: NOW).name("net", "a")}) == 4
    assert len(first) == 20


def test_the_key_is_shown_to_nobody() -> None:
    names = NetworkNames(lambda: NOW)
    names.name("a")
    assert names._key.hex() not in repr(names)
